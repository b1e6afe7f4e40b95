package import Domain
import Foundation
import Hummingbird
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
package import Storage
import UnixSignals

/// One running server: store, hub, housekeeping and HTTP, in the order in which they depend on each other.
///
///     try await MusterServer(settings: settings, guests: [LegacyRoutes()], logger: logger).run(
///         driver: SQLiteDriver(folder: folder), clock: systemClock, isReady: { port in … }
///     )
package struct MusterServer: Sendable {
    private let settings: ServerSettings
    private let timing: Timing
    private let guests: [any GuestRoutes]
    private let logger: Logger
    /// What it answers to, once it runs.
    package let routes = RouteRecord()

    /// - Parameter guests: other protocols that this server speaks, too.
    package init(
        settings: ServerSettings, timing: Timing = Timing(), guests: [any GuestRoutes], logger: Logger
    ) {
        self.settings = settings
        self.timing = timing
        self.guests = guests
        self.logger = logger
    }

    /// Why a server did not start.
    package struct StartError: Error, Sendable, CustomStringConvertible {
        package let description: String
        /// The command that leads on.
        package let next: String?
    }

    /// Runs until SIGTERM or SIGINT, or until the task is cancelled.
    ///
    /// - Parameters:
    ///   - isReady: called once when the socket is open, with the port that was bound.
    ///   - signals: listen to SIGTERM and SIGINT; tests stop by cancelling instead.
    /// - Throws: `StartError` for an open address without tokens or a port in use; `StoreError` for the data folder.
    package func run(
        driver: any StoreDriver, clock: @escaping @Sendable () -> Instant, signals: Bool = true,
        isReady: @escaping @Sendable (Int) -> Void
    ) async throws {
        let waiters = ClaimWaiters()
        let hub = WatchHub(waiters: waiters)
        let store: Store
        do {
            store = try await Store.open(
                driver: driver, clock: clock, timing: timing, observer: hub, node: node,
                memory: driver.isShared ? nil : SequenceFile(folder: settings.dataFolder),
                randomBytes: TokenSecret.randomBytes
            )
        } catch {
            await driver.close()
            throw error
        }
        do {
            try await serve(store, hub: hub, waiters: waiters, signals: signals, isReady: isReady)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    /// How the other servers of a shared database know this one.
    private var node: NodeDescription {
        NodeDescription(
            hostname: ProcessInfo.processInfo.hostName, pid: Int(ProcessInfo.processInfo.processIdentifier),
            version: settings.version, address: "\(settings.host):\(settings.port)"
        )
    }

    private func serve(
        _ store: Store, hub: WatchHub, waiters: ClaimWaiters, signals: Bool,
        isReady: @escaping @Sendable (Int) -> Void
    ) async throws {
        hub.use(epoch: store.epoch)
        if store.beganAnew {
            logger.notice(
                "the database was restored, or nothing says that it wasn't; whoever watches begins anew",
                metadata: ["epoch": "\(store.epoch)"]
            )
        }
        let isOpen = settings.isLoopback && !settings.requiresTokens || settings.isInsecure
        let tokenCount = try await store.read { try Tokens.count($0) }
        if !isOpen && tokenCount == 0 {
            throw StartError(
                description: settings.isLoopback
                    ? "This server is to ask for tokens, and it has none."
                    : "On \(settings.host) others reach this server, and it has no tokens.",
                next: "muster token create me --role admin && muster token create workers --role worker"
            )
        }
        let server = ServerContext(
            store: store, hub: hub, waiters: waiters,
            access: Access(store: store, asksForTokens: !isOpen, isInsecure: settings.isInsecure),
            artifacts: try ArtifactStore(dataFolder: settings.dataFolder, secret: store.urlSecret),
            pictures: try PictureStore(dataFolder: settings.dataFolder),
            pages: try PageRenderers(developmentFolder: settings.dashboardFolder), settings: settings, logger: logger
        )
        hub.use(accessChanged: { [access = server.access] in access.forgetAll() })
        let application = try application(server, isReady: isReady)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [application, Housekeeping(server: server)],
                gracefulShutdownSignals: signals ? [.sigterm, .sigint] : [],
                logger: logger
            )
        )
        do {
            try await group.run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw StartError(
                description: "Port \(settings.port) on \(settings.host) is in use.",
                next: "muster serve --port \(settings.port + 1)"
            )
        }
    }

    /// A connection that brings nothing for so long, between two requests or in the middle of one, is closed. Our own
    /// clients let go of theirs sooner; a stream or a claim that waits has brought its request, and is left alone.
    private static let idleTimeout = TimeAmount.seconds(120)

    private func application(
        _ server: ServerContext, isReady: @escaping @Sendable (Int) -> Void
    ) throws -> some ApplicationProtocol {
        let router = Router(context: PeerContext.self, options: .autoGenerateHeadEndpoints)
        let table = RouteTable(router: router, server: server, record: routes)
        SessionRoutes(server: server).add(to: table)
        HeartbeatRoute(server: server).add(to: table)
        ClaimRoute(server: server).add(to: table)
        ReportRoute(server: server).add(to: table)
        JobRoutes(server: server).add(to: table)
        StudyRoutes(server: server).add(to: table)
        LogRoutes(server: server).add(to: table)
        ArtifactRoutes(server: server).add(to: table)
        WatchRoutes(server: server).add(to: table)
        ServiceRoutes(server: server).add(to: table)
        PictureRoutes(server: server).add(to: table)
        for guest in guests { guest.add(to: table) }
        PageRoutes(server: server).add(to: table)
        LiveRoutes(server: server).add(to: table)
        ActionRoutes(server: server).add(to: table)
        router.add(middleware: UnknownAddress(pages: PageRoutes(server: server)))
        return Application(
            responder: BoundPaths(next: router.buildResponder()),
            server: .eventLoops(idleTimeout: Self.idleTimeout),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: "muster"
            ),
            onServerRunning: { channel in isReady(channel.localAddress?.port ?? 0) },
            logger: logger
        )
    }
}

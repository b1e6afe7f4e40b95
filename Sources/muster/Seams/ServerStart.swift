import Domain
import Foundation
import Legacy
import Logging
import Server
import Storage

/// All that a server is started with. `ServeCommand` fills it from the settings and hands it over; what follows is
/// the server's own.
struct ServerStart: Sendable {
    /// Absolute path of the folder for database and files; made where it is missing.
    let dataFolder: String
    /// Where the database is.
    let store: StorePlace
    let host: String
    let port: Int
    /// Serve without tokens on an address that others reach.
    let isInsecure: Bool
    /// Ask for tokens on loopback, too.
    let requiresTokens: Bool
    /// Proxies whose word on where a request comes from is believed.
    let trustedProxies: [AddressRange]
    /// From where GOLIAT's own programs need no token.
    let goliatFrom: [AddressRange]
    /// How long history is kept.
    let retention: Retention
    /// Read the dashboard's files from here at every request, instead of those in the program.
    let dashboardFolder: String?
    let version: String
    let logger: Logger
    /// To be called once, when the socket is open and the store is ready, with the port that was really bound.
    let isReady: @Sendable (_ port: Int) -> Void

    /// Runs the server until it is told to stop by SIGTERM or SIGINT.
    ///
    /// - Throws: `CommandError`: `refused` for a port or data folder in use and for an open address without tokens,
    ///   each with the next command.
    func run() async throws {
        if let dashboardFolder {
            guard (try? FileManager.default.contentsOfDirectory(atPath: dashboardFolder)) != nil else {
                throw CommandError(
                    .wrongUse, "There is no folder \(dashboardFolder) to read the dashboard's files from.")
            }
        }
        let folder = URL(fileURLWithPath: dataFolder, isDirectory: true)
        let settings = ServerSettings(
            host: host, port: port, isInsecure: isInsecure, requiresTokens: requiresTokens,
            trustedProxies: trustedProxies, guestAddresses: goliatFrom, dataFolder: folder,
            dashboardFolder: dashboardFolder, version: version, retention: retention
        )
        do {
            // GOLIAT's own programs are served as well; nothing else here knows of them.
            try await MusterServer(settings: settings, guests: [LegacyRoutes()], logger: logger).run(
                driver: store.makeDriver(), clock: SystemClock.now, isReady: isReady
            )
        } catch let error as MusterServer.StartError {
            throw CommandError(.refused, error.description, next: error.next)
        } catch let error as StoreError {
            throw CommandError(.refused, error.message, next: nil)
        }
    }
}

extension Settings {
    var retention: Retention {
        var retention = Retention()
        retention.logLineMilliseconds = Int64(keepLogDays.value) * 86_400_000
        retention.logBytes = Int64(keepLogMegabytes.value) * 1_000_000
        retention.endedSessionMilliseconds = Int64(keepWorkerDays.value) * 86_400_000
        retention.finishedJobMilliseconds = Int64(keepJobDays.value) * 86_400_000
        return retention
    }
}

/// The wall clock, read in this one place and handed to everything that asks for a moment (law 10).
enum SystemClock {
    @Sendable static func now() -> Instant {
        Instant(milliseconds: Int64((Date().timeIntervalSince1970 * 1_000).rounded()))
    }
}

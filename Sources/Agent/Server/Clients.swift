import AsyncHTTPClient
import NIOCore
import NIOPosix

/// The connections of a worker: one client for its work, and one for heartbeats alone, on a thread of its own.
struct Clients: Sendable {
    let work: HTTPClient
    let beat: HTTPClient
    private let beatGroup: MultiThreadedEventLoopGroup

    /// The server is silent at most 15 s on a watch and as long as we ask on a claim.
    private static let silenceLimitSeconds: Int64 = 60
    private static let connectLimitSeconds: Int64 = 5
    /// Shorter than servers and proxies keep an idle connection, so that we let go of it first.
    private static let idleSeconds: Int64 = 20

    init() {
        beatGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        work = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.configuration)
        beat = HTTPClient(eventLoopGroupProvider: .shared(beatGroup), configuration: Self.configuration)
    }

    var beatLoop: any EventLoop { beatGroup.any() }

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: .seconds(connectLimitSeconds), read: .seconds(silenceLimitSeconds))
        configuration.connectionPool.idleTimeout = .seconds(idleSeconds)
        // Whoever asks tries again itself, and wants to know at once that nobody is there.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return configuration
    }

    func shutDown() async {
        try? await work.shutdown()
        try? await beat.shutdown()
        try? await beatGroup.shutdownGracefully()
    }
}

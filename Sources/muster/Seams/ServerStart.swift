import Logging

/// All that a server is started with. `ServeCommand` fills it from the settings and hands it over; what follows is
/// the server's own.
struct ServerStart: Sendable {
    /// Absolute path of the folder for database and files; made where it is missing.
    let dataFolder: String
    let host: String
    let port: Int
    /// Serve without tokens on an address that others reach.
    let isInsecure: Bool
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
        throw CommandError(.failed, "This build has no server in it")
    }
}

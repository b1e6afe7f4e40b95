import Wire

/// The tokens in a data folder that no server has open: how the first one is made, before there is anything to
/// authenticate with.
enum LocalTokens {
    /// Makes a token in the data folder and closes it again.
    ///
    /// - Throws: `CommandError`, with `refused` where a server has the folder open.
    static func create(_ token: NewToken, data folder: String) async throws -> TokenReply {
        throw unavailable(folder)
    }

    static func list(data folder: String) async throws -> [TokenRecord] {
        throw unavailable(folder)
    }

    static func revoke(_ id: Int64, data folder: String) async throws {
        throw unavailable(folder)
    }

    private static func unavailable(_ folder: String) -> CommandError {
        CommandError(.failed, "This build can't open the data folder \(folder) by itself", next: "muster serve")
    }
}

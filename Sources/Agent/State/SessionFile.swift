package import Connectors
package import Domain

/// A session as its process notes it, so that a later one can deliver what was left: id, token and server. Readable for
/// our user alone, since the token is the session's right.
package struct SessionFile: Sendable, Hashable {
    package let server: String
    package let session: SessionID
    package let token: String

    package init(server: String, session: SessionID, token: String) {
        self.server = server
        self.session = session
        self.token = token
    }

    package func write(to folder: String) throws(SystemError) {
        let json: JSON = ["server": .string(server), "session": .string(session.description), "token": .string(token)]
        try Files.makeFolder(folder, mode: 0o700)
        try Files.replace("\(folder)/session", with: Array(json.text.utf8), mode: 0o600)
    }

    package static func read(from folder: String) -> SessionFile? {
        guard let bytes = Files.contents("\(folder)/session"), let json = try? JSON(parsing: bytes),
            let server = json["server"]?.stringValue, let token = json["token"]?.stringValue,
            let session = json["session"]?.stringValue.flatMap(SessionID.init(text:))
        else { return nil }
        return SessionFile(server: server, session: session, token: token)
    }
}

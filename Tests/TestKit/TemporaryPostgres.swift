package import Foundation
package import StoragePostgres
import Synchronization

/// A real PostgreSQL of a test's own: made in a temporary folder, run by an ordinary user (the server refuses root),
/// on a socket in that folder and a port of the loopback. `Scripts/postgres` looks after it, and ends it with the
/// process that started it, however that ends.
package final class TemporaryPostgres: Sendable {
    /// Holds the socket, the data and the log.
    package let folder: URL
    package let port: Int
    private struct Keeper {
        let input: FileHandle
        let output: FileHandle
    }
    private let keeper: Mutex<Keeper?>

    /// The password that the loopback asks for; the socket asks none.
    package static let password = "secret of the tests"

    /// The one of this test process, started at the first call.
    package static func shared() throws -> TemporaryPostgres { try started.get() }
    private static let started = Result { try TemporaryPostgres() }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Parameter isEncrypted: it takes encrypted connections alone on its port, with a certificate for `localhost`
    ///   that `root.crt` in its folder vouches for, and `other.crt` does not. A role `keyholder`, where a test makes
    ///   it, comes in there by `client.crt` and `client.key`, and by nothing else.
    /// - Throws: ``Failure`` where PostgreSQL is not installed: tests fail then, they are not left out.
    package init(connections: Int = 1_000, isEncrypted: Bool = false) throws {
        port = try Self.freePort()
        folder = URL(fileURLWithPath: "/tmp/muster-postgres-\(UUID().uuidString.prefix(13))", isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(Self.password.utf8).write(to: folder.appendingPathComponent("password"))
        let process = Process()
        process.executableURL = Self.script
        process.arguments = [folder.path, "\(port)", "\(connections)"] + (isEncrypted ? ["tls"] : [])
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        keeper = Mutex(Keeper(input: input.fileHandleForWriting, output: output.fileHandleForReading))
        try process.run()
        let said = output.fileHandleForReading.availableData
        guard String(decoding: said, as: UTF8.self).hasPrefix("ready") else {
            throw Failure(description: "PostgreSQL did not start; Scripts/postgres said why")
        }
    }

    /// By the socket, as its owner.
    package var url: String { "postgresql:///postgres?host=\(folder.path)&port=\(port)&user=muster" }

    /// By the loopback, which asks for the password.
    package func loopbackURL(host: String = "127.0.0.1", password: String = TemporaryPostgres.password) -> String {
        let words = password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "postgresql://muster:\(words)@\(host):\(port)/postgres"
    }

    package func execute(_ script: String) throws { try PostgresScript.run(script, url: url) }

    /// A schema that nobody used before.
    package func newTarget() -> PostgresTarget {
        PostgresTarget(url: url, schema: "t_\(UUID().uuidString.replacing("-", with: "").lowercased().prefix(16))")
    }

    package func drop(_ target: PostgresTarget) {
        try? execute("DROP SCHEMA IF EXISTS \"\(target.schema)\" CASCADE")
    }

    /// A role that may come in and has no rights of its own, and the URL by which it comes.
    package func newRole() throws -> (name: String, url: String) {
        let name = "r_\(UUID().uuidString.prefix(8).lowercased())"
        try execute("CREATE ROLE \(name) LOGIN")
        return (name, url.replacing("user=muster", with: "user=\(name)"))
    }

    /// Stops the server as `kill -9` would, and starts it again.
    package func crashAndRestart() throws {
        try crash()
        try start()
    }

    package func crash() throws { try control("crash") }
    package func start() throws { try control("start") }

    /// Ends it and removes its folder.
    package func stop() {
        keeper.withLock { keeper in
            try? keeper?.input.close()
            keeper = nil
        }
    }

    /// Has the shell that looks after it do something, and waits for it.
    private func control(_ word: String) throws {
        let answer = try keeper.withLock { keeper in
            try keeper?.input.write(contentsOf: Data("\(word)\n".utf8))
            return keeper?.output.availableData ?? Data()
        }
        guard String(decoding: answer, as: UTF8.self).hasPrefix("done") else {
            throw Failure(description: "PostgreSQL did not \(word)")
        }
    }

    private static let script = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Scripts/postgres")

    private static func freePort() throws -> Int {
        let (descriptor, port) = try Loopback.boundSocket()
        close(descriptor)
        return port
    }
}

import Domain
import Foundation
import Storage
import StoragePostgres
import TestKit
import Testing

/// What stands in the URL, in libpq's environment variables and in its files, reaches the server; and what one side
/// does not trust is refused in one line.
@Suite(.timeLimit(.minutes(3))) struct ConnectionTests {
    private static func refusal(_ url: String) -> StoreError? {
        do throws(StoreError) {
            _ = try PostgresScript.rows(Statement("test.one", "SELECT 1"), url: url)
            return nil
        } catch {
            return error
        }
    }

    // MARK: - TLS

    @Test func connectionsAreEncryptedWhereTheURLSaysSo() async throws {
        let server = try TemporaryPostgres(connections: 60, isEncrypted: true)
        defer { server.stop() }
        let url = "\(server.loopbackURL(host: "localhost"))?hostaddr=127.0.0.1"
        let root = "\(server.folder.path)/root.crt"
        let encrypted = Statement(
            "test.encrypted",
            """
            SELECT COUNT(*), COUNT(*) FILTER (WHERE ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
            WHERE application_name = $1
            """
        )
        for (name, words) in [
            ("required", "sslmode=require"), ("verified", "sslmode=verify-full&sslrootcert=\(root)"),
        ] {
            let target = PostgresTarget(url: "\(url)&\(words)&application_name=\(name)", schema: "t_\(name)")
            let test = try await TestStore.open(TestPlace(target), clock: ManualClock())
            let job = try await test.submit(1)[0]
            #expect(try await test.job(job) != nil)
            let row = try await test.store.read { try $0.row(encrypted, [.text(name)]) }
            // One that writes and one that reads at the least; all of them are encrypted.
            #expect(try #require(row?.int(0)) >= 2)
            #expect(row?.int(1) == row?.int(0))
            await test.store.close()
        }
    }

    @Test func whomOneSideDoesNotTrustIsRefusedInOneLine() throws {
        let server = try TemporaryPostgres(connections: 60, isEncrypted: true)
        defer { server.stop() }
        let url = "\(server.loopbackURL(host: "localhost"))?hostaddr=127.0.0.1"
        let folder = server.folder.path
        for (words, expected) in [
            ("sslmode=verify-full&sslrootcert=\(folder)/other.crt", "certificate verify failed. Check sslrootcert"),
            ("sslmode=verify-full&sslrootcert=\(folder)/none.crt", "/none.crt\" does not exist. Check sslrootcert"),
            ("sslmode=disable", "no encryption. Check sslmode"),
        ] {
            let error = try #require(Self.refusal("\(url)&\(words)"))
            #expect(error.code == .unavailable)
            #expect(error.message.contains(expected), "\(error.message)")
            #expect(!error.message.contains("\n"))
            #expect(!error.message.contains("secret"))
            // A group that met it is not run again and again.
            #expect(!error.asksForReplay)
        }
        let named = Self.refusal("\(server.loopbackURL())?sslmode=verify-full&sslrootcert=\(folder)/root.crt")
        #expect(named?.message.contains("does not match host name") == true)
        #expect(Self.refusal("\(url)&sslmode=verify-full&sslrootcert=\(folder)/root.crt") == nil)
    }

    @Test func aRoleComesInByItsCertificateAndByNothingElse() async throws {
        let server = try TemporaryPostgres(connections: 60, isEncrypted: true)
        defer { server.stop() }
        try server.execute(
            "CREATE ROLE keyholder LOGIN PASSWORD 'secret'; GRANT CREATE ON DATABASE postgres TO keyholder")
        let folder = server.folder.path
        let url =
            "postgresql://keyholder:secret@localhost:\(server.port)/postgres?hostaddr=127.0.0.1"
            + "&sslmode=verify-full&sslrootcert=\(folder)/root.crt"
        let key = "&sslcert=\(folder)/client.crt&sslkey=\(folder)/client.key"
        let test = try await TestStore.open(TestPlace(PostgresTarget(url: url + key)), clock: ManualClock())
        let job = try await test.submit(1)[0]
        #expect(try await test.job(job) != nil)
        let known = Statement(
            "test.client_certificates",
            "SELECT COUNT(*), COUNT(client_dn) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'keyholder'"
        )
        let row = try await test.store.read { try $0.row(known, []) }
        #expect(try #require(row?.int(0)) >= 2)
        #expect(row?.int(1) == row?.int(0))
        await test.store.close()
        for (words, expected) in [
            ("", "requires a valid client certificate"),
            // It names another.
            ("&sslcert=\(folder)/server.crt&sslkey=\(folder)/server.key", "certificate authentication failed"),
            // Nobody vouches for it.
            ("&sslcert=\(folder)/other.crt&sslkey=\(folder)/other.key", "unknown ca"),
            ("&sslcert=\(folder)/client.crt&sslkey=\(folder)/server.key", "private key"),
        ] {
            let error = try #require(Self.refusal(url + words))
            #expect(error.code == .unavailable)
            #expect(error.message.contains(expected), "\(error.message)")
            #expect(error.message.hasSuffix(". Check sslcert and sslkey."), "\(error.message)")
            #expect(!error.message.contains("\n"))
            #expect(!error.message.contains("secret"))
            #expect(!error.asksForReplay)
        }
    }

    @Test func aServerWithoutEncryptionIsRefusedWhereItIsAskedFor() throws {
        let error = Self.refusal("\(try TemporaryPostgres.shared().loopbackURL())?sslmode=require")
        #expect(error?.message.contains("is not to be had encrypted: ") == true)
        #expect(error?.message.hasSuffix("Check sslmode.") == true)
    }

    // MARK: - Words

    @Test(arguments: [
        "sslmode=sometimes", "port=many", "nothing=1", "postgres://127.0.0.1/x?nothing=1", "postgres://[::1/x",
    ])
    func whatIsNoURLIsSaidSo(url: String) throws {
        let error = try #require(Self.refusal(url))
        #expect(error.code == .invalid, "\(error.message)")
        #expect(error.message.hasPrefix("This is no database URL: "), "\(error.message)")
        #expect(!error.message.contains("\n"))
    }

    @Test func ofSeveralHostsTheOneThatTakesWritesIsFound() throws {
        let server = try TemporaryPostgres.shared()
        let hosts = server.loopbackURL().replacing("@127.0.0.1:", with: "@127.0.0.1:1,127.0.0.1:")
        #expect(Self.refusal("\(hosts)?target_session_attrs=read-write") == nil)
        #expect(Self.refusal("\(hosts)?target_session_attrs=standby") != nil)
    }

    /// In a process of its own, since its environment belongs to all that runs in it.
    @Test func whatTheURLDoesNotSayIsTakenFromTheEnvironment() async throws {
        let server = try TemporaryPostgres.shared()
        await #expect(processExitsWith: .success) { [host = server.folder.path as String, port = server.port as Int] in
            try ConnectionTests.expectEnvironment(host: host, port: port)
        }
    }

    private static func set(_ variables: [String: String]) {
        for (name, value) in variables { unsafe setenv(name, value, 1) }
    }

    private static func expectEnvironment(host: String, port: Int) throws {
        set([
            "PGHOST": host, "PGPORT": "\(port)", "PGUSER": "muster", "PGDATABASE": "template1",
            "PGAPPNAME": "of the environment", "PGOPTIONS": "-c statement_timeout=4321",
        ])
        let row = try PostgresScript.rows(said, url: "postgres://").first
        #expect(row?.text(0) == "template1")
        #expect(row?.text(1) == "of the environment")
        #expect(row?.text(2) == "4321ms")
        // The URL stands over it.
        let other = try PostgresScript.rows(said, url: "dbname=postgres application_name=x").first
        #expect(other?.text(0) == "postgres")
        #expect(other?.text(1) == "x")
    }

    @Test func thePasswordFileAndTheServiceFileAreRead() async throws {
        let server = try TemporaryPostgres.shared()
        #expect(
            Self.refusal("postgres://muster@127.0.0.1:\(server.port)/postgres")?.message.contains("password") == true)
        let files = FileManager.default.temporaryDirectory.appendingPathComponent("muster-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: files) }
        let passwords = files.appendingPathComponent("passwords").path
        let line = "127.0.0.1:\(server.port):*:muster:\(TemporaryPostgres.password)\n"
        #expect(
            FileManager.default.createFile(
                atPath: passwords, contents: Data(line.utf8), attributes: [.posixPermissions: 0o600]
            )
        )
        let services = files.appendingPathComponent("services").path
        try Data("[tests]\nhost=127.0.0.1\nport=\(server.port)\nuser=muster\ndbname=template1\n".utf8)
            .write(to: URL(fileURLWithPath: services))
        await #expect(processExitsWith: .success) {
            [passwords = passwords as String, services = services as String, port = server.port as Int] in
            try ConnectionTests.expectFiles(passwords: passwords, services: services, port: port)
        }
    }

    private static func expectFiles(passwords: String, services: String, port: Int) throws {
        set(["PGPASSFILE": passwords, "PGSERVICEFILE": services])
        let plain = "postgres://muster@127.0.0.1:\(port)/postgres"
        #expect(try PostgresScript.rows(said, url: plain).first?.text(0) == "postgres")
        // A service says all but the password.
        #expect(try PostgresScript.rows(said, url: "service=tests").first?.text(0) == "template1")
        let missing = refusal("service=nobodys")
        #expect(missing?.message.hasSuffix("Check PGSERVICEFILE.") == true, "\(missing?.message ?? "")")
    }

    private static let said = Statement(
        "test.said_here",
        "SELECT current_database(), current_setting('application_name'), current_setting('statement_timeout')"
    )

    // MARK: - The library

    @Test func aMachineWithoutTheLibraryIsToldWhatToInstall() {
        func refusal(_ names: [String]) -> String {
            do throws(StoreError) {
                try LibPQ.load(names)
                return "none"
            } catch {
                return error.message
            }
        }
        let missing = refusal(["libpq.so.nobodys"])
        #expect(missing.hasPrefix("PostgreSQL's client library is not on this machine (libpq.so.nobodys: "))
        #expect(missing.hasSuffix(" libpq5") || missing.hasSuffix(" libpq"))
        #expect(!missing.contains("\n"))
        // A library that has none of the functions stands for one that is too old.
        #if os(Linux)
            #expect(refusal(["libc.so.6"]).contains("libc.so.6 is too old: it has no PQ"))
        #endif
        #expect(refusal(["libpq.so.nobodys"] + LibPQ.names) == "none")
    }
}

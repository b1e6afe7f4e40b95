package import Domain
package import Foundation
import Legacy
import Logging
import NIOHTTP1
package import Server
package import Storage
package import StoragePostgres
package import Wire

/// The real server on a free port of the loopback, with its clock in the test's hand.
///
///     try await TestServer.with { server in
///         let reply = try await server.post("/api/v1/jobs", #"{"queue":"default"}"#)
///     }
package struct TestServer: Sendable {
    package let client: TestClient
    package let clock: ManualClock
    package let folder: URL
    /// Every route of its API: `GET /api/v1/jobs/:id`.
    package let routes: [String]
    /// A token of each role that was asked for.
    package let tokens: [TokenRole: String]

    /// Starts a server, calls `body`, stops the server and removes its folder.
    ///
    /// - Parameters:
    ///   - roles: tokens that the database has before the server starts.
    ///   - folder: an existing data folder, which is then left where it is.
    ///   - engine: of the database of its own, where no other is given.
    ///   - guests: other protocols that it speaks; those of the product unless said.
    ///   - database: the schema that it shares with others; without one it has a database of its own in its folder.
    ///   - limits: how it uses PostgreSQL, where it does.
    package static func with<Value: Sendable>(
        host: String = "127.0.0.1", port: Int = 0, requiresTokens: Bool = false, trustedProxies: [AddressRange] = [],
        guestAddresses: [AddressRange] = [], roles: [TokenRole] = [],
        timing: Timing = Timing(), retention: Retention = Retention(), prunePeriod: Duration = .seconds(60),
        clock: ManualClock = ManualClock(), folder: URL? = nil, database: PostgresTarget? = nil,
        limits: PostgresLimits = PostgresLimits(), engine: Engine = .sqlite,
        guests: [any GuestRoutes] = [LegacyRoutes()],
        _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        let place =
            folder ?? FileManager.default.temporaryDirectory.appendingPathComponent("muster-\(UUID().uuidString)")
        defer { if folder == nil { try? FileManager.default.removeItem(at: place) } }
        let own = database == nil && engine == .postgres ? try TestPlace(engine) : nil
        defer { own?.remove() }
        let data = (database ?? own?.target).map { TestPlace($0, limits: limits) } ?? TestPlace(folder: place)
        let tokens = try await makeTokens(roles, in: data, clock: clock)
        let settings = ServerSettings(
            host: host, port: port, requiresTokens: requiresTokens, trustedProxies: trustedProxies,
            guestAddresses: guestAddresses, dataFolder: place, version: "test", retention: retention,
            prunePeriod: prunePeriod
        )
        let muster = MusterServer(settings: settings, timing: timing, guests: guests, logger: quiet)
        let (ready, continuation) = AsyncThrowingStream<Int, any Error>.makeStream()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await muster.run(
                        driver: data.makeDriver(), clock: { clock.now }, signals: false,
                        isReady: { continuation.yield($0) }
                    )
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            var iterator = ready.makeAsyncIterator()
            guard let port = try await iterator.next() else { throw CancellationError() }
            let server = TestServer(
                client: TestClient(port: port), clock: clock, folder: place, routes: muster.routes.all, tokens: tokens
            )
            let value: Value
            do {
                value = try await body(server)
            } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
            return value
        }
    }

    /// Nothing but what must be seen: a test that fails says itself why.
    private static var quiet: Logger {
        Logger(label: "muster") { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .critical
            return handler
        }
    }

    private static func makeTokens(
        _ roles: [TokenRole], in place: TestPlace, clock: ManualClock
    ) async throws -> [TokenRole: String] {
        guard !roles.isEmpty else { return [:] }
        let test = try await TestStore.open(place, clock: clock)
        var tokens: [TokenRole: String] = [:]
        for role in roles {
            let token = TokenSecret.make()
            tokens[role] = token
            _ = try await test.store.write { transaction in
                try Tokens.create(
                    name: "the \(role.rawValue)", role: role.rawValue, hash: TokenSecret.hash(token), transaction
                )
            }
        }
        await test.store.close()
        return tokens
    }

    // MARK: - Requests

    package func get(
        _ path: String, token: String? = nil, headers: [(String, String)] = []
    ) async throws -> TestReply {
        try await client.send(TestRequest(.GET, path, token: token, headers: headers))
    }

    package func post(
        _ path: String, _ body: String = "", token: String? = nil, headers: [(String, String)] = []
    ) async throws -> TestReply {
        try await client.send(TestRequest(.POST, path, token: token, headers: headers, body: Array(body.utf8)))
    }

    package func post(_ path: String, _ body: JSON, token: String? = nil) async throws -> TestReply {
        try await post(path, body.text, token: token)
    }

    package func delete(_ path: String, token: String? = nil) async throws -> TestReply {
        try await client.send(TestRequest(.DELETE, path, token: token))
    }

    /// The sequence after the last commit.
    package func sequence(token: String? = nil) async throws -> Int64 {
        let snapshot = try await get("/api/v1/snapshot?scope=fleet", token: token).json()
        guard let sequence = snapshot["seq"]?.intValue else { throw Unexpected("a snapshot without a sequence") }
        return sequence
    }

    package func snapshot(_ scope: String, token: String? = nil) async throws -> JSON {
        try await get("/api/v1/snapshot?scope=\(scope)", token: token).json()
    }

    /// Something that the test took for granted is not so.
    package struct Unexpected: Error, CustomStringConvertible {
        package let description: String
        package init(_ description: String) { self.description = description }
    }
}

/// A worker that speaks the protocol by hand.
package struct TestWorker: Sendable {
    package let server: TestServer
    package let id: SessionID
    package let token: String

    package var path: String { APIPath.session(id) }

    /// The same worker, that speaks to another server of its database.
    package func at(_ server: TestServer) -> TestWorker { TestWorker(server: server, id: id, token: token) }

    package func post(_ what: String, _ body: JSON) async throws -> TestReply {
        try await server.post("\(path)/\(what)", body, token: token)
    }

    package func claim(
        count: Int = 1, wait milliseconds: Int = 0, study: String? = nil, index: Int? = nil, held: [JSON] = []
    ) async throws -> TestReply {
        var members: [JSONMember] = [
            JSONMember(key: "count", value: JSON(count)),
            JSONMember(key: "waitMilliseconds", value: JSON(milliseconds)),
            JSONMember(key: "held", value: .array(held)),
        ]
        if let study { members.append(JSONMember(key: "study", value: .string(study))) }
        if let index { members.append(JSONMember(key: "index", value: JSON(index))) }
        return try await post("claims", .object(JSONObject(members)))
    }

    package func report(
        _ number: Int, _ kind: String, _ job: JSON, _ more: [(String, JSON)] = []
    ) async throws -> TestReply {
        let members =
            [
                JSONMember(key: "number", value: JSON(number)), JSONMember(key: "type", value: .string(kind)),
                JSONMember(key: "job", value: job["job"] ?? .null),
                JSONMember(key: "attempt", value: job["attempt"] ?? .null),
            ] + more.map { JSONMember(key: $0.0, value: $0.1) }
        return try await post("reports", ["reports": [.object(JSONObject(members))]])
    }

    package func beat(status: String = "running", held: [JSON] = []) async throws -> TestReply {
        try await post("heartbeat", ["status": .string(status), "held": .array(held)])
    }
}

extension TestServer {
    /// The body of a registration.
    package static func registration(
        _ worker: String = "pc", processKey: String = UUID().uuidString, machine: String = "machine-1",
        boot: String = "boot-1", queues: [String] = ["default"], studies: [String] = [], ended: Bool = false
    ) -> JSON {
        [
            "machine": [
                "id": .string(machine), "hostname": .string("\(machine).lab"), "addresses": ["10.0.0.1"],
                "os": "linux", "arch": "x86_64", "cores": 8, "memoryBytes": 16_000_000_000, "gpus": [],
                "bootId": .string(boot),
            ],
            "workerName": .string(worker), "pid": 100, "version": "abc1234", "processKey": .string(processKey),
            "predecessorEnded": .bool(ended), "queues": .array(queues.map { .string($0) }),
            "studies": .array(studies.map { .string($0) }), "slots": 1, "capabilities": [:], "connectors": [],
        ]
    }

    /// Registers a worker.
    package func worker(
        _ name: String = "pc", processKey: String = UUID().uuidString, machine: String = "machine-1",
        boot: String = "boot-1", queues: [String] = ["default"], studies: [String] = [], ended: Bool = false,
        token: String? = nil
    ) async throws -> TestWorker {
        let body = Self.registration(
            name, processKey: processKey, machine: machine, boot: boot, queues: queues, studies: studies, ended: ended
        )
        let reply = try await post(APIPath.sessions, body, token: token)
        let json = try reply.json()
        guard reply.status == 201, let text = json["session"]?.stringValue, let id = SessionID(text: text),
            let own = json["token"]?.stringValue
        else { throw Unexpected("no registration: \(reply.status) \(reply.text)") }
        return TestWorker(server: self, id: id, token: own)
    }

    /// Makes a study of `count` assignments.
    @discardableResult
    package func study(_ name: String = "heads", count: Int = 4, token: String? = nil) async throws -> JSON {
        let items = (0..<count).map { JSON($0) }
        let reply = try await post(
            APIPath.studies,
            ["name": .string(name), "assignments": .array(items.map { ["n": $0] })] as JSON, token: token
        )
        guard reply.status == 201 else { throw Unexpected("no study: \(reply.status) \(reply.text)") }
        return try reply.json()
    }

    /// Submits one job and gives its id.
    package func job(queue: String = "default", token: String? = nil) async throws -> String {
        let reply = try await post(APIPath.jobs, ["queue": .string(queue), "payload": ["n": 1]] as JSON, token: token)
        guard let id = try reply.json()["jobs"]?[0]?["id"]?.stringValue else {
            throw Unexpected("no job: \(reply.status) \(reply.text)")
        }
        return id
    }
}

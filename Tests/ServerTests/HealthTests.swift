import Domain
import TestKit
import Testing

@Suite("Health", .timeLimit(.minutes(15)))
struct HealthTests {
    @Test("A server that has just started says that it is well, ready, and what it is")
    func startsWell() async throws {
        try await TestServer.with { server in
            #expect(try await server.get("/healthz").text == "ok\n")
            #expect(try await server.get("/readyz").text == "ready\n")
            let version = try await server.get("/api/v1/version").json()
            #expect(version["version"] == "test")
            #expect(version["epoch"]?.stringValue?.isEmpty == false)
            #expect(try await server.get("/metrics").text.contains("muster_sequence "))
        }
    }
}

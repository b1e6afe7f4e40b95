import Domain
import TestKit
import Testing

@Suite("Assignments by index", .timeLimit(.minutes(15)))
struct AssignmentListTests {
    private func indices(_ reply: TestReply) throws -> [Int64] {
        try reply.json()["items"]?.arrayValue?.compactMap { $0["index"]?.intValue } ?? []
    }

    @Test(
        "Those that were named, in order, as far as there are such",
        arguments: [
            ("0,2,4-7", [0, 2, 4, 5, 6, 7]), ("7-8,0", [0, 7, 8]), ("9-1000", [9]), ("10", []), ("3", [3]),
        ] as [(String, [Int64])])
    func named(list: String, expected: [Int64]) async throws {
        try await TestServer.with { server in
            try await server.study("heads", count: 10)
            for path in ["studies/heads/assignments?", "jobs?study=heads&"] {
                #expect(try indices(try await server.get("/api/v1/\(path)index=\(list)")) == expected)
            }
        }
    }

    @Test("Page by page, and of one state")
    func pages() async throws {
        try await TestServer.with { server in
            try await server.study("heads", count: 10)
            let path = "/api/v1/studies/heads/assignments?index=1,3-5,8&limit=2"
            let first = try await server.get(path)
            #expect(try indices(first) == [1, 3])
            let next = try #require(try first.json()["next"]?.stringValue)
            let second = try await server.get("\(path)&cursor=\(next)")
            #expect(try indices(second) == [4, 5])
            let last = try #require(try second.json()["next"]?.stringValue)
            #expect(try indices(try await server.get("\(path)&cursor=\(last)")) == [8])
            let worker = try await server.worker(queues: [], studies: ["heads"])
            _ = try await worker.claim(study: "heads", index: 4)
            let pending = "/api/v1/studies/heads/assignments?index=3-5&status="
            #expect(try indices(try await server.get("\(pending)pending")) == [3, 5])
            #expect(try indices(try await server.get("\(pending)claimed")) == [4])
        }
    }

    @Test("What is no list is refused with the reason", arguments: ["", "x", "1,,2", "5-2", "1,1", "99999999999"])
    func wrong(list: String) async throws {
        try await TestServer.with { server in
            try await server.study("heads")
            let reply = try await server.get("/api/v1/studies/heads/assignments?index=\(list)")
            #expect(reply.status == 422)
            #expect(try reply.json()["errors"]?[0]?["field"] == "index")
        }
    }
}

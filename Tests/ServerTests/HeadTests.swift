import NIOHTTP1
import TestKit
import Testing

@Suite("HEAD", .timeLimit(.minutes(15)))
struct HeadTests {
    @Test(
        "A HEAD is answered as a GET is, without its body",
        arguments: [
            "/", "/studies/heads", "/api/v1/studies", "/api/v1/studies/heads", "/api/v1/openapi.json", "/healthz",
            "/assets/main.js", "/api/v1/studies/none", "/nowhere",
        ])
    func headers(path: String) async throws {
        try await TestServer.with { server in
            try await server.study("heads")
            let whole = try await server.get(path)
            // Twice over one connection: a body where none is awaited would be taken for the next answer.
            for _ in 0..<2 {
                let head = try await server.client.send(TestRequest(.HEAD, path))
                #expect(head.status == whole.status)
                #expect(head.text.isEmpty)
                #expect(head.header("content-type") == whole.header("content-type"))
                #expect(head.header("content-length") == whole.header("content-length"))
            }
        }
    }

    @Test("A HEAD of what there is not is told so without a body, too")
    func nowhere() async throws {
        try await TestServer.with { server in
            for _ in 0..<2 {
                let head = try await server.client.send(TestRequest(.HEAD, "/api/v1/nowhere"))
                #expect(head.status == 404)
                #expect(head.text.isEmpty)
            }
        }
    }

    @Test("A HEAD of a stream ends at once")
    func streams() async throws {
        try await TestServer.with { server in
            let head = try await server.client.send(TestRequest(.HEAD, "/api/v1/watch?scope=fleet"))
            #expect(head.status == 200)
            #expect(head.header("content-type") == "text/event-stream; charset=utf-8")
            #expect(head.text.isEmpty)
        }
    }
}

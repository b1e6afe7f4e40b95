import Domain
import TestKit
import Testing

@Suite("A study split as GOLIAT does it", .timeLimit(.minutes(15)))
struct PresetStudyTests {
    private static let configuration =
        #"{"study_type":"far_field","phantoms":["duke","ella"],"frequencies_mhz":[700,835.50]}"#

    private func create(_ server: TestServer, _ split: String) async throws -> TestReply {
        try await server.post(
            "/api/v1/studies", #"{"name":"far","configuration":\#(Self.configuration),"split":\#(split)}"#)
    }

    @Test("is stored with its labels and given out in the text that GOLIAT would send")
    func made() async throws {
        try await TestServer.with { server in
            let made = try await create(server, #"{"preset":"goliat","by":"frequency"}"#)
            #expect(made.status == 201)
            #expect(try made.json()["dimensions"] == ["frequencies_mhz"])
            let jobs = try await server.get("/api/v1/studies/far/assignments").json()["items"]?.arrayValue ?? []
            #expect(jobs.map { $0["label"] } == ["700", "835.5"])
            let worker = try await server.worker(queues: [], studies: ["far"])
            let claimed = try await worker.claim(study: "far", index: 1).json()
            #expect(
                claimed["jobs"]?[0]?["payload"]?.text
                    == #"{"study_type":"far_field","phantoms":["duke","ella"],"frequencies_mhz":[835.5]}"#)
            let base = try await server.get("/api/v1/studies/far?configuration=true").json()["configuration"]
            #expect(base?.text == Self.configuration)
        }
    }

    @Test("has as many assignments as GOLIAT makes, and says for good where that is fewer than asked for")
    func fewer() async throws {
        try await TestServer.with { server in
            let made = try await create(server, #"{"preset":"goliat","splits":5}"#)
            #expect(try made.json()["counts"]?["total"] == 2)
            let note = try #require(try made.json()["notes"]?[0]?.stringValue)
            #expect(note.hasPrefix("5 assignments were asked for and 2 made"))
            #expect(try await server.get("/api/v1/studies/far").json()["notes"] == [.string(note)])
            #expect(try await server.get("/studies/far").text.contains("5 assignments were asked for and 2 made"))
            let even = try await server.post(
                "/api/v1/studies",
                #"{"name":"even","configuration":\#(Self.configuration),"split":{"preset":"goliat","splits":4}}"#)
            #expect(try even.json()["counts"]?["total"] == 4)
            #expect(try even.json()["notes"] == nil)
        }
    }
}

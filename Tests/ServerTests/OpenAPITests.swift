import Domain
import TestKit
import Testing
import Wire

@Suite("OpenAPI", .timeLimit(.minutes(15)))
struct OpenAPITests {
    @Test("Every route has its operation, and every operation its route")
    func routes() async throws {
        try await TestServer.with { server in
            let document = try await server.get("/api/v1/openapi.json").json()
            var described: Set<String> = []
            for path in document["paths"]?.objectValue?.members ?? [] {
                for operation in path.value.objectValue?.members ?? [] {
                    described.insert("\(operation.key.uppercased()) \(path.key)")
                }
            }
            // What keeps an open page true belongs to the pages.
            let routed = server.routes.filter { !$0.contains(" /live/") }.map { route in
                route.split(separator: "/", omittingEmptySubsequences: false).map { part in
                    part.hasPrefix(":") ? "{\(part.dropFirst())}" : String(part)
                }.joined(separator: "/")
            }
            #expect(described == Set(routed))
            #expect(routed.count > 40)
        }
    }

    @Test("Every schema has the fields of its type, and every type its schema")
    func schemas() async throws {
        try await TestServer.with { server in
            let document = try await server.get("/api/v1/openapi.json").json()
            let schemas = document["components"]?["schemas"]?.objectValue?.members ?? []
            var described: [String: [String]] = [:]
            for schema in schemas where schema.value["type"] == "object" {
                described[schema.key] = schema.value["properties"]?.objectValue?.members.map(\.key) ?? []
            }
            for (name, fields) in Self.types {
                #expect(described[name].map(Set.init) == Set(fields), "\(name)")
            }
            #expect(Set(described.keys) == Set(Self.types.keys))
        }
    }

    @Test("What is named is there, and every operation says who may, what comes back and what can go wrong")
    func references() async throws {
        try await TestServer.with { server in
            let document = try await server.get("/api/v1/openapi.json").json()
            let names = Set(document["components"]?["schemas"]?.objectValue?.members.map(\.key) ?? [])
            for reference in Self.references(in: document) {
                #expect(names.contains(reference.replacing("#/components/schemas/", with: "")), "\(reference)")
            }
            var ids: Set<String> = []
            for path in document["paths"]?.objectValue?.members ?? [] {
                for operation in path.value.objectValue?.members ?? [] {
                    let place = "\(operation.key) \(path.key)"
                    let id = try #require(operation.value["operationId"]?.stringValue)
                    #expect(ids.insert(id).inserted, "\(place)")
                    #expect(operation.value["security"]?.arrayValue != nil, "\(place)")
                    #expect(operation.value["summary"]?.stringValue?.isEmpty == false, "\(place)")
                    let responses = operation.value["responses"]?.objectValue?.members ?? []
                    #expect(responses.contains { $0.key.hasPrefix("2") }, "\(place)")
                    #expect(responses.allSatisfy { Int($0.key) != nil }, "\(place): \(responses.map(\.key))")
                    let parameters = operation.value["parameters"]?.arrayValue ?? []
                    let named = parameters.filter { $0["in"] == "path" }.compactMap { $0["name"]?.stringValue }
                    let wanted = path.key.split(separator: "/").filter { $0.hasPrefix("{") }
                    #expect(Set(named) == Set(wanted.map { String($0.dropFirst().dropLast()) }), "\(place)")
                }
            }
        }
    }

    private static func references(in json: JSON) -> [String] {
        switch json {
        case .object(let object):
            object.members.flatMap { member in
                member.key == "$ref" ? [member.value.stringValue ?? ""] : references(in: member.value)
            }
        case .array(let elements): elements.flatMap { references(in: $0) }
        default: []
        }
    }

    private static let list = ListReply<JobRecord>.fields

    private static let types: [String: [String]] = [
        "RegisterRequest": RegisterRequest.fields, "MachineDescription": MachineDescription.fields,
        "HeartbeatRequest": HeartbeatRequest.fields, "HeldState": HeldState.fields,
        "ClaimRequest": ClaimRequest.fields, "ReportBatch": ReportBatch.fields, "Report": Report.fields,
        "NewLogLine": NewLogLine.fields, "NewJob": NewJob.fields, "SubmitRequest": SubmitRequest.fields,
        "NewStudy": NewStudy.fields, "NewArtifact": NewArtifact.fields, "NewToken": NewToken.fields,
        "Nothing": [], "RegisterReply": RegisterReply.fields, "HeartbeatReply": HeartbeatReply.fields,
        "ClaimReply": ClaimReply.fields, "ClaimedJob": ClaimedJob.fields, "ReportReply": ReportReply.fields,
        "SubmitReply": SubmitReply.fields, "SubmittedJob": SubmittedJob.fields,
        "ArtifactTicket": ArtifactTicket.fields, "ArtifactDetail": ArtifactDetail.fields,
        "SessionDetail": SessionDetail.fields, "JobDetail": JobDetail.fields,
        "StudyDetail": StudyRecord.fields + ["configuration"], "SessionList": SessionList.fields, "JobList": list,
        "StudyList": list, "QueueList": list, "ArtifactList": list, "TokenList": list, "LogPage": LogPage.fields,
        "Snapshot": Snapshot.fields, "VersionReply": VersionReply.fields, "TokenReply": TokenReply.fields,
        "TokenRecord": TokenRecord.fields, "Problem": Problem.fields, "FieldError": FieldError.fields,
        "AttemptRef": AttemptRef.fields, "ConnectorState": ConnectorState.fields,
        "Utilisation": Utilisation.fields, "JobProgress": JobProgress.fields, "HeldJob": HeldJob.fields,
        "MachineRecord": MachineRecord.fields, "SessionRecord": SessionRecord.fields, "JobRecord": JobRecord.fields,
        "JobCounts": JobCounts.fields, "StudyForecast": StudyForecast.fields, "StudyRecord": StudyRecord.fields,
        "QueueRecord": QueueRecord.fields, "AttemptRecord": AttemptRecord.fields,
        "TransitionRecord": TransitionRecord.fields, "LogLine": LogLine.fields,
        "ArtifactRecord": ArtifactRecord.fields, "WatchItem": WatchItem.fields,
        "WatchDeletion": WatchDeletion.fields,
    ]
}

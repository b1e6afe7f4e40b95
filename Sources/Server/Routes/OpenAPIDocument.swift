import Domain
import Wire

/// The OpenAPI 3.1 description of the API, made once from the tables of operations and schemas beside this file.
///
/// A test asks every route of the router for its operation, every operation for its route, and every schema for the
/// fields of its type.
enum OpenAPIDocument {
    static let bytes = Array(document.text.utf8)

    static let document: JSON = OpenAPIReader.object([
        ("openapi", "3.1.0"),
        ("info", info),
        ("servers", [["url": "/"]]),
        ("tags", .array(tags)),
        ("paths", OpenAPIReader.paths(OpenAPIOperations.all)),
        ("components", components),
    ])

    private static let info: JSON = [
        "title": "Muster",
        "version": "1",
        "summary": "A server that hands work to any set of machines, and shows it live.",
        "description": .string(
            "JSON in camelCase; times in RFC 3339, UTC, with milliseconds. A 2xx to a write means that the change is "
                + "on disk and in the sequence. Every error is a problem document (RFC 9457); 503 comes with "
                + "Retry-After. Members that a request does not know are refused; a reader of replies passes over "
                + "members that it does not know."
        ),
    ]

    private static let tags: [JSON] = [
        [
            "name": "sessions",
            "description": "Worker processes: what they say of themselves, and what is asked of them.",
        ],
        ["name": "jobs", "description": "Single units of work on queues."],
        ["name": "studies", "description": "Ordered sets of assignments split from one configuration."],
        ["name": "artifacts", "description": "Files that attempts leave behind."],
        ["name": "watch", "description": "A snapshot of a scope, and every change after it."],
        ["name": "service", "description": "Tokens, health, figures, and this document."],
    ]

    private static let components: JSON = [
        "schemas": .object(
            JSONObject(
                OpenAPIReader.schemas(OpenAPISchemas.requests, isStrict: true)
                    + OpenAPIReader.schemas(OpenAPISchemas.replies, isStrict: false)
                    + OpenAPIReader.schemas(OpenAPISchemas.records, isStrict: false) + words + ids
            )
        ),
        "securitySchemes": [
            "bearer": [
                "type": "http", "scheme": "bearer",
                "description":
                    "A token of a role, or a session's own. Where no tokens are asked for (on loopback), people need none.",
            ],
            "cookie": [
                "type": "apiKey", "in": "cookie", "name": .string(Access.cookieName),
                "description": "The same token, as a browser that signed in sends it.",
            ],
        ],
    ]

    private static let words: [JSONMember] = [
        word("SessionStatus", SessionStatus.self), word("JobStatus", JobStatus.self),
        word("StudyStatus", StudyStatus.self), word("AttemptOutcome", AttemptOutcome.self),
        word("ConnectorStatus", ConnectorStatus.self), word("LogLevel", LogLevel.self),
        word("ReportKind", ReportKind.self), word("TokenRole", TokenRole.self), word("EntityKind", EntityKind.self),
    ]

    private static func word<Word: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ type: Word.Type
    ) -> JSONMember {
        JSONMember(
            key: name, value: ["type": "string", "enum": .array(Word.allCases.map { .string($0.rawValue) })]
        )
    }

    private static let ids: [JSONMember] = [
        id("SessionID", SessionID.self), id("JobID", JobID.self), id("StudyID", StudyID.self),
        id("ArtifactID", ArtifactID.self),
    ]

    private static func id<ID: EntityID>(_ name: String, _ type: ID.Type) -> JSONMember {
        JSONMember(
            key: name,
            value: [
                "type": "string", "pattern": .string("^\(ID.prefix)[0-9]+$"), "examples": [.string("\(ID.prefix)12")],
            ]
        )
    }
}

import Domain

/// Reads the tables that describe operations and schemas, and writes them as OpenAPI wants them.
///
///     NewJob  One job to be put on a queue.
///       queue  string(128)?  `default` unless said.
///
///     POST /api/v1/jobs  submitJobs  operator
///       Submit one job, or up to 1,000.
///       header Idempotency-Key  string(256)?  The same key again is the same submission.
///       body NewJob,SubmitRequest
///       201 SubmitReply  What became of each, in order.
///       problems 409
///
/// Columns are parted by two spaces or more. A type is `string`, `string(LIMIT)`, `integer`, `integer(MIN,MAX)`,
/// `number(MIN,MAX)`, `boolean`, `time`, `any`, `object`, `times` (an object of times), a schema's name, several names
/// with `,` between (one of them), `[]` behind for an array of it, and `?` at the end for what may be absent.
enum OpenAPIReader {
    static func object(_ members: [(String, JSON)]) -> JSON {
        .object(JSONObject(members.map { JSONMember(key: $0.0, value: $0.1) }))
    }

    // MARK: - Schemas

    static func schemas(_ table: String, isStrict: Bool) -> [JSONMember] {
        blocks(table).map { head, lines in
            let columns = columns(head)
            let fields = lines.map { Self.columns($0) }
            var members: [(String, JSON)] = [
                ("type", "object"), ("description", .string(columns.at(1))),
                (
                    "properties",
                    object(fields.map { ($0.at(0), described(type($0.at(1).droppingSuffix("?")), $0.at(2))) })
                ),
            ]
            let required = fields.filter { !$0.at(1).hasSuffix("?") }.map { JSON.string($0.at(0)) }
            if !required.isEmpty { members.append(("required", .array(required))) }
            if isStrict { members.append(("additionalProperties", false)) }
            return JSONMember(key: columns.at(0), value: object(members))
        }
    }

    /// A description beside a `$ref` is allowed since 3.1.
    private static func described(_ schema: JSON, _ description: String) -> JSON {
        guard !description.isEmpty, case .object(let object) = schema else { return schema }
        return .object(JSONObject(object.members + [JSONMember(key: "description", value: .string(description))]))
    }

    private static func type(_ text: String) -> JSON {
        if text.hasSuffix("[]") { return ["type": "array", "items": type(text.droppingSuffix("[]"))] }
        let parts = text.droppingSuffix(")").split(separator: "(", maxSplits: 1)
        let bounds = parts.count > 1 ? parts[1].split(separator: ",", omittingEmptySubsequences: false) : []
        switch parts[0] {
        case "any": return [:]
        case "object", "boolean": return ["type": .string(text)]
        case "time": return ["type": "string", "format": "date-time"]
        case "times": return ["type": "object", "additionalProperties": type("time")]
        case "string":
            let limit = bounds.first.flatMap { Int64($0) }
            return object([("type", "string")] + (limit.map { [("maxLength", JSON($0))] } ?? []))
        case "integer", "number":
            var members: [(String, JSON)] = [("type", .string(String(parts[0])))]
            if let least = bounds.first.flatMap({ Int64($0) }) { members.append(("minimum", JSON(least))) }
            if bounds.count > 1, let most = Int64(bounds[1]) { members.append(("maximum", JSON(most))) }
            return object(members)
        default:
            let names = text.split(separator: ",")
            guard names.count > 1 else { return ["$ref": .string("#/components/schemas/\(text)")] }
            return ["oneOf": .array(names.map { type(String($0)) })]
        }
    }

    // MARK: - Operations

    static func paths(_ table: String) -> JSON {
        var order: [String] = []
        var items: [String: [(String, JSON)]] = [:]
        for (head, lines) in blocks(table) {
            let columns = columns(head)
            let address = columns.at(0).split(separator: " ").map(String.init)
            if items[address.at(1)] == nil { order.append(address.at(1)) }
            items[address.at(1), default: []].append(
                (address.at(0).lowercased(), operation(columns, path: address.at(1), lines))
            )
        }
        return object(order.map { ($0, object(items[$0] ?? [])) })
    }

    private static func operation(_ head: [String], path: String, _ lines: [String]) -> JSON {
        let role = head.at(2)
        var parameters: [JSON] = []
        var body: JSON?
        var responses: [(String, JSON)] = []
        for line in lines.dropFirst() {
            let columns = columns(line)
            let words = columns.at(0).split(separator: " ").map(String.init)
            switch words.at(0) {
            case "path", "query", "header": parameters.append(parameter(words, columns))
            case "body": body = requestBody(words.at(1))
            case "problems": responses += words.dropFirst().map { ($0, problem($0)) }
            default: responses.append((words.at(0), response(words.at(1), columns.at(1))))
            }
        }
        for status in common(role, hasBody: body != nil, isWrite: body != nil || head.at(0).hasPrefix("POST"))
        where !responses.contains(where: { $0.0 == status }) {
            responses.append((status, problem(status)))
        }
        var members: [(String, JSON)] = [
            ("operationId", .string(head.at(1))), ("tags", [.string(tag(path))]),
            ("summary", .string(lines.first.map { trimmed($0) } ?? "")), ("security", security(role)),
        ]
        if let words = roleWords[role] { members.append(("description", .string(words))) }
        if !parameters.isEmpty { members.append(("parameters", .array(parameters))) }
        if let body { members.append(("requestBody", body)) }
        members.append(("responses", object(responses.sorted { $0.0 < $1.0 })))
        return object(members)
    }

    private static let roleWords = [
        "session": "Only the session itself, with its token.", "worker": "Needs role worker, operator or admin.",
        "operator": "Needs role operator or admin.", "admin": "Needs role admin.",
        "signed": "The address carries its own right: no token is asked for.",
    ]

    /// What any operation of this kind may answer.
    private static func common(_ role: String, hasBody: Bool, isWrite: Bool) -> [String] {
        var statuses: [String] = []
        if role != "open" && role != "signed" { statuses += ["401", "403"] }
        if hasBody { statuses += ["400", "413", "422"] }
        if isWrite { statuses.append("503") }
        return statuses
    }

    private static func security(_ role: String) -> JSON {
        switch role {
        case "open", "signed": []
        case "session": [["bearer": []]]
        default: [["bearer": []], ["cookie": []], [:]]
        }
    }

    private static func parameter(_ words: [String], _ columns: [String]) -> JSON {
        let isPath = words.at(0) == "path"
        return object([
            ("name", .string(words.at(1))), ("in", .string(words.at(0))),
            ("required", .bool(isPath || !columns.at(1).hasSuffix("?"))),
            ("description", .string(columns.at(2))), ("schema", type(columns.at(1).droppingSuffix("?"))),
        ])
    }

    private static func requestBody(_ name: String) -> JSON {
        let content: JSON =
            name == "bytes" ? ["application/octet-stream": [:]] : ["application/json": ["schema": type(name)]]
        return ["required": true, "content": content]
    }

    private static func response(_ what: String, _ description: String) -> JSON {
        let content: JSON?
        switch what {
        case "-": content = nil
        case "bytes": content = ["application/octet-stream": [:]]
        case "text": content = ["text/plain": ["schema": ["type": "string"]]]
        case "events": content = ["text/event-stream": ["schema": ["type": "string"]]]
        default: content = ["application/json": ["schema": type(what)]]
        }
        return object([("description", .string(description))] + (content.map { [("content", $0)] } ?? []))
    }

    private static let problemWords = [
        "400": "The body is no JSON.", "401": "The token is missing or unknown.", "403": "This token may not do it.",
        "404": "There is no such thing.", "409": "It clashes with what is there.", "410": "The session has ended.",
        "413": "The body is larger than is taken here.", "416": "The range is not in the file.",
        "422": "A field is not as it should be; `errors` says which and why.",
        "503": "Nothing was changed: too much waits, or the disk is full. Try again after `Retry-After`.",
    ]

    private static func problem(_ status: String) -> JSON {
        var members: [(String, JSON)] = [("description", .string(problemWords[status] ?? "A problem."))]
        if status == "503" {
            members.append(
                ("headers", ["Retry-After": ["description": "In seconds.", "schema": ["type": "integer"]]])
            )
        }
        members.append(("content", ["application/problem+json": ["schema": type("Problem")]]))
        return object(members)
    }

    private static func tag(_ path: String) -> String {
        let place = path.split(separator: "/").dropFirst(2).first.map(String.init) ?? ""
        switch place {
        case "sessions", "jobs", "studies", "artifacts": return place
        case "queues": return "jobs"
        case "snapshot", "watch": return "watch"
        default: return path.hasPrefix("/files") ? "artifacts" : "service"
        }
    }

    // MARK: - Lines

    /// Lines that begin at the margin, each with the indented ones below it.
    private static func blocks(_ table: String) -> [(head: String, lines: [String])] {
        var blocks: [(head: String, lines: [String])] = []
        for line in table.split(separator: "\n").map(String.init) {
            if line.hasPrefix(" ") {
                if !blocks.isEmpty { blocks[blocks.count - 1].lines.append(line) }
            } else {
                blocks.append((line, []))
            }
        }
        return blocks
    }

    private static func columns(_ line: String) -> [String] {
        var columns: [String] = []
        var rest = trimmed(line)[...]
        while let gap = rest.firstRange(of: "  "), columns.count < 2 {
            columns.append(String(rest[..<gap.lowerBound]))
            rest = rest[gap.upperBound...].drop { $0 == " " }
        }
        return columns + [String(rest)]
    }

    private static func trimmed(_ line: String) -> String { String(line.drop { $0 == " " }) }
}

extension [String] {
    /// Empty where there is none.
    fileprivate func at(_ position: Int) -> String { position < count ? self[position] : "" }
}

extension String {
    fileprivate func droppingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}

package import Storage

/// Every row of every table that both engines must have alike, a line each, in the order of the keys.
package enum TableDump {
    private static let keys = [
        ("migration", "number", "number, name, checksum"), ("machine", "id", "*"), ("session", "id", "*"),
        ("beat", "session_id", "*"), ("study", "id", "*"), ("queue", "id", "*"),
        ("job_count", "queue_id, status", "*"), ("requirement", "id", "*"),
        ("queue_requirement", "queue_id, requirement_id", "*"), ("job", "id", "*"),
        ("ended_attempt", "job_id, number", "*"), ("late_report", "seq", "*"),
        ("transition", "kind, entity_id, seq", "*"), ("log_line", "number", "*"),
        ("artifact", "id", "*"), ("sequence", "id", "*"), ("fact", "name", "*"), ("tombstone", "seq", "*"),
        ("token", "id", "*"), ("idempotency", "key", "*"),
    ]

    private static let statements = keys.map { table, key, columns in
        (table, Statement("dump.\(table)", "SELECT \(columns) FROM \(table) ORDER BY \(key)"))
    }

    package static func lines(_ connection: any SQLConnection) throws -> [String] {
        var lines: [String] = []
        for (table, statement) in statements {
            lines += try connection.rows(statement, []).map { row in
                ([table] + row.values.map(text)).joined(separator: " | ")
            }
        }
        return lines
    }

    private static func text(_ value: SQLValue) -> String {
        switch value {
        case .null: "-"
        case .integer(let integer): "\(integer)"
        case .real(let real): "\(real)"
        case .text(let text): text
        }
    }
}

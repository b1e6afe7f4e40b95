import Storage

/// Writes that nobody waits for, kept back so that those of one statement go to the server as one: a group of sixty
/// reports is one update of sixty rows and not sixty updates, which costs a fraction.
///
/// What is kept back goes out in batches, each of one statement, in the order of their first rows. A write joins the
/// open batch of its statement only if no later batch, nor this one, touches one of its rows: so every row sees its
/// writes in the order in which they were made.
struct GatheredWrites {
    struct Batch {
        let statement: Statement
        var rows: [[SQLValue]]
        /// How many rows each of them changes; `nil` where nobody said.
        let expecting: Int?
        var byteCount: Int
        /// The place in the order of all batches ever.
        fileprivate let number: Int
    }

    private var batches: [Batch] = []
    /// The open batch of a statement, by its number.
    private var open: [ObjectIdentifier: Int] = [:]
    /// The last batch that touches a row. What was sent before does not stand in it.
    private var lastOfRow: [RowKey: Int] = [:]
    private var nextNumber = 0

    /// So many rows are enough to share what a statement costs: they go out, and the server works while the group goes
    /// on. Nor more bytes than this: a message is to fit into a batch of the pipeline.
    static let rowLimit = 24
    static let byteLimit = 5_000

    var isEmpty: Bool { batches.isEmpty }

    /// Keeps a write back. Returns the batches that are to go out now, where one is full.
    mutating func add(
        _ statement: Statement, _ values: [SQLValue], expecting: Int?, touching rows: [RowKey]
    ) -> ArraySlice<Batch> {
        let size = values.reduce(0) { $0 + $1.byteCount }
        let identity = ObjectIdentifier(statement)
        // That a session holds one more job, and one more still: the order of the two does not matter.
        let last = rows.map { $0.kind == .holder ? -1 : lastOfRow[$0] ?? -1 }.max() ?? -1
        let number: Int
        if let known = open[identity], last < known, isRoom(in: known, for: size, expecting: expecting) {
            number = known
            let place = position(of: known)
            batches[place].rows.append(values)
            batches[place].byteCount += size
        } else {
            number = nextNumber
            nextNumber += 1
            batches.append(
                Batch(statement: statement, rows: [values], expecting: expecting, byteCount: size, number: number)
            )
            open[identity] = number
        }
        for row in rows { lastOfRow[row] = number }
        let batch = batches[position(of: number)]
        guard batch.rows.count >= Self.rowLimit || batch.byteCount >= Self.byteLimit else { return [] }
        return take(through: number)
    }

    private func position(of number: Int) -> Int { number - batches[0].number }

    private func isRoom(in number: Int, for size: Int, expecting: Int?) -> Bool {
        let batch = batches[position(of: number)]
        return batch.byteCount + size <= Self.byteLimit && batch.expecting == expecting
    }

    /// Whether a write that is kept back touches one of these rows.
    func touches(_ rows: [RowKey]) -> Bool { rows.contains { lastOfRow[$0] != nil } }

    mutating func takeAll() -> ArraySlice<Batch> {
        guard let last = batches.last else { return [] }
        return take(through: last.number)
    }

    /// What stands before a full batch goes with it, since it may have to be there first.
    private mutating func take(through number: Int) -> ArraySlice<Batch> {
        let taken = batches.prefix(number - batches[0].number + 1)
        batches.removeFirst(taken.count)
        open = open.filter { $0.value > number }
        lastOfRow = batches.isEmpty ? [:] : lastOfRow.filter { $0.value > number }
        return taken
    }

    mutating func forget() {
        batches.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        lastOfRow.removeAll(keepingCapacity: true)
    }
}

extension SQLValue {
    /// About as many as its text has.
    var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count + 4
        case .integer, .real: 12
        case .null: 5
        }
    }
}

/// A statement for one row, made into one for many: each parameter becomes an array, and the rows of the arrays stand
/// where the values stood.
///
///     INSERT INTO t (a, b) VALUES ($1, $2)    INSERT INTO t (a, b) SELECT v.p1, v.p2 FROM unnest(…) AS v (p1, p2)
///     UPDATE t SET a = $1 WHERE id = $2       UPDATE t SET a = v.p1 FROM unnest(…) AS v (p1, p2) WHERE id = v.p2
enum ManyRows {
    /// - Parameter types: names of the parameters' types, as the server has found them for one row.
    /// - Returns: `nil` where the text has another form.
    static func text(of sql: String, types: [String]) -> String? {
        guard !types.isEmpty, !sql.contains("RETURNING"), !sql.contains("ON CONFLICT") else { return nil }
        let (arrays, names) = arrays(types)
        let source = "FROM unnest(\(arrays)) AS v (\(names))"
        if sql.hasPrefix("INSERT INTO ") {
            guard let values = sql.firstRange(of: "VALUES ("), sql.hasSuffix(")") else { return nil }
            let row = sql[values.upperBound...].dropLast()
            return "\(sql[..<values.lowerBound])SELECT \(named(row)) \(source)"
        }
        guard sql.hasPrefix("UPDATE "), !sql.contains("FROM "), let condition = sql.firstRange(of: "WHERE ") else {
            return nil
        }
        return "\(named(sql[..<condition.lowerBound]))\(source) \(named(sql[condition.lowerBound...]))"
    }

    /// One question for many: what stands in front of each row of the answer is the place of its question, from 1 on.
    /// `OFFSET 0` keeps the planner from asking them all at once.
    static func question(of sql: String, types: [String]) -> String? {
        guard !types.isEmpty, sql.hasPrefix("SELECT ") else { return nil }
        let (arrays, names) = arrays(types)
        return """
            SELECT v.place, q.* FROM unnest(\(arrays)) WITH ORDINALITY AS v (\(names), place)
            CROSS JOIN LATERAL (\(named(sql)) OFFSET 0) AS q
            """
    }

    private static func arrays(_ types: [String]) -> (arrays: String, names: String) {
        let arrays = types.enumerated().map { "CAST($\($0.offset + 1) AS \($0.element)[])" }
        return (arrays.joined(separator: ", "), types.indices.map { "p\($0 + 1)" }.joined(separator: ", "))
    }

    /// The values of all rows, an array for each parameter.
    static func arrays(of rows: [[SQLValue]]) -> [SQLValue] {
        guard let width = rows.first?.count else { return [] }
        return (0..<width).map { column in
            var text: [UInt8] = [UInt8(ascii: "{")]
            for (position, row) in rows.enumerated() {
                if position > 0 { text.append(UInt8(ascii: ",")) }
                append(row[column], to: &text)
            }
            text.append(UInt8(ascii: "}"))
            return .text(String(decoding: text, as: UTF8.self))
        }
    }

    private static func append(_ value: SQLValue, to text: inout [UInt8]) {
        switch value {
        case .null: text += "NULL".utf8
        case .integer(let integer): text += "\(integer)".utf8
        case .real(let real): text += PostgresParameters.text(of: real).utf8
        case .text(let said):
            text.append(UInt8(ascii: "\""))
            for byte in said.utf8 {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
                text.append(byte)
            }
            text.append(UInt8(ascii: "\""))
        }
    }

    private static func named(_ sql: some StringProtocol) -> String {
        String(sql).replacing("$", with: "v.p")
    }
}

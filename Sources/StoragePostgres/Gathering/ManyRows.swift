import Storage

/// Parameters of a statement, counted from 0.
struct ColumnSet: Hashable, ExpressibleByArrayLiteral {
    /// A statement with more parameters is not gathered.
    static let limit = 64
    private var bits: UInt64 = 0

    init(arrayLiteral columns: Int...) {
        for column in columns { insert(column) }
    }

    static func all(_ count: Int) -> ColumnSet {
        var columns: ColumnSet = []
        for column in 0..<min(count, limit) { columns.insert(column) }
        return columns
    }

    var isEmpty: Bool { bits == 0 }
    func contains(_ column: Int) -> Bool { bits & (1 << UInt64(column)) != 0 }
    mutating func insert(_ column: Int) { bits |= 1 << UInt64(column) }
}

/// A statement for one row, made into one for many: a parameter that differs from row to row becomes an array, and the
/// rows of the arrays stand where the values stood; one that does not stays what it was.
///
///     INSERT INTO t (a, b) VALUES ($1, $2)    INSERT INTO t (a, b) SELECT v.p1, v.p2 FROM unnest(…) AS v (p1, p2)
///     UPDATE t SET a = $1 WHERE id = $2       UPDATE t SET a = $1 FROM unnest(…) AS v (p2) WHERE id = v.p2
struct ManyRows {
    let statement: Statement
    /// What each parameter of the statement is: a column, as the value of the first row or as an array of all.
    private let columns: [(column: Int, isArray: Bool)]

    /// - Parameter types: names of the parameters' types, as the server has found them for one row.
    /// - Returns: `nil` where the text has another form.
    init?(_ one: Statement, types: [String], varying: ColumnSet) {
        let sql = one.sql
        guard !types.isEmpty, !varying.isEmpty, !sql.contains("RETURNING"), !sql.contains("ON CONFLICT") else {
            return nil
        }
        var text = Text(types: types, varying: varying)
        if sql.hasPrefix("INSERT INTO ") {
            guard let values = sql.firstRange(of: "VALUES ("), sql.hasSuffix(")") else { return nil }
            text.append(sql[..<values.lowerBound])
            text.append("SELECT ")
            text.append(sql[values.upperBound...].dropLast())
            text.append(" ")
            text.appendSource()
        } else {
            guard sql.hasPrefix("UPDATE "), !sql.contains("FROM "), let condition = sql.firstRange(of: "WHERE ") else {
                return nil
            }
            text.append(sql[..<condition.lowerBound])
            text.appendSource()
            text.append(" ")
            text.append(sql[condition.lowerBound...])
        }
        columns = text.columns
        statement = Statement("\(one.name).many", text.sql)
    }

    /// The values of all rows, as the statement takes them.
    func values(of rows: [[SQLValue]]) -> [SQLValue] {
        columns.map { $0.isArray ? Self.array(of: rows, $0.column) : rows[0][$0.column] }
    }

    /// One question for many: what stands in front of each row of the answer is the place of its question, from 1 on.
    /// `OFFSET 0` keeps the planner from asking them all at once.
    static func question(of sql: String, types: [String]) -> String? {
        guard !types.isEmpty, sql.hasPrefix("SELECT ") else { return nil }
        let arrays = types.enumerated().map { "CAST($\($0.offset + 1) AS \($0.element)[])" }.joined(separator: ", ")
        let names = types.indices.map { "p\($0 + 1)" }.joined(separator: ", ")
        return """
            SELECT v.place, q.* FROM unnest(\(arrays)) WITH ORDINALITY AS v (\(names), place)
            CROSS JOIN LATERAL (\(sql.replacing("$", with: "v.p")) OFFSET 0) AS q
            """
    }

    /// The values of all rows, an array for each parameter.
    static func arrays(of rows: [[SQLValue]]) -> [SQLValue] {
        (0..<(rows.first?.count ?? 0)).map { array(of: rows, $0) }
    }

    private static func array(of rows: [[SQLValue]], _ column: Int) -> SQLValue {
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (position, row) in rows.enumerated() {
            if position > 0 { text.append(UInt8(ascii: ",")) }
            append(row[column], to: &text)
        }
        text.append(UInt8(ascii: "}"))
        return .text(String(decoding: text, as: UTF8.self))
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

    /// The new text on its way, its parameters numbered as they come.
    private struct Text {
        let types: [String]
        let varying: ColumnSet
        var sql = ""
        var columns: [(column: Int, isArray: Bool)] = []

        init(types: [String], varying: ColumnSet) {
            self.types = types
            self.varying = varying
        }

        /// Text of the statement for one row.
        mutating func append(_ part: some StringProtocol) {
            var rest = Substring(part)
            while let mark = rest.firstIndex(of: "$") {
                sql += rest[..<mark]
                let digits = rest[rest.index(after: mark)...].prefix { $0.isNumber }
                rest = rest[digits.endIndex...]
                guard let number = Int(digits) else { continue }
                sql += varying.contains(number - 1) ? "v.p\(number)" : parameter(number - 1, isArray: false)
            }
            sql += rest
        }

        mutating func appendSource() {
            let varying = types.indices.filter { self.varying.contains($0) }
            let arrays = varying.map { parameter($0, isArray: true) }.joined(separator: ", ")
            sql += "FROM unnest(\(arrays)) AS v (\(varying.map { "p\($0 + 1)" }.joined(separator: ", ")))"
        }

        private mutating func parameter(_ column: Int, isArray: Bool) -> String {
            let place = columns.firstIndex { $0.column == column } ?? columns.count
            if place == columns.count { columns.append((column, isArray)) }
            return "CAST($\(place + 1) AS \(types[column])\(isArray ? "[]" : ""))"
        }
    }
}

/// What one connection has made of its statements for many rows.
struct ManyStatements {
    private struct Form: Hashable {
        let statement: ObjectIdentifier
        let varying: ColumnSet
    }

    /// Names of the types of each statement's parameters.
    var types: [ObjectIdentifier: [String]] = [:]
    private var writes: [Form: ManyRows?] = [:]
    private var formCounts: [ObjectIdentifier: Int] = [:]
    private var questions: [ObjectIdentifier: Statement?] = [:]
    /// With the statement that each was made from, so that its identity is not given again.
    private var counted: [ObjectIdentifier: (one: Statement, counted: Statement)] = [:]

    /// Each form is a statement that the server keeps. One that comes in more forms has arrays for all.
    private static let formLimit = 24

    mutating func write(_ statement: Statement, types: [String], varying: ColumnSet) -> ManyRows? {
        let identity = ObjectIdentifier(statement)
        let form = Form(statement: identity, varying: varying)
        if let known = writes[form] { return known }
        guard formCounts[identity, default: 0] < Self.formLimit || varying == .all(types.count) else {
            return write(statement, types: types, varying: .all(types.count))
        }
        formCounts[identity, default: 0] += 1
        let made = ManyRows(statement, types: types, varying: varying)
        writes[form] = .some(made)
        return made
    }

    /// The statement as one that fails where it does not change as many rows as it is to.
    mutating func counted(_ statement: Statement) -> Statement {
        if let known = counted[ObjectIdentifier(statement)] { return known.counted }
        let made = CountedWrite.statement(statement)
        counted[ObjectIdentifier(statement)] = (statement, made)
        return made
    }

    mutating func question(_ statement: Statement, types: [String]) -> Statement? {
        let identity = ObjectIdentifier(statement)
        if let known = questions[identity] { return known }
        let made = ManyRows.question(of: statement.sql, types: types).map { Statement("\(statement.name).many", $0) }
        questions[identity] = .some(made)
        return made
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

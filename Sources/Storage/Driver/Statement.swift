/// One SQL statement with a name: the unit of preparing on either engine, listed in `Statements.all`.
///
/// The text keeps to what both engines take (DESIGN.md, section 4): parameters `$1 … $n` numbered in order of first
/// appearance, since SQLite takes `$1` for a name and numbers by appearance; `CAST(… AS …)`, never `::`. The
/// initialiser asserts both, so that a wrong statement stops the program at its first test.
///
/// A class for the sake of its identity: connections keep their prepared statements by it.
package final class Statement: Sendable {
    package let name: String
    /// In braces stands how PostgreSQL locks the rows that it reads; SQLite has one writer and needs nothing.
    package let sql: String
    package let parameterCount: Int
    /// Not a plain query: what ran it may have something to undo.
    package let writes: Bool
    /// The rows it reads or writes, of those that groups have in common; `nil` where nobody has said, so that it may be
    /// about any. An engine across a network sends a write whose rows are named later, together with others like it.
    package let rows: [RowReference]?
    /// Which of them it reads, only its answer tells: the column with the ids of jobs.
    package let jobColumn: Int?

    package init(_ name: String, _ sql: String, rows: [RowReference]? = nil, jobColumn: Int? = nil) {
        precondition(!sql.contains("::"), "\(name): use CAST(… AS …), not ::")
        let numbers = Statement.parameterNumbers(in: sql)
        var highest = 0
        for number in numbers {
            precondition(
                number >= 1 && number <= highest + 1, "\(name): $\(number) appears before $\(highest + 1)"
            )
            highest = max(highest, number)
        }
        self.name = name
        self.sql = sql
        self.rows = rows
        self.jobColumn = jobColumn
        self.parameterCount = highest
        self.writes = !sql.hasPrefix("SELECT")
        self.textWithoutLocks = Statement.text(of: sql, withLocks: false)
        self.textWithLocks = Statement.text(of: sql, withLocks: true)
    }

    /// The text for an engine that needs no words for row locks: made once, since it is asked for at every call.
    package let textWithoutLocks: String
    /// The text for an engine where others may write at the same time.
    package let textWithLocks: String

    private static func text(of sql: String, withLocks: Bool) -> String {
        sql.replacing("{FOR UPDATE}", with: withLocks ? "FOR UPDATE" : "")
    }

    /// The rows it is about with these values; `nil` where that is not known.
    package func keys(_ values: [SQLValue]) -> [RowKey]? {
        guard let rows else { return nil }
        var keys: [RowKey] = []
        for row in rows {
            guard case .integer(let id) = values[row.parameter - 1] else { return nil }
            keys.append(RowKey(kind: row.kind, id: id))
        }
        return keys
    }

    private static func parameterNumbers(in sql: String) -> [Int] {
        var numbers: [Int] = []
        var rest = sql.utf8[...]
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            let digits = rest[rest.index(after: dollar)...].prefix { (48...57).contains($0) }
            numbers.append(Int(String(digits) ?? "") ?? 0)
            rest = rest[rest.index(after: dollar)...]
        }
        return numbers
    }
}

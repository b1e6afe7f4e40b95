package import Domain

/// What goes into a parameter and comes out of a column: times as integer milliseconds, flags as integers, JSON as
/// text.
package enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(nilLiteral: ()) { self = .null }
}

extension SQLValue {
    package static func int(_ value: Int) -> SQLValue { .integer(Int64(value)) }
    package static func int(_ value: Int?) -> SQLValue { value.map { .integer(Int64($0)) } ?? .null }
    package static func int64(_ value: Int64?) -> SQLValue { value.map(SQLValue.integer) ?? .null }
    package static func flag(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }
    package static func optional(_ value: String?) -> SQLValue { value.map(SQLValue.text) ?? .null }
    package static func optional(_ value: Double?) -> SQLValue { value.map(SQLValue.real) ?? .null }
    package static func instant(_ value: Instant?) -> SQLValue { value.map { .integer($0.milliseconds) } ?? .null }
    package static func id(_ value: (some EntityID)?) -> SQLValue { value.map { .integer($0.number) } ?? .null }
    package static func word(_ value: some RawRepresentable<String>) -> SQLValue { .text(value.rawValue) }
    package static func sequence(_ value: SequenceNumber) -> SQLValue { .integer(value.value) }
}

/// One row of an answer, its columns in the order of the statement.
package struct SQLRow: Sendable {
    package let values: [SQLValue]

    package init(_ values: [SQLValue]) {
        self.values = values
    }

    package func optionalInt64(_ column: Int) -> Int64? {
        switch values[column] {
        case .integer(let value): value
        case .real(let value): Int64(exactly: value.rounded())
        case .null, .text: nil
        }
    }

    package func int64(_ column: Int) -> Int64 { optionalInt64(column) ?? 0 }
    package func int(_ column: Int) -> Int { Int(int64(column)) }
    package func optionalInt(_ column: Int) -> Int? { optionalInt64(column).map(Int.init) }
    package func flag(_ column: Int) -> Bool { int64(column) != 0 }

    package func optionalText(_ column: Int) -> String? {
        if case .text(let value) = values[column] { value } else { nil }
    }

    package func text(_ column: Int) -> String { optionalText(column) ?? "" }

    package func optionalDouble(_ column: Int) -> Double? {
        switch values[column] {
        case .real(let value): value
        case .integer(let value): Double(value)
        case .null, .text: nil
        }
    }

    package func optionalInstant(_ column: Int) -> Instant? { optionalInt64(column).map(Instant.init(milliseconds:)) }
    package func instant(_ column: Int) -> Instant { Instant(milliseconds: int64(column)) }
    package func optionalID<ID: EntityID>(_ column: Int, _ type: ID.Type = ID.self) -> ID? {
        optionalInt64(column).map(ID.init(number:))
    }
    package func id<ID: EntityID>(_ column: Int, _ type: ID.Type = ID.self) -> ID { ID(number: int64(column)) }
    package func sequence(_ column: Int) -> SequenceNumber { SequenceNumber(int64(column)) }

    /// A word that the schema's CHECK lets be nothing else.
    package func word<Word: RawRepresentable<String>>(_ column: Int, _ type: Word.Type = Word.self) throws -> Word {
        guard let word = Word(rawValue: text(column)) else {
            throw StoreError(.corrupt, "The database holds '\(text(column))' where a \(Word.self) belongs.")
        }
        return word
    }

    package func json(_ column: Int) throws -> JSON {
        do {
            return try JSON(parsing: text(column))
        } catch {
            throw StoreError(.corrupt, "The database holds text that is not JSON: \(error.reason).")
        }
    }

    package func strings(_ column: Int) throws -> [String] {
        try json(column).arrayValue?.compactMap(\.stringValue) ?? []
    }
}

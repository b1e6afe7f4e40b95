import CLibPQ
import Storage

/// Reads libpq's results into the store's values.
enum PostgresResult {
    /// Object ids of PostgreSQL's own types, the same in every database.
    private enum TypeID {
        static let bool: Oid = 16
        static let int8: Oid = 20
        static let int2: Oid = 21
        static let int4: Oid = 23
        static let text: Oid = 25
        static let float4: Oid = 700
        static let float8: Oid = 701
        static let numeric: Oid = 1_700
    }

    /// Of a statement that was described, as SQL names them; none where one is of a type that we have no use for.
    static func parameterTypes(_ result: OpaquePointer) -> [String] {
        let count = unsafe PQnparams(result)
        let types = (0..<count).map { parameter -> String? in
            switch unsafe PQparamtype(result, parameter) {
            case TypeID.int8: "BIGINT"
            case TypeID.int4: "INTEGER"
            case TypeID.text: "TEXT"
            case TypeID.float8: "DOUBLE PRECISION"
            default: nil
            }
        }
        return types.contains(nil) ? [] : types.compactMap(\.self)
    }

    /// A `COMMIT` of a transaction in which something failed is answered `ROLLBACK`, and is no error.
    static func isCommit(_ result: OpaquePointer) -> Bool {
        guard let tag = unsafe PQcmdStatus(result) else { return false }
        return unsafe String(cString: tag) == "COMMIT"
    }

    static func rows(_ result: OpaquePointer) -> [SQLRow] {
        let columns = unsafe PQnfields(result)
        let count = unsafe PQntuples(result)
        guard count > 0 else { return [] }
        let types = (0..<columns).map { unsafe PQftype(result, $0) }
        var rows: [SQLRow] = []
        rows.reserveCapacity(Int(count))
        for row in 0..<count {
            var values: [SQLValue] = []
            values.reserveCapacity(Int(columns))
            for column in 0..<columns {
                values.append(unsafe value(result, row, column, type: types[Int(column)]))
            }
            rows.append(SQLRow(values))
        }
        return rows
    }

    private static func value(_ result: OpaquePointer, _ row: Int32, _ column: Int32, type: Oid) -> SQLValue {
        if unsafe PQgetisnull(result, row, column) == 1 { return .null }
        guard let start = unsafe PQgetvalue(result, row, column) else { return .null }
        let count = unsafe Int(PQgetlength(result, row, column))
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
        switch type {
        case TypeID.int8, TypeID.int4, TypeID.int2:
            return unsafe .integer(integer(bytes) ?? 0)
        case TypeID.bool:
            return unsafe .integer(bytes.first == UInt8(ascii: "t") ? 1 : 0)
        case TypeID.numeric:
            // Sums of whole numbers come so.
            if let whole = unsafe integer(bytes) { return .integer(whole) }
            return unsafe .real(Double(String(decoding: bytes, as: UTF8.self)) ?? 0)
        case TypeID.float8, TypeID.float4:
            return unsafe .real(Double(String(decoding: bytes, as: UTF8.self)) ?? 0)
        default:
            return unsafe .text(String(decoding: bytes, as: UTF8.self))
        }
    }

    private static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        var value: Int64 = 0
        var isNegative = false
        for unsafe(position, byte) in unsafe bytes.enumerated() {
            if position == 0, byte == UInt8(ascii: "-") {
                isNegative = true
                continue
            }
            guard byte >= 48, byte <= 57 else { return nil }
            // Negative on the way, since the least number has no opposite.
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, more) = scaled.subtractingReportingOverflow(Int64(byte - 48))
            if overflow || more { return nil }
            value = next
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// How many rows a statement changed.
    static func changedCount(_ result: OpaquePointer) -> Int {
        guard let text = unsafe PQcmdTuples(result) else { return 0 }
        return unsafe Int(String(cString: text)) ?? 0
    }

    static func report(_ result: OpaquePointer, what: String) -> PostgresReport {
        // PG_DIAG_SQLSTATE and PG_DIAG_MESSAGE_PRIMARY, which Swift does not see as macros of letters.
        let state = unsafe PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { unsafe String(cString: $0) }
        let message = unsafe PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { unsafe String(cString: $0) }
        let whole = unsafe PQresultErrorMessage(result).map { unsafe String(cString: $0) }
        // Without five letters it is libpq that speaks: the connection is gone.
        return PostgresReport(state: state ?? "08006", message: message ?? whole ?? "", what: what)
    }
}

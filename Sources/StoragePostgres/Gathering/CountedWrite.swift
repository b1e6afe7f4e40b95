import Storage

/// A write that knows how many rows it has to change, made into one that fails where it changes another number. So the
/// commit can travel with it: in a transaction in which a statement failed PostgreSQL commits nothing.
///
///     WITH changed AS (UPDATE … RETURNING 1) SELECT 1 / CAST(COUNT(*) = $n AS INTEGER) FROM changed
enum CountedWrite {
    /// - Parameter write: an `UPDATE` without `RETURNING`.
    /// - Returns: the same with the number as one parameter more, the last.
    static func statement(_ write: Statement) -> Statement {
        precondition(
            write.sql.hasPrefix("UPDATE ") && !write.sql.contains("RETURNING"), "\(write.name) can't be counted"
        )
        return Statement(
            "\(write.name).counted",
            """
            WITH changed AS (\(write.sql) RETURNING 1)
            SELECT 1 / CAST(COUNT(*) = $\(write.parameterCount + 1) AS INTEGER) FROM changed
            """
        )
    }
}

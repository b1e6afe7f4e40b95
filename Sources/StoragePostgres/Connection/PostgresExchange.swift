import Storage

/// What goes between a connection and its server, as the connection keeps it.
enum PostgresExchange {
    /// A statement that the server knows by a name.
    struct Prepared {
        let statement: Statement
        let text: String
        /// The same as C has it.
        let name: [CChar]
    }

    /// Something whose answer is still to be read.
    struct Sent {
        enum Kind {
            case preparation(ObjectIdentifier), call(Statement), asked(Statement), state(Statement)
            case aside(Statement), foreseen([Question]), description, end(isAside: Bool)
        }
        let kind: Kind
    }

    /// Questions of one kind as one statement.
    struct Form {
        let statement: Statement
        let values: [SQLValue]
        let questions: [Question]
    }

    struct Answer {
        var changed = 0
        var rows: [SQLRow] = []
        /// Where several were asked at once.
        var all: [[SQLRow]] = []
        /// Of the parameters, where they were asked for.
        var types: [String] = []
    }
}

package import Domain

/// What the bearer of a token may do (DESIGN.md, section 12).
package enum TokenRole: String, Sendable, Hashable, CaseIterable {
    case admin
    case `operator`
    case worker
    case viewer
}

/// `POST /tokens`.
package struct NewToken: WireValue, Hashable {
    /// For people: who or what has it.
    package var name: String
    package var role: TokenRole

    package static let fields = ["name", "role"]

    package init(name: String, role: TokenRole) {
        self.name = name
        self.role = role
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        name = try reader.string("name", limit: 128)
        role = try reader.word("role")
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("name", name)
        writer.field("role", role.rawValue)
    }
}

/// The answer to `POST /tokens`, and the only time that the token itself is shown.
package struct TokenReply: WireValue, Hashable {
    package var id: Int64
    package var name: String
    package var role: TokenRole
    package var token: String

    package static let fields = ["id", "name", "role", "token"]

    package init(id: Int64, name: String, role: TokenRole, token: String) {
        self.id = id
        self.name = name
        self.role = role
        self.token = token
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        id = try reader.tokenID()
        name = try reader.string("name")
        role = try reader.word("role")
        token = try reader.string("token")
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("id", id.description)
        writer.field("name", name)
        writer.field("role", role.rawValue)
        writer.field("token", token)
    }
}

/// One token as `GET /tokens` lists it: never with its secret.
package struct TokenRecord: WireValue, Hashable {
    package var id: Int64
    package var name: String
    package var role: TokenRole
    package var createdAt: Instant
    package var revokedAt: Instant?

    package static let fields = ["id", "name", "role", "createdAt", "revokedAt"]

    package init(id: Int64, name: String, role: TokenRole, createdAt: Instant, revokedAt: Instant?) {
        self.id = id
        self.name = name
        self.role = role
        self.createdAt = createdAt
        self.revokedAt = revokedAt
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        id = try reader.tokenID()
        name = try reader.string("name")
        role = try reader.word("role")
        createdAt = try reader.instant("createdAt")
        revokedAt = try reader.optionalInstant("revokedAt")
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("id", id.description)
        writer.field("name", name)
        writer.field("role", role.rawValue)
        writer.field("createdAt", createdAt)
        writer.field("revokedAt", revokedAt)
    }
}

extension FieldReader {
    /// An id is a string on the wire, as all are; a token's is its number.
    fileprivate mutating func tokenID() throws(WireError) -> Int64 {
        let text = try string("id", limit: 20)
        guard let number = Int64(text), number >= 0, String(number) == text else {
            throw WireError(field: "id", "must be the number of a token in a string, such as \"12\"")
        }
        return number
    }
}

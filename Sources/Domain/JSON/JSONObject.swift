/// One member of an object.
package struct JSONMember: Sendable, Hashable {
    package let key: String
    package var value: JSON

    package init(key: String, value: JSON) {
        self.key = key
        self.value = value
    }

    package static func == (left: JSONMember, right: JSONMember) -> Bool {
        left.key.isSameText(as: right.key) && left.value == right.value
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ExactText(key))
        hasher.combine(value)
    }
}

/// An object whose members keep their order. No key stands twice. Keys are looked up one after the other: objects
/// are small, and a table would cost more to make than it saves.
package struct JSONObject: Sendable, Hashable {
    package private(set) var members: [JSONMember]

    package init() {
        members = []
    }

    /// Where a key stands twice, the first keeps its place and takes the last one's value, as setting one after the
    /// other would do.
    package init(_ members: [JSONMember]) {
        var keys = JSONKeyTable()
        self.members = []
        self.members.reserveCapacity(members.count)
        for member in members {
            if keys.isNew(member.key, among: self.members) {
                self.members.append(member)
            } else {
                self[member.key] = member.value
            }
        }
    }

    /// - Parameter distinctMembers: the caller has made sure that no key stands twice.
    init(distinctMembers: [JSONMember]) {
        members = distinctMembers
    }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }

    /// In the order of the text.
    package var keys: [String] { members.map(\.key) }

    /// Setting replaces in place or appends; setting `nil` removes.
    package subscript(key: String) -> JSON? {
        get {
            for member in members where member.key.isSameText(as: key) { return member.value }
            return nil
        }
        set {
            let place = members.firstIndex { $0.key.isSameText(as: key) }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(JSONMember(key: key, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self.init(elements.map { JSONMember(key: $0.0, value: $0.1) })
    }
}

/// Finds out whether a key stands twice while an object is made. Few keys are compared one by one; a table comes
/// only past that, so that an object of a hundred thousand keys is no way to hold the parser up.
struct JSONKeyTable {
    private var table: Set<ExactText> = []

    /// From here on a table is quicker than looking at each.
    private static let linearLimit = 16

    /// - Parameter members: all that this answered yes to, in order.
    mutating func isNew(_ key: String, among members: [JSONMember]) -> Bool {
        if members.count < Self.linearLimit {
            for member in members where member.key.isSameText(as: key) { return false }
            return true
        }
        if table.isEmpty { table = Set(members.map { ExactText($0.key) }) }
        return table.insert(ExactText(key)).inserted
    }
}

/// What a worker's capabilities must have for a job, in one canonical spelling: names in order, so that two spellings
/// of one requirement are one row.
///
/// A capability satisfies a required value as follows. A number: it is a number and at least as large
/// (`{"gpuMemoryGb": 16}`). Any other value: it is equal, or it is an array that holds it
/// (`{"models": "sdxl"}` by `{"models": ["sdxl", "flux"]}`). A required array: it satisfies each of its elements.
package struct Requirement: Sendable, Hashable {
    private let members: [JSONMember]

    /// - Parameter json: an object; absent or empty requires nothing.
    package init(_ json: JSON?) {
        members = (json?.objectValue?.members ?? []).sorted { $0.key < $1.key }
    }

    /// Reads `text` back; `nil` where it is no object.
    package init?(text: String) {
        guard let json = try? JSON(parsing: text), json.objectValue != nil else { return nil }
        self.init(json)
    }

    /// The canonical spelling.
    package var text: String { JSON.object(JSONObject(members)).text }

    package var isEmpty: Bool { members.isEmpty }

    package func isSatisfied(by capabilities: JSON) -> Bool {
        unsatisfied(by: capabilities) == nil
    }

    /// The first name whose value the capabilities don't have: what an alert tells.
    package func unsatisfied(by capabilities: JSON) -> String? {
        members.first { !Self.satisfies(capabilities[$0.key], $0.value) }?.key
    }

    private static func satisfies(_ offered: JSON?, _ required: JSON) -> Bool {
        guard let offered else { return false }
        if case .array(let all) = required { return all.allSatisfy { satisfies(offered, $0) } }
        if case .array(let choices) = offered { return choices.contains { satisfies($0, required) } }
        if let least = required.doubleValue, let have = offered.doubleValue { return have >= least }
        return offered == required
    }
}

/// Whether what a window says of its present simulation can be one of an assignment's configuration.
///
/// `duke, 700MHz, x_pos, theta` or `thelonious, 700MHz, by_cheek_tragus_cheek_base`: the parts name a phantom, a
/// frequency, and a direction with a polarisation or a placement. Every part must stand in the list that is there for
/// it: a configuration that inherits a list says nothing about that part, and so proves nothing.
package enum CaseEvidence {
    package static func fits(_ details: String, configuration: JSON) -> Bool {
        let parts = details.split(separator: ",").map { trimmed($0) }
        guard let phantom = parts.first, parts.count >= 2, parts.allSatisfy({ !$0.isEmpty }) else { return false }
        guard names(configuration["phantoms"]).contains(phantom) else { return false }
        return parts.dropFirst().allSatisfy { part in
            if let frequency = frequency(part) { return hasFrequency(frequency, configuration) }
            return farField(configuration).contains(part) || isPlacement(part, configuration["placement_scenarios"])
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// `700MHz` → `700`.
    private static func frequency(_ part: String) -> String? {
        guard part.hasSuffix("MHz") else { return nil }
        return String(part.dropLast(3))
    }

    private static func hasFrequency(_ frequency: String, _ configuration: JSON) -> Bool {
        if let listed = configuration["frequencies_mhz"] { return names(listed).contains(frequency) }
        return names(configuration["antenna_config"]).contains(frequency)
    }

    private static func farField(_ configuration: JSON) -> Set<String> {
        var found: Set<String> = []
        for setup in configuration["far_field_setup"]?.objectValue?.members ?? [] {
            found.formUnion(names(setup.value["incident_directions"]))
            found.formUnion(names(setup.value["polarizations"]))
        }
        return found
    }

    /// `by_cheek_tragus_cheek_base` is scenario, position and orientation, joined.
    private static func isPlacement(_ part: String, _ scenarios: JSON?) -> Bool {
        (scenarios?.objectValue?.members ?? []).contains { scenario in
            guard part == scenario.key || part.hasPrefix(scenario.key + "_") else { return false }
            let rest = part.dropFirst(scenario.key.count + 1)
            let orientations = names(scenario.value["orientations"])
            return orientations.isEmpty || orientations.contains { rest == $0 || rest.hasSuffix("_" + $0) }
        }
    }

    /// The strings and numbers of an array, or the keys of an object.
    private static func names(_ json: JSON?) -> Set<String> {
        if let object = json?.objectValue { return Set(object.keys) }
        return Set((json?.arrayValue ?? []).compactMap { $0.stringValue ?? $0.numberValue.map { spelled($0) } })
    }

    /// `700.0` and `700` are one frequency.
    private static func spelled(_ number: JSONNumber) -> String {
        let value = number.double
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}

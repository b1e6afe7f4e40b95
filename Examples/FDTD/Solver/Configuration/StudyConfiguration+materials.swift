extension StudyConfiguration {
    static func tissues(_ reader: ConfigurationReader) throws(ConfigurationError) -> [Tissue] {
        var tissues = [Tissue.air]
        for (name, member) in try reader.members() {
            guard name != Tissue.air.name else {
                throw member.refused("'air' is always free space; leave it out or use another name")
            }
            _ = try member.members(allowed: ["density", "dispersion", "description"])
            let density = try member.required("density").number(in: 1...30_000, unit: " kg/m³")
            var rows: [Tissue.Row] = []
            for item in try member.required("dispersion").items() {
                let row = try row(item)
                guard rows.last.map({ $0.frequency < row.frequency }) ?? true else {
                    throw item.refused("the rows are out of order; list them in rising frequency")
                }
                rows.append(row)
            }
            tissues.append(Tissue(name: name, density: density, dispersion: rows))
        }
        return tissues
    }

    private static func row(_ reader: ConfigurationReader) throws(ConfigurationError) -> Tissue.Row {
        let values = try reader.numbers(
            3, in: 0...1_000_000, unit: ": MHz, relative permittivity, conductivity in S/m"
        )
        guard values[1] >= 1 else {
            throw reader.refused("the relative permittivity is below 1; give [MHz, permittivity, S/m]")
        }
        return Tissue.Row(frequency: values[0], permittivity: values[1], conductivity: values[2])
    }

    static func phantoms(
        _ reader: ConfigurationReader, tissues: [Tissue]
    ) throws(ConfigurationError) -> [Phantom] {
        var phantoms: [Phantom] = []
        for (name, member) in try reader.members() {
            guard isFileName(name) else {
                throw member.refused(
                    "this name can't be part of a file name; use letters, digits, '-', '_' and '.', at most 60"
                )
            }
            _ = try member.members(allowed: ["description", "ellipses"])
            var ellipses: [Ellipse] = []
            for item in try member.required("ellipses").items() {
                ellipses.append(try ellipse(item, tissues: tissues))
            }
            phantoms.append(Phantom(name: name, ellipses: ellipses))
        }
        guard !phantoms.isEmpty else { throw reader.refused("there is no phantom; describe at least one") }
        return phantoms
    }

    private static func ellipse(
        _ reader: ConfigurationReader, tissues: [Tissue]
    ) throws(ConfigurationError) -> Ellipse {
        _ = try reader.members(allowed: ["tissue", "center", "size", "angle"])
        let tissue = try reader.required("tissue")
        let name = try tissue.text()
        guard tissues.contains(where: { $0.name == name }) else {
            let known = tissues.map(\.name).joined(separator: ", ")
            throw tissue.refused("the tissue '\(name)' is not described; use one of \(known)")
        }
        let size = try reader.required("size").numbers(2, in: 0.1...10_000, unit: ": width and height in mm")
        let center = try reader.optional("center")?.numbers(2, in: -10_000...10_000, unit: ": x and y in mm")
        let angle = try reader.optional("angle")?.number(in: -360...360, unit: " degrees")
        return Ellipse(
            tissue: name, centerX: center?[0] ?? 0, centerY: center?[1] ?? 0, width: size[0], height: size[1],
            angle: angle ?? 0
        )
    }

    private static func isFileName(_ name: String) -> Bool {
        let fits = name.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType != nil || "-_.".unicodeScalars.contains($0)
        }
        return fits && !name.isEmpty && name.utf8.count <= 60 && name.first != "."
    }
}

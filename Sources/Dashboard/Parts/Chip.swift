/// A filter that says how many it lets through.
enum Chip {
    static func values(_ name: String, count: Int?, path: String, isHere: Bool, shape: String? = nil) -> Values {
        [
            "name": .text(name), "count": .text(count.map { Format.count($0) }), "path": .text(path),
            "isHere": .flag(isHere), "shape": .markup(shape.map { Marks.shape($0) }),
        ]
    }
}

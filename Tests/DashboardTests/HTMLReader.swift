/// Reads a page as a browser does, byte by byte, as far as the tests need it: elements with their attributes, nested
/// properly, and text with the five references undone. What is not so is a fault.
struct HTMLReader {
    struct Element {
        let name: String
        let attributes: [String: String]
        /// Names of the elements around it, the outermost first.
        let path: [String]
        /// Ids of the elements around it.
        let ids: [String]
    }

    private(set) var elements: [Element] = []
    private(set) var text = ""
    private(set) var faults: [String] = []
    private let bytes: [UInt8]
    private var position = 0
    private var open: [Element] = []

    private static let empty: Set<String> = ["meta", "link", "input", "img", "br", "hr"]

    init(_ html: String) {
        bytes = Array(html.utf8)
        read()
    }

    func all(_ name: String) -> [Element] { elements.filter { $0.name == name } }
    func element(id: String) -> Element? { elements.first { $0.attributes["id"] == id } }

    private mutating func read() {
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "<") else {
                let start = position
                while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
                text += Self.decode(bytes[start..<position])
                continue
            }
            position += 1
            switch peek {
            case UInt8(ascii: "!"): skip(to: UInt8(ascii: ">"))
            case UInt8(ascii: "/"):
                position += 1
                close(word())
                skip(to: UInt8(ascii: ">"))
            case let byte? where Self.isLetter(byte): openElement()
            default: faults.append("a bare < at byte \(position)")
            }
        }
        if !open.isEmpty { faults.append("never closed: \(open.map(\.name))") }
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func openElement() {
        let name = word()
        var attributes: [String: String] = [:]
        var isClosed = false
        loop: while let byte = peek {
            switch byte {
            case UInt8(ascii: " "), 0x0A: position += 1
            case UInt8(ascii: ">"):
                position += 1
                break loop
            case UInt8(ascii: "/"):
                position += 1
                isClosed = true
            default:
                let (key, value) = attribute()
                if attributes[key] != nil { faults.append("\(key) twice in <\(name)>") }
                attributes[key] = value
            }
        }
        let element = Element(
            name: name, attributes: attributes, path: open.map(\.name), ids: open.compactMap { $0.attributes["id"] })
        elements.append(element)
        if !isClosed && !Self.empty.contains(name) { open.append(element) }
    }

    private mutating func attribute() -> (String, String) {
        let start = position
        while let byte = peek, byte != UInt8(ascii: "="), byte != UInt8(ascii: " "), byte != UInt8(ascii: ">"),
            byte != UInt8(ascii: "/"), byte != 0x0A
        {
            position += 1
        }
        let key = String(decoding: bytes[start..<position], as: UTF8.self)
        if position == start {
            faults.append("an attribute without a name at byte \(position)")
            position += 1
        }
        guard peek == UInt8(ascii: "=") else { return (key, "") }
        position += 1
        guard peek == UInt8(ascii: "\"") else {
            faults.append("\(key) is not quoted")
            return (key, "")
        }
        position += 1
        let valueStart = position
        while let byte = peek, byte != UInt8(ascii: "\"") { position += 1 }
        let value = Self.decode(bytes[valueStart..<position])
        position += 1
        return (key, value)
    }

    private mutating func close(_ name: String) {
        guard let last = open.last, last.name == name else {
            faults.append("</\(name)> closes \(open.last?.name ?? "nothing")")
            return
        }
        open.removeLast()
    }

    private mutating func word() -> String {
        let start = position
        while let byte = peek, Self.isLetter(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-") {
            position += 1
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func skip(to byte: UInt8) {
        while let next = peek, next != byte { position += 1 }
        position += 1
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte)
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.contains(UInt8(ascii: "&")) else { return String(decoding: bytes, as: UTF8.self) }
        var out: [UInt8] = []
        var rest = bytes
        while let byte = rest.first {
            let reference = byte == UInt8(ascii: "&") ? references.first { rest.starts(with: $0.name.utf8) } : nil
            out.append(reference?.byte ?? byte)
            rest = rest.dropFirst(reference?.name.utf8.count ?? 1)
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static let references: [(name: String, byte: UInt8)] = [
        ("&lt;", UInt8(ascii: "<")), ("&gt;", UInt8(ascii: ">")), ("&quot;", UInt8(ascii: "\"")),
        ("&#39;", UInt8(ascii: "'")), ("&amp;", UInt8(ascii: "&")),
    ]
}

/// A string that equals another only byte for byte. `String` itself says that "é" in one scalar and "é" in two are
/// equal, and hashes them alike; in JSON they are two keys, and many such spellings of one text would be a way to
/// make a hash table slow.
struct ExactText: Hashable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.isSameText(as: right.text)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}

extension String {
    /// Whether both have the same bytes. Strings of the same bytes are equal in Swift's sense too, and that answer
    /// is quick, so the bytes are compared only where it is yes.
    func isSameText(as other: String) -> Bool {
        self == other && utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}

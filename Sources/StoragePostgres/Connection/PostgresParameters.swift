import Storage

/// The values of one call, written one behind the other, as libpq wants them: text with a zero at its end.
///
/// Text for numbers too. The server decides each parameter's type by where it stands, and text fits any of them; binary
/// would have to guess it, and saves nothing that was measurable beside the call itself.
@safe struct PostgresParameters {
    private var bytes: [UInt8] = []
    private var starts: [Int] = []
    private var pointers: [UnsafePointer<CChar>?] = unsafe []

    /// Of all texts together.
    var byteCount: Int { bytes.count + 8 * starts.count }

    mutating func fill(_ values: [SQLValue]) {
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        for value in values {
            guard value != .null else {
                starts.append(-1)
                continue
            }
            starts.append(bytes.count)
            switch value {
            case .null: break
            case .integer(let integer): append(integer)
            case .real(let real): bytes.append(contentsOf: Self.text(of: real).utf8)
            case .text(let text): append(text)
            }
            bytes.append(0)
        }
    }

    /// PostgreSQL has no zero in a text. Its picture (U+2400) stands for it.
    private mutating func append(_ text: String) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        guard bytes[start...].contains(0) else { return }
        bytes.removeSubrange(start...)
        for byte in text.utf8 {
            if byte == 0 { bytes.append(contentsOf: "\u{2400}".utf8) } else { bytes.append(byte) }
        }
    }

    private mutating func append(_ integer: Int64) {
        if integer < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = integer.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    static func text(of real: Double) -> String {
        if real.isNaN { return "NaN" }
        if real.isInfinite { return real < 0 ? "-Infinity" : "Infinity" }
        return real.description
    }

    /// Calls `body` with the addresses, good for the call.
    mutating func withPointers<Value>(
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?) -> Value
    ) -> Value {
        let count = Int32(starts.count)
        return unsafe bytes.withUnsafeBytes { buffer in
            unsafe pointers.removeAll(keepingCapacity: true)
            let base = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            for start in starts {
                unsafe pointers.append(start < 0 ? nil : base.map { unsafe $0 + start })
            }
            return unsafe pointers.withUnsafeBufferPointer { unsafe body(count, $0.baseAddress) }
        }
    }
}

/// Writes JSON in order, straight into bytes, for answers that are made often: no tree, no dictionary, and commas
/// set by themselves.
///
///     var writer = JSONWriter()
///     writer.beginObject()
///     writer.field("id", "s-1")
///     writer.field("role", nil as String?)    // left out
///     writer.beginArray("jobs")
///     for job in jobs { writer.value(job) }
///     writer.endArray()
///     writer.endObject()
///     writer.bytes                            // {"id":"s-1","jobs":[…]}
///
/// That what is opened is closed, and that a key stands before each member, is the caller's care.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8]
    private var needsComma = false

    /// - Parameters:
    ///   - bytes: what is written comes behind these, such as the `data: ` of an event.
    ///   - capacity: room to make at once, in bytes.
    package init(after bytes: [UInt8] = [], capacity: Int = 512) {
        self.bytes = bytes
        self.bytes.reserveCapacity(bytes.count + capacity)
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Begins anew, keeping the room.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    package mutating func beginObject() { open(.openBrace) }
    package mutating func endObject() { close(.closeBrace) }
    package mutating func beginArray() { open(.openBracket) }
    package mutating func endArray() { close(.closeBracket) }

    package mutating func beginObject(_ name: StaticString) {
        key(name)
        beginObject()
    }

    package mutating func beginArray(_ name: StaticString) {
        key(name)
        beginArray()
    }

    /// - Parameter name: ASCII without anything to escape; it is written as it stands.
    package mutating func key(_ name: StaticString) {
        comma()
        bytes.append(.quote)
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(.quote)
        bytes.append(.colon)
        needsComma = false
    }

    /// A literal goes to the overload above, a name that is known only at run time comes here.
    @_disfavoredOverload package mutating func key(_ name: String) {
        comma()
        JSONText.append(name, to: &bytes)
        bytes.append(.colon)
        needsComma = false
    }

    package mutating func value(_ value: String) {
        beginValue()
        JSONText.append(value, to: &bytes)
    }

    package mutating func value(_ value: Int64) {
        beginValue()
        appendDecimal(value)
    }

    package mutating func value(_ value: Int) {
        self.value(Int64(value))
    }

    package mutating func value(_ value: Bool) {
        beginValue()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// The shortest spelling that reads back as the same number; infinities and NaN become `null`.
    package mutating func value(_ value: Double) {
        beginValue()
        bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
    }

    package mutating func null() {
        beginValue()
        bytes.append(contentsOf: "null".utf8)
    }

    package mutating func value(_ value: JSON) {
        beginValue()
        value.append(to: &bytes)
    }

    /// - Parameter jsonText: one JSON value as text that is known to be valid, such as a stored configuration.
    package mutating func raw(_ jsonText: String) {
        beginValue()
        bytes.append(contentsOf: jsonText.utf8)
    }

    package mutating func raw(_ jsonText: [UInt8]) {
        beginValue()
        bytes.append(contentsOf: jsonText)
    }

    private mutating func open(_ bracket: UInt8) {
        comma()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func beginValue() {
        comma()
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.append(.comma) }
    }

    private mutating func appendDecimal(_ value: Int64) {
        if value < 0 { bytes.append(.minus) }
        var rest = value.magnitude
        let start = bytes.count
        repeat {
            bytes.append(.zero + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        var (left, right) = (start, bytes.count - 1)
        while left < right {
            bytes.swapAt(left, right)
            left += 1
            right -= 1
        }
    }
}

extension JSONWriter {
    package mutating func field(_ name: StaticString, _ value: String) {
        key(name)
        self.value(value)
    }

    package mutating func field(_ name: StaticString, _ value: Int64) {
        key(name)
        self.value(value)
    }

    package mutating func field(_ name: StaticString, _ value: Int) {
        key(name)
        self.value(value)
    }

    package mutating func field(_ name: StaticString, _ value: Bool) {
        key(name)
        self.value(value)
    }

    package mutating func field(_ name: StaticString, _ value: Double) {
        key(name)
        self.value(value)
    }

    package mutating func field(_ name: StaticString, _ value: JSON) {
        key(name)
        self.value(value)
    }

    package mutating func field(_ name: StaticString, raw jsonText: String) {
        key(name)
        raw(jsonText)
    }

    package mutating func field(_ name: StaticString, raw jsonText: [UInt8]) {
        key(name)
        raw(jsonText)
    }

    // What is nil is left out.

    package mutating func field(_ name: StaticString, _ value: String?) {
        if let value { field(name, value) }
    }

    package mutating func field(_ name: StaticString, _ value: Int64?) {
        if let value { field(name, value) }
    }

    package mutating func field(_ name: StaticString, _ value: Int?) {
        if let value { field(name, value) }
    }

    package mutating func field(_ name: StaticString, _ value: Bool?) {
        if let value { field(name, value) }
    }

    package mutating func field(_ name: StaticString, _ value: Double?) {
        if let value { field(name, value) }
    }

    package mutating func field(_ name: StaticString, _ value: JSON?) {
        if let value { field(name, value) }
    }

    package mutating func field(_ name: StaticString, raw jsonText: String?) {
        if let jsonText { field(name, raw: jsonText) }
    }
}

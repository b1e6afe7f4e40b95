package import Domain

/// Reads the members of one JSON object by name and says exactly which one is wrong.
///
/// A server reads strictly: a member it does not know is an error, since a misspelt `priorty` must not pass as done.
/// A client reads leniently, so that an older one understands a newer server.
package struct FieldReader {
    private let object: JSONObject
    private let path: String
    private let isStrict: Bool
    private var taken: Int = 0

    package init(_ json: JSON, path: String = "", isStrict: Bool) throws(WireError) {
        guard case .object(let object) = json else {
            throw WireError(field: path, "must be an object, not \(json.kindName)")
        }
        self.object = object
        self.path = path
        self.isStrict = isStrict
    }

    private func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The member, counted as known; `null` is as good as absent.
    private mutating func take(_ key: String) -> JSON? {
        guard let value = object[key] else { return nil }
        taken += 1
        return value.isNull ? nil : value
    }

    private func fail(_ key: String, _ reason: String) -> WireError { WireError(field: name(key), reason) }

    package mutating func optionalJSON(_ key: String) -> JSON? { take(key) }

    /// A member that may be `null` and still be there.
    package mutating func presentJSON(_ key: String) throws(WireError) -> JSON {
        guard let value = object[key] else { throw fail(key, "is missing") }
        taken += 1
        return value
    }

    package mutating func optionalString(_ key: String, limit: Int = 1_024) throws(WireError) -> String? {
        guard let json = take(key) else { return nil }
        guard case .string(let text) = json else { throw fail(key, "must be a string, not \(json.kindName)") }
        guard text.utf8.count <= limit else { throw fail(key, "is longer than \(limit) bytes") }
        // No name has one, and not every database can keep it.
        guard !isStrict || !text.utf8.contains(0) else { throw fail(key, "has a NUL character in it") }
        return text
    }

    /// What a program said: whatever is in it, none of it is lost for a character that can't be kept. A NUL becomes
    /// U+FFFD.
    package mutating func optionalWords(_ key: String, limit: Int) throws(WireError) -> String? {
        guard let json = take(key) else { return nil }
        guard case .string(let text) = json else { throw fail(key, "must be a string, not \(json.kindName)") }
        guard text.utf8.count <= limit else { throw fail(key, "is longer than \(limit) bytes") }
        return text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
    }

    /// A text that is not empty.
    package mutating func string(_ key: String, limit: Int = 1_024) throws(WireError) -> String {
        guard let text = try optionalString(key, limit: limit) else { throw fail(key, "is missing") }
        guard !text.isEmpty else { throw fail(key, "is empty") }
        return text
    }

    package mutating func optionalInt(_ key: String, in range: ClosedRange<Int64>) throws(WireError) -> Int? {
        guard let json = take(key) else { return nil }
        guard let value = json.intValue, range.contains(value) else {
            throw fail(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return Int(value)
    }

    package mutating func int(_ key: String, in range: ClosedRange<Int64>) throws(WireError) -> Int {
        guard let value = try optionalInt(key, in: range) else { throw fail(key, "is missing") }
        return value
    }

    package mutating func optionalDouble(_ key: String, in range: ClosedRange<Double>) throws(WireError) -> Double? {
        guard let json = take(key) else { return nil }
        guard let value = json.doubleValue, range.contains(value) else {
            throw fail(key, "must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    package mutating func optionalBool(_ key: String) throws(WireError) -> Bool? {
        guard let json = take(key) else { return nil }
        guard case .bool(let value) = json else { throw fail(key, "must be true or false, not \(json.kindName)") }
        return value
    }

    package mutating func optionalInstant(_ key: String) throws(WireError) -> Instant? {
        guard let text = try optionalString(key, limit: 40) else { return nil }
        guard let instant = Instant(rfc3339: text) else {
            throw fail(key, "must be a time in RFC 3339, such as 2026-03-01T12:00:00.000Z")
        }
        return instant
    }

    package mutating func instant(_ key: String) throws(WireError) -> Instant {
        guard let instant = try optionalInstant(key) else { throw fail(key, "is missing") }
        return instant
    }

    package mutating func optionalID<ID: EntityID>(_ key: String, _ type: ID.Type = ID.self) throws(WireError) -> ID? {
        guard let text = try optionalString(key, limit: 40) else { return nil }
        guard let id = ID(text: text) else { throw fail(key, "must be an id such as \(ID.prefix)12") }
        return id
    }

    package mutating func id<ID: EntityID>(_ key: String, _ type: ID.Type = ID.self) throws(WireError) -> ID {
        guard let id = try optionalID(key, type) else { throw fail(key, "is missing") }
        return id
    }

    package mutating func attempt(_ key: String) throws(WireError) -> AttemptNumber {
        AttemptNumber(try int(key, in: 0...1_000_000_000))
    }

    /// One of an enumeration's words.
    package mutating func optionalWord<Word: RawRepresentable<String> & CaseIterable>(
        _ key: String, _ type: Word.Type = Word.self
    ) throws(WireError) -> Word? {
        guard let text = try optionalString(key, limit: 64) else { return nil }
        guard let word = Word(rawValue: text) else {
            throw fail(key, "must be one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }

    package mutating func word<Word: RawRepresentable<String> & CaseIterable>(
        _ key: String, _ type: Word.Type = Word.self
    ) throws(WireError) -> Word {
        guard let word = try optionalWord(key, type) else { throw fail(key, "is missing") }
        return word
    }

    /// An array, absent being empty.
    package mutating func strings(_ key: String, countLimit: Int = 64, limit: Int = 256) throws(WireError) -> [String] {
        let isStrict = isStrict
        return try list(key, countLimit: countLimit) { json, path throws(WireError) in
            guard case .string(let text) = json, text.utf8.count <= limit else {
                throw WireError(field: path, "must be a string of at most \(limit) bytes")
            }
            guard !isStrict || !text.utf8.contains(0) else {
                throw WireError(field: path, "has a NUL character in it")
            }
            return text
        }
    }

    /// An array of objects, absent being empty.
    package mutating func values<Value: WireValue>(
        _ key: String, _ type: Value.Type = Value.self, countLimit: Int
    ) throws(WireError) -> [Value] {
        let isStrict = isStrict
        return try list(key, countLimit: countLimit) { json, path throws(WireError) in
            try Value(json: json, path: path, isStrict: isStrict)
        }
    }

    package mutating func optionalValue<Value: WireValue>(
        _ key: String, _ type: Value.Type = Value.self
    ) throws(WireError) -> Value? {
        guard let json = take(key) else { return nil }
        return try Value(json: json, path: name(key), isStrict: isStrict)
    }

    package mutating func value<Value: WireValue>(
        _ key: String, _ type: Value.Type = Value.self
    ) throws(WireError) -> Value {
        guard let value = try optionalValue(key, type) else { throw fail(key, "is missing") }
        return value
    }

    private mutating func list<Element>(
        _ key: String, countLimit: Int, _ read: (JSON, String) throws(WireError) -> Element
    ) throws(WireError) -> [Element] {
        guard let json = take(key) else { return [] }
        guard case .array(let elements) = json else { throw fail(key, "must be an array, not \(json.kindName)") }
        guard elements.count <= countLimit else { throw fail(key, "has more than \(countLimit) elements") }
        var result: [Element] = []
        result.reserveCapacity(elements.count)
        for (position, element) in elements.enumerated() {
            result.append(try read(element, "\(name(key))[\(position)]"))
        }
        return result
    }

    /// Every member was one that is known. `known` is only walked to name the stranger.
    package func end(known: [String]) throws(WireError) {
        guard isStrict, taken < object.count else { return }
        let strangers = object.keys.filter { !known.contains($0) }
        guard !strangers.isEmpty else { return }
        throw WireError(
            strangers.map {
                FieldError(field: name($0), reason: "is not known here; known are \(known.joined(separator: ", "))")
            }
        )
    }
}

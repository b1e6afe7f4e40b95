import Foundation
import HTTPTypes
import Hummingbird
package import NIOCore

/// One part of a `multipart/form-data` body, before its bytes.
package struct MultipartHead: Sendable, Hashable {
    package let name: String
    /// Absent for an ordinary field.
    package let fileName: String?
}

/// Takes a `multipart/form-data` body apart as it comes: heads, then bytes in pieces, and never the whole in memory.
///
///     var parser = MultipartParser(boundary: boundary)
///     for try await buffer in request.body { for event in try parser.feed(buffer) { … } }
///     try parser.finish()
package struct MultipartParser {
    package enum Event: Equatable {
        case head(MultipartHead)
        case bytes(ArraySlice<UInt8>)
        case end
    }

    /// Why a body is none.
    package struct Malformed: Error, CustomStringConvertible {
        package let description: String
    }

    private enum State: Equatable {
        /// Before the first delimiter, or behind one: what it is followed by tells whether another part comes.
        case delimiter
        case head
        case body
        case done
    }

    private let delimiter: [UInt8]
    private var state = State.delimiter
    private var pending: [UInt8]
    private static let headLimitBytes = 16_384
    /// Parts of one body; more is no form.
    private static let partLimit = 1_000
    private var partCount = 0

    package init(boundary: String) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        // So that the first delimiter, which begins the body, is found like the others.
        pending = [13, 10]
    }

    /// The boundary that a `Content-Type` names; `nil` where it is no form.
    package static func boundary(of contentType: String?) -> String? {
        guard let contentType, contentType.lowercased().hasPrefix("multipart/form-data") else { return nil }
        for parameter in contentType.split(separator: ";").dropFirst() {
            let pair = parameter.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].trimmed.lowercased() == "boundary" else { continue }
            let value = pair[1].trimmed
            let bare =
                value.hasPrefix("\"") && value.hasSuffix("\"") && value.count >= 2
                ? String(value.dropFirst().dropLast()) : value
            return (1...70).contains(bare.utf8.count) ? bare : nil
        }
        return nil
    }

    package mutating func feed(_ buffer: ByteBuffer) throws(Malformed) -> [Event] {
        pending.append(contentsOf: buffer.readableBytesView)
        var events: [Event] = []
        while try step(&events) {}
        return events
    }

    package func finish() throws(Malformed) {
        guard state == .done else { throw Malformed(description: "The form ends before its last delimiter.") }
    }

    /// Takes what can be taken; `false` where more must come first.
    private mutating func step(_ events: inout [Event]) throws(Malformed) -> Bool {
        switch state {
        case .done:
            pending.removeAll()
            return false
        case .delimiter:
            guard let found = Self.find(delimiter, in: pending) else {
                guard pending.count < Self.headLimitBytes else {
                    throw Malformed(description: "The form has no delimiter.")
                }
                return false
            }
            return try afterDelimiter(at: found)
        case .head: return try head(&events)
        case .body: return try body(&events)
        }
    }

    private mutating func afterDelimiter(at found: Int) throws(Malformed) -> Bool {
        let next = found + delimiter.count
        guard pending.count >= next + 2 else { return false }
        if pending[next] == UInt8(ascii: "-"), pending[next + 1] == UInt8(ascii: "-") {
            state = .done
            return true
        }
        guard pending[next] == 13, pending[next + 1] == 10 else {
            throw Malformed(description: "A delimiter of the form is followed by something else than a line's end.")
        }
        pending.removeFirst(next + 2)
        state = .head
        return true
    }

    private mutating func head(_ events: inout [Event]) throws(Malformed) -> Bool {
        guard let end = Self.find([13, 10, 13, 10], in: pending) else {
            guard pending.count < Self.headLimitBytes else {
                throw Malformed(description: "A part's head is too long.")
            }
            return false
        }
        partCount += 1
        guard partCount <= Self.partLimit else { throw Malformed(description: "The form has too many parts.") }
        let text = String(decoding: pending[..<end], as: UTF8.self)
        guard let head = Self.head(text) else { throw Malformed(description: "A part of the form has no name.") }
        pending.removeFirst(end + 4)
        events.append(.head(head))
        state = .body
        return true
    }

    private mutating func body(_ events: inout [Event]) throws(Malformed) -> Bool {
        if let found = Self.find(delimiter, in: pending) {
            guard pending.count >= found + delimiter.count + 2 else { return false }
            if found > 0 { events.append(.bytes(pending[..<found])) }
            events.append(.end)
            return try afterDelimiter(at: found)
        }
        // The delimiter may have begun in what is here.
        let safe = pending.count - delimiter.count
        guard safe > 0 else { return false }
        events.append(.bytes(pending[..<safe]))
        pending.removeFirst(safe)
        return false
    }

    private static func find(_ needle: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= needle.count else { return nil }
        let end = bytes.count - needle.count
        var start = 0
        while start <= end {
            if bytes[start] == needle[0] {
                var offset = 1
                while offset < needle.count, bytes[start + offset] == needle[offset] { offset += 1 }
                if offset == needle.count { return start }
            }
            start += 1
        }
        return nil
    }

    /// `Content-Disposition: form-data; name="files"; filename="verbose.log"`
    private static func head(_ text: String) -> MultipartHead? {
        for line in text.split(separator: "\r\n") {
            let pair = line.split(separator: ":", maxSplits: 1)
            guard pair.count == 2, pair[0].trimmed.lowercased() == "content-disposition" else { continue }
            let values = parameters(String(pair[1]))
            guard let name = values["name"] else { return nil }
            return MultipartHead(name: name, fileName: values["filename*"] ?? values["filename"])
        }
        return nil
    }

    private static func parameters(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        var rest = Array(text)[...]
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[(semicolon + 1)...]
            guard let equals = rest.firstIndex(of: "=") else { break }
            let key = String(rest[..<equals]).trimmed.lowercased()
            rest = rest[(equals + 1)...]
            var value = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let character = rest.first, character != "\"" {
                    rest = rest.dropFirst()
                    if character == "\\", let escaped = rest.first, escaped == "\"" || escaped == "\\" {
                        value.append(escaped)
                        rest = rest.dropFirst()
                    } else {
                        value.append(character)
                    }
                }
            } else {
                value = String(rest.prefix { $0 != ";" })
            }
            if key.hasSuffix("*") { value = extended(value) ?? value }
            values[key] = value.removingFormEscapes
        }
        return values
    }

    /// `utf-8''na%C3%AFve.log`
    private static func extended(_ text: String) -> String? {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? String(parts[2]).removingPercentEncoding : nil
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}

extension String {
    /// Browsers and `urllib3` write quotes and line ends in a name as `%22`, `%0D` and `%0A`.
    fileprivate var removingFormEscapes: String {
        replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
    }
}

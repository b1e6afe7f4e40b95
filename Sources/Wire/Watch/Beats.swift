package import Domain

/// Who was last heard when: `{"s7": "2026-03-01T12:00:00.000Z"}`. Outside the fold: it moves no sequence.
package struct Beats: Sendable, Hashable {
    package var heard: [SessionID: Instant]

    package init(_ heard: [SessionID: Instant] = [:]) {
        self.heard = heard
    }

    /// Anything that is no session with its time is left out.
    package init(json: JSON?) {
        heard = [:]
        for member in json?.objectValue?.members ?? [] {
            guard let session = SessionID(text: member.key), let text = member.value.stringValue,
                let at = Instant(rfc3339: text)
            else { continue }
            heard[session] = at
        }
    }

    /// In the order of ids, so that equal beats are equal bytes.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        for (session, at) in heard.sorted(by: { $0.key < $1.key }) {
            writer.key(session.description)
            writer.value(at.description)
        }
        writer.endObject()
    }

    package var body: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }
}

extension JSONWriter {
    package mutating func field(_ name: StaticString, _ beats: Beats) {
        key(name)
        beats.write(to: &self)
    }
}

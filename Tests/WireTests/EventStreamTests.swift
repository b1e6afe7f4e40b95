import Testing
import Wire

@Suite("Event streams")
struct EventStreamTests {
    private func event(_ name: String?, _ data: String, id: String? = nil) -> ServerSentEvent {
        ServerSentEvent(event: name, data: Array(data.utf8), id: id)
    }

    @Test("an event is written as the standard has it")
    func encoding() {
        let text = { (event: ServerSentEvent) in String(decoding: event.encoded, as: UTF8.self) }
        #expect(text(event("put", "{}", id: "e-7")) == "event: put\nid: e-7\ndata: {}\n\n")
        #expect(text(event(nil, "a\nb\r\nc\rd")) == "data: a\ndata: b\ndata: c\ndata: d\n\n")
        #expect(text(ServerSentEvent(comment: "still here")) == ": still here\n\n")
        #expect(text(ServerSentEvent(comment: "")) == ": \n\n")
        #expect(text(event("a\nid: 9", "x")) == "event: aid: 9\ndata: x\n\n")
    }

    @Test("any cut of the bytes gives the same events", arguments: ["\n", "\r", "\r\n"])
    func cuts(lineEnd: String) throws {
        let lines = [
            "\u{FEFF}: hello", "", "event: put", "data: {\"a\":\"ä\"}", "id: e-1", "", ": still here", "", "data:one",
            "data: two", "data", "", "event: none", "", "id", "data: last", "", "data: unfinished",
        ]
        let bytes = Array(lines.joined(separator: lineEnd).utf8)
        let expected = [
            event("put", "{\"a\":\"ä\"}", id: "e-1"), event(nil, "one\ntwo\n"), event(nil, "last", id: ""),
        ]
        for size in 1...bytes.count {
            var decoder = EventStreamDecoder()
            var events: [ServerSentEvent] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                events += try decoder.append(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(events == expected, "pieces of \(size) bytes")
            #expect(decoder.lastEventID == "")
        }
    }

    @Test("what is encoded is decoded", arguments: ["x", "a\nb", "{\"text\":\"\\n\"}", " leading", "colon: in it"])
    func roundTrip(data: String) throws {
        var decoder = EventStreamDecoder()
        let sent = event("lines", data, id: "12")
        #expect(try decoder.append(sent.encoded) == [sent])
    }

    @Test("an id without data moves the position and gives no event")
    func idAlone() throws {
        var decoder = EventStreamDecoder()
        #expect(try decoder.append(Array("id: 7\n\n".utf8)).isEmpty)
        #expect(decoder.lastEventID == "7")
    }

    @Test("an event over the limit ends the stream, however it is cut")
    func limit() throws {
        var whole = EventStreamDecoder(limitBytes: 16)
        #expect(throws: EventTooLarge.self) { try whole.append(Array("data: 0123456789abcdef".utf8)) }
        var pieces = EventStreamDecoder(limitBytes: 16)
        #expect(throws: EventTooLarge.self) {
            while true { _ = try pieces.append(Array("data: 0123\n".utf8)) }
        }
        var small = EventStreamDecoder(limitBytes: 16)
        for _ in 0..<100 { #expect(try small.append(Array("data: 0123\n\n".utf8)).count == 1) }
    }
}

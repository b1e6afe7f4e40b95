import Domain
import Testing
import Wire

@Suite("Snapshot and watch on the wire")
struct WatchTests {
    @Test("an entity of any kind comes back as it was", arguments: Samples.entities)
    func items(record: EntityRecord) throws {
        let item = WatchItem(record)
        #expect(try WatchItem(body: item.body, isStrict: true) == item)
        let json = try JSON(parsing: item.body)
        #expect(json.objectValue?.keys == WatchItem.fields)
        #expect(json["seq"]?.intValue == record.sequence.value)
    }

    @Test(
        "an item whose key is not that of its value is refused",
        arguments: [
            (#"{"kind":"queue","id":"other","seq":8,"value":"#, "id"),
            (#"{"kind":"queue","id":"default","seq":9,"value":"#, "seq"),
            (#"{"kind":"planet","id":"default","seq":8,"value":"#, "kind"),
        ]
    )
    func mismatch(head: String, field: String) {
        let body = Array(head.utf8) + Samples.queue.body + Array("}".utf8)
        let error = #expect(throws: WireError.self) { try WatchItem(body: body, isStrict: false) }
        #expect(error?.errors.map(\.field) == [field])
    }

    @Test("a snapshot comes back as it was")
    func snapshot() throws {
        let snapshot = Snapshot(
            epoch: "e-1", sequence: SequenceNumber(1_200), scope: .fleet, items: Samples.entities.map(WatchItem.init),
            beats: Beats([SessionID(number: 77): Samples.moment, SessionID(number: 8): Samples.moment])
        )
        #expect(try Snapshot(body: snapshot.body, isStrict: true) == snapshot)
    }

    @Test("beats stand in the order of ids and pass over what is no session")
    func beats() throws {
        let beats = Beats([SessionID(number: 77): Samples.moment, SessionID(number: 8): Samples.moment])
        let text = String(decoding: beats.body, as: UTF8.self)
        #expect(text == #"{"s8":"2026-03-01T12:00:00.123Z","s77":"2026-03-01T12:00:00.123Z"}"#)
        let read = Beats(json: try JSON(parsing: #"{"s8":"2026-03-01T12:00:00.123Z","x":"…","s9":4}"#))
        #expect(read.heard == [SessionID(number: 8): Samples.moment])
    }

    @Test("a frame goes through the event stream unchanged")
    func frames() throws {
        let deletion = WatchDeletion(key: .job(JobID(number: 3)), sequence: SequenceNumber(50))
        let frames: [WatchFrame] = [
            .put(WatchItem(.job(Samples.job))), .delete(deletion), .reset,
            .beats(Beats([SessionID(number: 8): Samples.moment])),
        ]
        var decoder = EventStreamDecoder()
        for frame in frames {
            let events = try decoder.append(frame.event(epoch: "e-1").encoded)
            #expect(events.count == 1)
            #expect(try events.first.flatMap { try WatchFrame($0) } == frame)
        }
        #expect(decoder.lastEventID == "e-1-50")
        #expect(try WatchFrame(ServerSentEvent(event: "news", data: [1])) == nil)
    }

    @Test("a position reads back, also where the epoch has hyphens", arguments: ["a", "a-b", "a-1-", "-"])
    func positions(epoch: String) {
        let position = WatchPosition(epoch: epoch, sequence: SequenceNumber(7))
        #expect(WatchPosition(text: position.description) == position)
    }

    @Test("what is no position is refused", arguments: ["", "7", "-7", "a-", "a-x", "a-+7", "a-99999999999999999999"])
    func noPositions(text: String) {
        #expect(WatchPosition(text: text) == nil)
    }

    @Test("log lines go through the event stream unchanged")
    func logFrames() throws {
        let event = LogFrame.event([Samples.bareLine, Samples.line])
        #expect(event.id == "12")
        #expect(try LogFrame.lines(of: event) == [Samples.bareLine, Samples.line])
        #expect(try LogFrame.lines(of: ServerSentEvent(event: "other", data: [1])) == nil)
        #expect(throws: WireError.self) { try LogFrame.lines(of: ServerSentEvent(event: "lines", data: [1])) }
    }
}

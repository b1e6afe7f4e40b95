import Domain
import Testing
import Wire

@Suite("Records on the wire")
struct RecordTests {
    /// A strict reader takes it whole: every member is one of `fields`, and the value is the same.
    private func expectRoundTrip<Value: WireValue & Equatable>(
        _ value: Value, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let read = try Value(body: value.body, isStrict: true)
        #expect(read == value, sourceLocation: location)
        let keys = try JSON(parsing: value.body).objectValue?.keys ?? []
        #expect(keys.allSatisfy(Value.fields.contains), sourceLocation: location)
    }

    @Test("a full record comes back as it was, and uses every field it names")
    func fullRecords() throws {
        func expectFull<Value: WireValue & Equatable>(_ value: Value) throws {
            try expectRoundTrip(value)
            #expect(try JSON(parsing: value.body).objectValue?.keys == Value.fields)
        }
        try expectFull(Samples.machine)
        try expectFull(Samples.progress)
        try expectFull(Samples.held)
        try expectFull(Samples.session)
        try expectFull(Samples.job)
        try expectFull(Samples.counts)
        try expectFull(Samples.study.forecast)
        try expectFull(Samples.study)
        try expectFull(Samples.queue)
        try expectFull(Samples.attempt)
        try expectFull(Samples.transition)
        try expectFull(Samples.line)
        try expectFull(Samples.artifact)
    }

    @Test("a bare record comes back as it was")
    func bareRecords() throws {
        try expectRoundTrip(Samples.bareMachine)
        try expectRoundTrip(JobProgress())
        try expectRoundTrip(Samples.bareHeld)
        try expectRoundTrip(Samples.bareSession)
        try expectRoundTrip(Samples.bareJob)
        try expectRoundTrip(Samples.bareStudy)
        try expectRoundTrip(Samples.bareAttempt)
        try expectRoundTrip(Samples.bareTransition)
        try expectRoundTrip(Samples.bareLine)
    }

    @Test("what nobody observed is absent, and a number that is zero is sent")
    func absentAndZero() throws {
        let progress = try JSON(parsing: Samples.bareJob.body)["progress"]
        #expect(progress == .object(JSONObject()))
        let begun = try JSON(parsing: JobProgress(fraction: 0).body)
        #expect(begun["fraction"]?.doubleValue == 0)
        #expect(begun["stageFraction"] == nil)
        let session = try JSON(parsing: Samples.bareSession.body)
        #expect(session["completedCount"]?.intValue == 0)
        #expect(session["utilisation"] == .object(JSONObject()))
        #expect(session["endedAt"] == nil)
        let counts = try JSON(parsing: JobCounts().body)
        #expect(counts.objectValue?.members.map(\.value) == Array(repeating: 0, count: 7))
    }

    @Test("the shape of a job is stable")
    func jobShape() {
        let expected = #"""
            {"id":"j1","status":"pending","scheduled":false,"attempt":0,"priority":0,"progress":{},\#
            "cancelRequested":false,"countedFailures":0,"maximumAttempts":3,"warningCount":0,"errorCount":0,\#
            "artifactCount":0,"createdAt":"2026-03-01T12:00:00.123Z","seq":1}
            """#
        #expect(String(decoding: Samples.bareJob.body, as: UTF8.self) == expected)
    }

    @Test("counts carry their sum, which a reader makes itself")
    func countsTotal() throws {
        #expect(try JSON(parsing: Samples.counts.body)["total"]?.intValue == 15)
        let read = try JobCounts(
            body: Array(
                #"{"pending":1,"claimed":0,"running":0,"completed":2,"failed":0,"cancelled":0,"total":99}"#.utf8),
            isStrict: true
        )
        #expect(read.total == 3)
    }

    @Test(
        "a record with a wrong field says which",
        arguments: [
            (#"{"fraction":1.5}"#, "fraction"), (#"{"fraction":"half"}"#, "fraction"), (#"{"etaAt":"soon"}"#, "etaAt"),
            (#"{"stage":3}"#, "stage"), (#"{"speed":1}"#, "speed"),
        ]
    )
    func wrongField(body: String, field: String) {
        let error = #expect(throws: WireError.self) { try JobProgress(body: Array(body.utf8), isStrict: true) }
        #expect(error?.errors.map(\.field) == [field])
    }

    @Test("a client passes over what a newer server adds")
    func lenient() throws {
        let body = Array(#"{"fraction":0.5,"speed":1}"#.utf8)
        #expect(try JobProgress(body: body, isStrict: false) == JobProgress(fraction: 0.5))
    }

    @Test("a list comes back with its cursor, and its last page without one")
    func lists() throws {
        try expectRoundTrip(ListReply(items: [Samples.job, Samples.bareJob], next: "c2"))
        try expectRoundTrip(ListReply<QueueRecord>(items: []))
        #expect(try JSON(parsing: ListReply<QueueRecord>(items: []).body)["next"] == nil)
        let beats = Beats([SessionID(number: 77): Samples.moment])
        try expectRoundTrip(SessionList(items: [Samples.session], beats: beats, next: nil))
    }

    @Test("details come back as they were")
    func details() throws {
        try expectRoundTrip(
            SessionDetail(
                session: Samples.session, machine: Samples.machine, lastHeardAt: Samples.moment,
                attempts: [Samples.attempt], transitions: [Samples.transition]
            )
        )
        try expectRoundTrip(
            JobDetail(
                job: Samples.job, payload: try JSON(parsing: #"{"b":1.0,"a":1e3}"#), result: [1, nil],
                attempts: [Samples.attempt], transitions: [], artifacts: [Samples.artifact]
            )
        )
        try expectRoundTrip(ArtifactDetail(artifact: Samples.artifact, downloadURL: "/files/x?sig=1"))
        try expectRoundTrip(LogPage(lines: [Samples.line, Samples.bareLine], next: 12))
        try expectRoundTrip(VersionReply(version: "1.0", epoch: nil))
    }
}

@Suite("Tokens on the wire")
struct TokenTests {
    @Test("a token's id is a string")
    func identifiers() throws {
        let record = TokenRecord(id: 12, name: "lab", role: .operator, createdAt: Samples.moment, revokedAt: nil)
        #expect(try TokenRecord(body: record.body, isStrict: true) == record)
        #expect(try JSON(parsing: record.body)["id"]?.stringValue == "12")
        let reply = TokenReply(id: 0, name: "lab", role: .viewer, token: "secret")
        #expect(try TokenReply(body: reply.body, isStrict: true) == reply)
        let request = NewToken(name: "lab", role: .worker)
        #expect(try NewToken(body: request.body, isStrict: true) == request)
    }

    @Test("what is no id of a token is refused", arguments: ["01", "-1", "x", "", "99999999999999999999"])
    func strangers(id: String) {
        let body = Array(#"{"id":"\#(id)","name":"lab","role":"viewer","token":"x"}"#.utf8)
        #expect(throws: WireError.self) { try TokenReply(body: body, isStrict: false) }
    }
}

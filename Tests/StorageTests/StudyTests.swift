import Domain
import Storage
import TestKit
import Testing

@Suite struct StudyTests {
    private func change(
        _ test: TestStore, _ action: ChangeStudy.Action, _ study: String = "study"
    ) async throws -> ChangeStudy.Answer {
        let change = ChangeStudy(study: study, action: action, actor: "operator")
        return try await test.store.write { try change.run($0) }
    }

    private func statuses(_ test: TestStore, _ study: StudyID) async throws -> [JobStatus] {
        try await test.store.read { try ListReads.statuses(of: study, $0) }.map(\.status)
    }

    @Test(arguments: Engine.all)
    func aNameIsTakenOnce(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let first = try await test.study(count: 2)
            let error = await #expect(throws: StoreError.self) { try await test.study(count: 3) }
            #expect(error?.reason == "study-exists")
            #expect(error?.message.contains(first.description) == true)
            #expect(try await test.study(first)?.counts.pending == 2)
            _ = try await change(test, .delete)
            #expect(try await test.study(count: 3) != first)
        }
    }

    @Test(arguments: Engine.all)
    func readyMadeAssignmentsKeepTheirTextToTheByte(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let texts = [#"{"b": 1.50, "a":[1,2]}"#, #"{"z":1e-3}"#]
            let create = CreateStudy(
                name: "made", content: .assignments(texts), requires: ["gpu": 8], priority: 2, maximumAttempts: 1
            )
            let study = try await test.store.write { try create.run($0) }
            let small = try await test.register("small", queues: [], studies: ["made"])
            #expect(try await test.claim(small).jobs.isEmpty)
            let large = try await test.register("large", queues: [], studies: ["made"], capabilities: ["gpu": 8])
            #expect(try await test.claim(large, count: 5).jobs.map(\.payload) == texts)
            #expect(try await test.study(study)?.dimensions == [])
        }
    }

    @Test(arguments: Engine.all)
    func preparedAssignmentsKeepTheirTextTheirNamesAndHowTheyWereMade(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            var create = CreateStudy(
                name: "prepared",
                content: .prepared(
                    configuration: #"{"a":[1.0,2]}"#, dimensions: ["a"],
                    assignments: [
                        CreateStudy.PreparedAssignment(label: "one", payload: #"{"a": [1.0]}"#),
                        CreateStudy.PreparedAssignment(label: nil, payload: #"{"a": [2]}"#),
                    ]
                ), requires: nil, priority: 0, maximumAttempts: 1
            )
            create.notes = ["three were asked for"]
            let creation = create
            let study = try await test.store.write { try creation.run($0) }
            #expect(try await test.study(study)?.dimensions == ["a"])
            let configuration = try await test.store.read { try ListReads.configuration(of: study, $0) }
            #expect(configuration == #"{"a":[1.0,2]}"#)
            let session = try await test.register(queues: [], studies: ["prepared"])
            let claimed = try await test.claim(session, count: 5).jobs
            #expect(claimed.map(\.payload) == [#"{"a": [1.0]}"#, #"{"a": [2]}"#])
            #expect(claimed.map(\.label) == ["one", nil])
            let history = try await test.store.read {
                try ListReads.transitions(.study, study.number, key: .study(study), limit: 5, $0)
            }
            #expect(history.map(\.why) == ["created with 2 assignments; three were asked for"])
        }
    }

    @Test(arguments: Engine.all)
    func aHundredThousandAssignmentsAreOneCommit(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let before = test.observer.all.count
            let study = try await test.study(count: 100_000)
            #expect(test.observer.all.count == before + 1)
            let last = try #require(test.observer.all.last)
            #expect(last.changes.map(\.key) == [.study(study)])
            #expect(try await test.study(study)?.counts.pending == 100_000)
            let session = try await test.register(queues: [], studies: ["study"])
            let claimed = try await test.claim(session, study: "study", index: 99_999).jobs
            #expect(claimed.map(\.payload) == [#"{"items":[99999],"solver":{"dt":1.0}}"#])
        }
    }

    @Test(arguments: Engine.all)
    func aPausedStudyHandsNothingOutUntilItGoesOn(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let study = try await test.study(count: 2)
            let session = try await test.register(queues: [], studies: ["study"])
            let held = try await test.claim(session).jobs[0]
            _ = try await change(test, .pause)
            #expect(try await test.study(study)?.status == .paused)
            let answer = try await test.claim(session, held: [held.key])
            #expect(answer.jobs.isEmpty && !answer.isFinished)
            // What runs goes on.
            try await test.report(session, 1, held, .completed)
            _ = try await change(test, .resume)
            #expect(test.observer.all.last?.ready.isEmpty == false)
            #expect(try await test.claim(session).jobs.map(\.index) == [1])
        }
    }

    @Test(arguments: Engine.all)
    func cancellingEndsWhatWaitsAndAsksForWhatRuns(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let study = try await test.study(count: 3)
            let session = try await test.register(queues: [], studies: ["study"])
            let held = try await test.claim(session).jobs[0]
            #expect(try await change(test, .cancel).count == 3)
            #expect(try await statuses(test, study) == [.claimed, .cancelled, .cancelled])
            #expect(try await test.beat(session, held: [held.key]).cancel == [held.key])
            try await test.report(session, 1, held, .cancelled)
            #expect(try await statuses(test, study) == [.cancelled, .cancelled, .cancelled])
            #expect(try await test.study(study)?.isFinished == true)
            #expect(try await test.claim(session).isFinished)
        }
    }

    @Test(arguments: Engine.all)
    func retryingBringsBackWhatFailedAtItsIndex(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let study = try await test.study(count: 3)
            let session = try await test.register(queues: [], studies: ["study"])
            let held = try await test.claim(session, count: 3).jobs
            try await test.report(session, 1, held[0], .completed)
            try await test.report(session, 2, held[1], .failed, exitCode: 1)
            try await test.report(session, 3, held[2], .completed)
            #expect(try await test.study(study)?.finishedAt != nil)
            #expect(try await change(test, .retryFailed).count == 1)
            #expect(try await test.study(study)?.finishedAt == nil)
            let again = try await test.claim(session).jobs
            #expect(again.map(\.index) == [1])
            #expect(again.map(\.attempt) == [AttemptNumber(2)])
            #expect(again.map(\.job) == [held[1].job])
        }
    }

    @Test(arguments: Engine.all)
    func retryingACancelledStudyBringsAllOfItBack(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let study = try await test.study(count: 3)
            _ = try await change(test, .cancel)
            let refused = await #expect(throws: StoreError.self) { try await change(test, .pause) }
            #expect(refused?.reason == "study-cancelled")
            #expect(try await change(test, .retryFailed).count == 3)
            #expect(try await test.study(study)?.status == .active)
            #expect(try await statuses(test, study) == [.pending, .pending, .pending])
        }
    }

    @Test(arguments: Engine.all)
    func deletingLeavesNoGhost(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            _ = try await test.study(count: 3)
            let session = try await test.register(queues: [], studies: ["study"])
            let held = try await test.claim(session, count: 2).jobs
            let artifact = try await test.store.write {
                try OpenArtifact(session: session, key: held[0].key, name: "a.txt", mediaType: "text/plain").run($0)
            }
            try await test.report(session, 1, held[1], .completed)
            let answer = try await change(test, .delete)
            #expect(answer.orphanedArtifacts == [artifact])
            try await test.store.read { try StoreLaws.check($0) }
            while let bite = try await test.store.read({ try RemoveStudies($0) }) {
                try await test.store.write { try bite.run($0) }
            }
            for table in ["job", "ended_attempt", "artifact", "job_count", "queue", "queue_requirement", "study"] {
                let rows = Statement("test.rows", "SELECT COUNT(*) FROM \(table)")
                #expect(try await test.store.read { try $0.row(rows, [])?.int(0) } == 0, "\(table)")
            }
            #expect(try await test.session(session)?.held == [])
            #expect(try await test.beat(session, held: [held[0].key]).lost == [held[0].key])
            #expect(try await test.report(session, 2, held[0], .completed).lost == [held[0].key])
            #expect(try await test.claim(session).isFinished)
            let gone = await #expect(throws: StoreError.self) { try await change(test, .delete) }
            #expect(gone?.reason == "unknown-study")
            try await test.store.read { try StoreLaws.check($0) }
        }
    }

    @Test(arguments: Engine.all)
    func whatADeletedStudyLeavesGoesInBitesAndIsSeenByNobody(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let study = try await test.study(count: 10)
            let session = try await test.register(queues: [], studies: ["study"])
            let done = try #require(try await test.claim(session, count: 1).jobs.first)
            let artifact = try await test.store.write {
                try OpenArtifact(session: session, key: done.key, name: "a.txt", mediaType: "text/plain").run($0)
            }
            let store = StoreArtifact(artifact: artifact, byteCount: 1, sha256: String(repeating: "0", count: 64))
            _ = try await test.store.write { try store.run($0) }
            try await test.report(session, 1, done, .completed)
            let waiting = try #require(
                try await test.store.read { try ListReads.assignments(of: study, after: 8, status: nil, limit: 1, $0) }
                    .first
            )
            #expect(try await change(test, .delete).orphanedArtifacts == [])
            let rows = Statement("test.rows", "SELECT COUNT(*) FROM job WHERE study_id = $1")
            let count = { try await test.store.read { try $0.row(rows, [.id(study)])?.int(0) } }
            #expect(try await count() == 10)

            // The next one of its name, which no bite may touch.
            let next = try await test.study(count: 4)
            #expect(next != study)
            for left in [7, 4, 1] {
                try await expectUnseen(test, study, jobs: [done.job, waiting.id], artifact, by: session)
                let bite = try #require(try await test.store.read { try RemoveStudies($0, count: 3) })
                #expect(bite.artifacts == (left == 7 ? [artifact] : []))
                try await test.store.write { try bite.run($0) }
                #expect(try await count() == left)
                try await test.store.read { try StoreLaws.check($0) }
            }
            while let bite = try await test.store.read({ try RemoveStudies($0, count: 3) }) {
                try await test.store.write { try bite.run($0) }
            }
            #expect(try await count() == 0)
            #expect(try await test.store.read { try RecordReads.study(named: "study", $0) }?.counts.total == 4)
            #expect(try await test.claim(session, count: 9).jobs.count == 4)
            try await test.store.read { try StoreLaws.check($0) }
        }
    }

    @Test(arguments: Engine.all)
    func thoseWhoHoldItAndItsNewestAttemptsAreTold(engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let study = try await test.study(count: 5)
            let other = try await test.study("other", count: 1)
            let sessions = [
                try await test.register("one", studies: ["study"]), try await test.register("two", studies: ["study"]),
                try await test.register("three", studies: ["other"]),
            ]
            var claimed: [JobID] = []
            for session in [sessions[0], sessions[1], sessions[0]] {
                test.clock.advance(seconds: 1)
                let job = try #require(try await test.claim(session).jobs.first)
                claimed.append(job.job)
                if claimed.count == 1 {
                    try await test.report(session, 1, job, .started)
                    try await test.report(session, 2, job, .completed, exitCode: 0)
                }
            }
            #expect(try await test.claim(sessions[2]).jobs.count == 1)
            try await test.store.read { [claimed] connection in
                let holders = try ListReads.holders(of: study, connection).sorted { $0.id < $1.id }
                #expect(holders.map(\.id) == Array(sessions[..<2]))
                #expect(holders.allSatisfy { $0.kind == .agent && $0.status.isLive })
                #expect(try ListReads.holders(of: other, connection).map(\.id) == [sessions[2]])
                #expect(try ListReads.holder(of: claimed[0], connection) == nil)
                #expect(try ListReads.holder(of: claimed[1], connection)?.id == sessions[1])
                let all = try ListReads.holdersOfStudies(connection).mapValues { $0.map(\.id).sorted() }
                #expect(all == [study: Array(sessions[..<2]), other: [sessions[2]]])
                let steps = try ListReads.transitions(
                    .job, claimed[0].number, key: .job(claimed[0]), limit: 2, connection)
                #expect(steps.map(\.to) == ["running", "completed"], "the newest, the oldest of them first")
                let newest = try ListReads.attempts(of: study, limit: 2, connection)
                #expect(newest.map(\.job) == [claimed[2], claimed[1]])
                #expect(try ListReads.attempts(of: study, limit: 9, connection).count == 3)
            }
        }
    }

    private func expectUnseen(
        _ test: TestStore, _ study: StudyID, jobs: [JobID], _ artifact: ArtifactID, by session: SessionID
    ) async throws {
        try await test.store.read { connection in
            #expect(try RecordReads.study(study, connection) == nil)
            #expect(try RecordReads.study(named: "\(study)", connection) == nil)
            #expect(
                try ListReads.studies(before: ListReads.end, limit: 9, connection).map(\.id).contains(study) == false)
            #expect(try ListReads.assignments(of: study, after: -1, status: nil, limit: 9, connection).isEmpty)
            let listed = try ListReads.jobs(queue: nil, status: nil, before: ListReads.end, limit: 99, connection)
            #expect(!listed.contains { $0.study == study })
            #expect(try ListReads.artifact(artifact, connection) == nil)
            #expect(try ListReads.attempts(of: session, limit: 9, connection).isEmpty)
            #expect(try WatchReads.snapshot(.study(study), connection).records.isEmpty)
            for job in jobs {
                #expect(try RecordReads.job(job, connection) == nil)
                #expect(try ListReads.documents(of: job, connection) == nil)
                #expect(try ListReads.artifacts(of: job, connection).isEmpty)
                #expect(try WatchReads.snapshot(.job(job), connection).records.isEmpty)
            }
        }
        for job in jobs {
            for action in [ChangeJob.Action.cancel, .retry, .delete] {
                let refusal = await #expect(throws: StoreError.self) {
                    try await test.store.write { try ChangeJob(job: job, action: action, actor: "operator").run($0) }
                }
                #expect(refusal?.reason == "unknown-job")
            }
        }
        let refusal = await #expect(throws: StoreError.self) {
            try await test.store.write { transaction in
                try ChangeStudy(study: "\(study)", action: .resume, actor: "operator").run(transaction)
            }
        }
        #expect(refusal?.reason == "unknown-study")
    }

    // MARK: - Idempotency

    private func submit(_ test: TestStore, key: String, hash: String) async throws -> [SubmitJobs.Submitted] {
        let submit = SubmitJobs(
            jobs: [
                SubmitJobs.New(
                    queue: "default", payload: "{}", requires: nil, priority: 0, runAt: nil, uniqueKey: nil,
                    label: nil, maximumAttempts: 5
                )
            ], idempotency: SubmitJobs.Idempotency(key: key, bodyHash: hash)
        )
        return try await test.store.write { try submit.run($0) }
    }

    @Test(arguments: Engine.all)
    func aRequestSentTwiceMakesItsJobsOnce(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let first = try await submit(test, key: "k", hash: "a")
            let again = try await submit(test, key: "k", hash: "a")
            #expect(first.map(\.id) == again.map(\.id))
            #expect(first.map(\.isNew) == [true])
            #expect(again.map(\.isNew) == [false])
            let other = await #expect(throws: StoreError.self) { try await submit(test, key: "k", hash: "b") }
            #expect(other?.reason == "idempotency-mismatch")
            #expect(try await submit(test, key: "l", hash: "a").map(\.id) != first.map(\.id))
        }
    }

    @Test(arguments: Engine.all)
    func aUniqueKeyIsOneJobOfItsQueue(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let first = try await test.submit(1, uniqueKey: "night")
            #expect(try await test.submit(1, uniqueKey: "night") == first)
            #expect(try await test.submit(1, queue: "other", uniqueKey: "night") != first)
        }
    }
}

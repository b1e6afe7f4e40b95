import Domain
import Storage

/// Those who submit, cancel, retry, pause and delete.
struct SimulatedPeople {
    private(set) var studies: [StudyID] = []
    private var jobs: [JobID] = []
    private var sessions: [SessionID] = []
    private var studyCount = 0

    /// A study by one of the few names that workers serve.
    mutating func create(_ random: inout SeededGenerator) -> SimulatedCall? {
        studyCount += 1
        let count = Int(random.number(1...12))
        let name = "study-\(studyCount % 5)"
        if random.chance(0.3) {
            let texts = (0..<count).map { "{\"number\":\($0)}" }
            return .create(
                CreateStudy(
                    name: name, content: .assignments(texts), requires: nil, priority: 0, maximumAttempts: 4
                )
            )
        }
        let configuration: JSON = ["items": .array((0..<count).map { JSON($0) }), "dt": 1]
        guard let specification = try? SplitSpecification(commandLine: "items"),
            let split = try? Split(of: configuration, by: specification)
        else { return nil }
        return .create(
            CreateStudy(
                name: name,
                content: .split(
                    configuration: configuration.text, specification: specification.json.text, split: split
                ), requires: nil, priority: Int(random.number(0...2)), maximumAttempts: 5
            )
        )
    }

    private func submission(_ random: inout SeededGenerator, now: Instant) -> SimulatedCall {
        let jobs = (0..<Int(random.number(1...8))).map { number in
            SubmitJobs.New(
                queue: random.chance(0.7) ? "default" : "second", payload: "{}",
                requires: random.chance(0.2) ? ["gpuMemoryGb": 16] : nil, priority: Int(random.number(-1...1)),
                runAt: random.chance(0.2) ? now.adding(milliseconds: random.number(1_000...60_000)) : nil,
                uniqueKey: random.chance(0.1) ? "key-\(random.number(0...9))" : nil, label: nil,
                maximumAttempts: Int(random.number(1...4))
            )
        }
        let key = random.number(0...30)
        return .submit(
            SubmitJobs(
                jobs: jobs,
                idempotency: random.chance(0.2) ? .init(key: "idempotency-\(key)", bodyHash: "\(key)") : nil
            )
        )
    }

    /// Something that a person does now.
    mutating func act(_ random: inout SeededGenerator, now: Instant) -> SimulatedCall? {
        switch random.index(below: 21) {
        case 0..<9: return submission(&random, now: now)
        case 9..<11: return create(&random)
        case 11..<14:
            guard let job = jobs.randomElement(using: &random) else { return nil }
            let actions: [ChangeJob.Action] = [.cancel, .cancel, .retry, .retry, .delete]
            return .changeJob(
                ChangeJob(job: job, action: actions[random.index(below: actions.count)], actor: "operator")
            )
        case 14..<17:
            guard let study = studies.randomElement(using: &random) else { return nil }
            let actions: [ChangeStudy.Action] = [.pause, .resume, .resume, .cancel, .retryFailed, .delete]
            return .changeStudy(
                ChangeStudy(
                    study: study.description, action: actions[random.index(below: actions.count)], actor: "operator"
                )
            )
        case 17..<19:
            guard let session = sessions.randomElement(using: &random) else { return nil }
            let actions: [ChangeSession.Action] = [.drain, .delete(force: true), .delete(force: false)]
            return .changeSession(
                ChangeSession(
                    session: session, action: actions[random.index(below: actions.count)], actor: "operator"
                )
            )
        case 19: return .removeStudies
        default:
            var retention = Retention()
            retention.endedSessionMilliseconds = 300_000
            retention.finishedJobMilliseconds = 900_000
            return .prune(Prune(retention: retention, jobCursor: JobID(number: 0)))
        }
    }

    /// Remembers what there is to act on.
    mutating func hear(_ answer: SimulatedAnswer, to call: SimulatedCall) {
        switch answer {
        case .submitted(let new): jobs = (jobs + new).suffix(60)
        case .created(let study): studies.append(study)
        case .claimed(let answer): jobs = (jobs + answer.jobs.map(\.job)).suffix(60)
        case .registered(let session): sessions = (sessions + [session]).suffix(150)
        default: break
        }
    }

    /// What would stand in the way of an end: studies that wait for a person.
    func lastWishes() -> [SimulatedCall] {
        studies.map { .changeStudy(ChangeStudy(study: $0.description, action: .resume, actor: "operator")) }
    }
}

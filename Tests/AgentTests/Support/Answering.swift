import Domain
import NIOCore
import Wire

/// What the fake server answers, request for request.
struct Answering: Sendable {
    typealias State = FakeServer.State

    let box: @Sendable ((inout State) -> Void) -> Void

    private func with<Value>(_ body: (inout State) -> Value) -> Value {
        var value: Value?
        box { value = body(&$0) }
        guard let value else { preconditionFailure("the body was not run") }
        return value
    }

    func answer(_ request: TestRequest, _ loop: any EventLoop) -> TestAnswer {
        let answer = with { state -> TestAnswer in
            let end = request.path.split(separator: "/").last.map(String.init) ?? ""
            state.log.append("\(request.method) \(end)")
            if let place = state.instead.firstIndex(where: { $0.path == end }) {
                return state.instead.remove(at: place).answer
            }
            let answer = route(request, &state, loop)
            if let place = state.losesAnswerOf.firstIndex(of: end) {
                // One that is given later is lost when it comes.
                if case .later = answer { return answer }
                state.losesAnswerOf.remove(at: place)
                return .cut
            }
            return answer
        }
        serveWaiting()
        return answer
    }

    private func route(_ request: TestRequest, _ state: inout State, _ loop: any EventLoop) -> TestAnswer {
        let parts = request.path.split(separator: "/").map(String.init)
        if request.path == APIPath.sessions { return register(request, &state) }
        if parts.first == "files" {
            guard let ticket = state.tickets[request.path] else { return problem(404, "unknown-artifact") }
            state.artifacts["\(ticket.ref.job)-\(ticket.ref.attempt)/\(ticket.name)"] = request.body
            return .status(201, body: Array("{}".utf8))
        }
        guard let session = request.token.flatMap({ state.tokens[$0] }) else { return problem(401, "unauthorised") }
        guard state.sessions[session]?.isGone == false else { return problem(410, "session-ended") }
        switch parts.last {
        case "heartbeat": return heartbeat(session, request, &state)
        case "claims": return claim(session, request, &state, loop)
        case "reports": return report(session, request, &state)
        case "artifacts": return artifact(request, &state)
        case "snapshot":
            return ok(
                Snapshot(
                    epoch: "e", sequence: SequenceNumber(1), scope: .session(session), items: [], beats: Beats([:])
                )
            )
        case "watch":
            let stream = TestStream()
            state.streams.append(stream)
            return .stream(stream)
        default: return problem(404, "not-found")
        }
    }

    private func problem(_ status: Int, _ code: String) -> TestAnswer {
        .status(status, body: Problem(code: code, title: code, status: status, detail: "It is \(code).").body)
    }

    private func ok(_ value: some WireValue) -> TestAnswer { .status(200, body: value.body) }

    private func register(_ request: TestRequest, _ state: inout State) -> TestAnswer {
        guard let register = try? RegisterRequest(body: request.body, isStrict: true) else {
            return problem(422, "invalid")
        }
        state.registrations.append(register)
        let known = state.sessions.first { $0.value.processKey == register.processKey }?.key
        let session = known ?? SessionID(number: state.nextSession)
        if known == nil {
            state.nextSession += 1
            state.sessions[session] = FakeServer.SessionState(processKey: register.processKey)
        }
        let token = "token-\(session)-\(state.registrations.count)"
        state.tokens = state.tokens.filter { $0.value != session }
        state.tokens[token] = session
        return .status(
            201,
            body: RegisterReply(
                session: session, token: token, epoch: "e", heartbeatMilliseconds: state.heartbeatMilliseconds,
                serverTime: Instant(milliseconds: 0)
            ).body
        )
    }

    private func heartbeat(_ session: SessionID, _ request: TestRequest, _ state: inout State) -> TestAnswer {
        guard let beat = try? HeartbeatRequest(body: request.body, isStrict: true) else {
            return problem(422, "invalid")
        }
        state.sessions[session]?.beats.append(beat)
        if beat.status == .stopped { state.sessions[session]?.isStopped = true }
        let refs = beat.held.map(\.ref)
        return ok(
            HeartbeatReply(
                lost: refs.filter { state.held[$0] != session }, cancel: refs.filter { state.cancelled.contains($0) },
                isDraining: state.isDraining, leaseMilliseconds: 60_000
            )
        )
    }

    private func claim(
        _ session: SessionID, _ request: TestRequest, _ state: inout State, _ loop: any EventLoop
    ) -> TestAnswer {
        guard let claim = try? ClaimRequest(body: request.body, isStrict: true) else { return problem(422, "invalid") }
        state.claims.append(claim)
        if state.isDraining { return problem(409, "not-serving") }
        guard claim.reports.isEmpty else { return claimBesideReports(session, claim, &state) }
        if let index = claim.index {
            guard let place = state.waiting.firstIndex(where: { $0.index == index }) else {
                return problem(409, "not-pending")
            }
            let job = state.waiting.remove(at: place)
            state.held[job.ref] = session
            return ok(ClaimReply(jobs: [job], isFinished: false))
        }
        if let reply = grant(session, claim, &state) { return ok(reply) }
        let promise = loop.makePromise(of: TestAnswer.self)
        state.pendingClaims.append(FakeServer.PendingClaim(session: session, request: claim, promise: promise))
        return .later(promise.futureResult)
    }

    private func claimBesideReports(
        _ session: SessionID, _ claim: ClaimRequest, _ state: inout State
    ) -> TestAnswer {
        guard !state.refusesReportsInClaims else { return problem(422, "invalid") }
        if let refuses = state.refusesReport, claim.reports.contains(where: { refuses($0) }) {
            state.refusals += 1
            return problem(422, "invalid")
        }
        let (acknowledged, lost) = apply(claim.reports, of: session, &state)
        var reply = grant(session, claim, &state) ?? ClaimReply(jobs: [], isFinished: false)
        reply.acknowledged = acknowledged
        reply.lost = lost
        return ok(reply)
    }

    /// What a claim gets now; `nil` where it waits.
    private func grant(_ session: SessionID, _ claim: ClaimRequest, _ state: inout State) -> ClaimReply? {
        var jobs = state.given.filter { state.held[$0.key] == session && !claim.held.contains($0.key) }
            .sorted { $0.key.job < $1.key.job }.map(\.value)
        while jobs.count < claim.count, !state.waiting.isEmpty {
            let job = state.waiting.removeFirst()
            if !state.takesBackWhatItGives { state.held[job.ref] = session }
            state.given[job.ref] = job
            jobs.append(job)
        }
        if jobs.isEmpty, !state.isFinished { return nil }
        return ClaimReply(jobs: jobs, isFinished: jobs.isEmpty && state.isFinished)
    }

    /// Answers claims that wait, where there is something to answer now.
    func serveWaiting() {
        let answers = with { state -> [(EventLoopPromise<TestAnswer>, TestAnswer)] in
            var answers: [(EventLoopPromise<TestAnswer>, TestAnswer)] = []
            let pending = state.pendingClaims
            state.pendingClaims = []
            for claim in pending {
                if let reply = grant(claim.session, claim.request, &state) {
                    let isLost = state.losesAnswerOf.firstIndex(of: "claims").map { state.losesAnswerOf.remove(at: $0) }
                    answers.append((claim.promise, isLost == nil ? ok(reply) : .cut))
                } else {
                    state.pendingClaims.append(claim)
                }
            }
            return answers
        }
        for (promise, answer) in answers { promise.succeed(answer) }
    }

    private func report(_ session: SessionID, _ request: TestRequest, _ state: inout State) -> TestAnswer {
        guard let batch = try? ReportBatch(body: request.body, isStrict: true) else { return problem(422, "invalid") }
        if let refuses = state.refusesReport, batch.reports.contains(where: { refuses($0) }) {
            state.refusals += 1
            return problem(422, "invalid")
        }
        let (acknowledged, lost) = apply(batch.reports, of: session, &state)
        guard !lost.isEmpty else { return ok(ReportReply(acknowledged: acknowledged, lost: [])) }
        let problem = Problem(
            code: "lease-lost", title: "Lease lost", status: 409, detail: "Lost.", lost: lost,
            acknowledged: acknowledged
        )
        return .status(409, body: problem.body)
    }

    private func apply(
        _ reports: [Report], of session: SessionID, _ state: inout State
    ) -> (acknowledged: Int64, lost: [AttemptRef]) {
        state.batches += 1
        var lost: [AttemptRef] = []
        for report in reports where report.number > state.sessions[session]?.lastReport ?? 0 {
            state.sessions[session]?.lastReport = report.number
            if let ref = report.ref, state.held[ref] != session {
                lost.append(ref)
                continue
            }
            state.reports.append(report)
            if let ref = report.ref, report.kind.attemptReport.map({ $0 != .started }) == true { state.held[ref] = nil }
        }
        return (state.sessions[session]?.lastReport ?? 0, lost)
    }

    private func artifact(_ request: TestRequest, _ state: inout State) -> TestAnswer {
        guard let artifact = try? NewArtifact(body: request.body, isStrict: true) else {
            return problem(422, "invalid")
        }
        guard state.held[artifact.ref] != nil else { return problem(409, "lease-lost") }
        let path = "/files/\(state.tickets.count + 1)"
        state.tickets[path] = artifact
        return .status(
            201,
            body: ArtifactTicket(
                id: ArtifactID(number: Int64(state.tickets.count)), uploadURL: path, expiresAt: Instant(milliseconds: 1)
            ).body
        )
    }
}

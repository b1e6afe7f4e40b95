import Domain
import NIOCore
import Synchronization
import Wire

/// A server of Muster's protocol that does as the test says, and remembers everything that it was told.
final class FakeServer: Sendable {
    struct State {
        var heartbeatMilliseconds = 100
        var registrations: [RegisterRequest] = []
        var sessions: [SessionID: SessionState] = [:]
        var nextSession: Int64 = 1
        var tokens: [String: SessionID] = [:]
        /// Jobs to hand out, in order.
        var waiting: [ClaimedJob] = []
        var held: [AttemptRef: SessionID] = [:]
        /// What was handed out, to be handed out again where the answer was lost.
        var given: [AttemptRef: ClaimedJob] = [:]
        /// A lease ends as soon as it is given.
        var takesBackWhatItGives = false
        var cancelled: Set<AttemptRef> = []
        var isDraining = false
        var isFinished = false
        var claims: [ClaimRequest] = []
        var pendingClaims: [PendingClaim] = []
        /// Every request in the order of arrival: `POST heartbeat`.
        var log: [String] = []
        /// Reports in the order in which they were applied, each once.
        var reports: [Report] = []
        var batches = 0
        /// Answers a claim that brings reports as a server would that knows nothing of such.
        var refusesReportsInClaims = false
        var artifacts: [String: [UInt8]] = [:]
        var tickets: [String: NewArtifact] = [:]
        var streams: [TestStream] = []
        /// Answers in the place of the real one, by the end of the path, each used once.
        var instead: [(path: String, answer: TestAnswer)] = []
        /// The work of a request is done, its answer is cut: used once each.
        var losesAnswerOf: [String] = []
        var refusals = 0
        var refusesReport: (@Sendable (Report) -> Bool)?
    }

    struct SessionState {
        var processKey: String
        var lastReport: Int64 = 0
        var beats: [HeartbeatRequest] = []
        var isGone = false
        var isStopped = false
    }

    struct PendingClaim {
        let session: SessionID
        let request: ClaimRequest
        let promise: EventLoopPromise<TestAnswer>
    }

    private struct Waiter {
        let isMet: @Sendable (State) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct Shared {
        var state = State()
        var waiters: [Waiter] = []
    }

    private final class Box: Sendable { let shared = Mutex(Shared()) }

    private let box = Box()
    let http: TestHTTPServer

    init() {
        let box = box
        let answering = Answering(box: { change in box.shared.withLock { change(&$0.state) } })
        http = TestHTTPServer { request, loop in
            let answer = answering.answer(request, loop)
            FakeServer.wake(box)
            return answer
        }
    }

    var url: String { http.url }

    /// Reads what it was told.
    func read<Value: Sendable>(_ look: @Sendable (State) -> Value) -> Value {
        box.shared.withLock { look($0.state) }
    }

    /// Changes what it does; whoever waits for work is looked at again.
    func change(_ change: @Sendable (inout State) -> Void) {
        let box = box
        box.shared.withLock { change(&$0.state) }
        Answering(box: { change in box.shared.withLock { change(&$0.state) } }).serveWaiting()
        Self.wake(box)
    }

    /// Returns when it was told what the test waits for.
    func wait(_ isMet: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isMetNow = box.shared.withLock { shared in
                if isMet(shared.state) { return true }
                shared.waiters.append(Waiter(isMet: isMet, continuation: continuation))
                return false
            }
            if isMetNow { continuation.resume() }
        }
    }

    private static func wake(_ box: Box) {
        let met = box.shared.withLock { shared in
            let met = shared.waiters.filter { $0.isMet(shared.state) }
            shared.waiters.removeAll { $0.isMet(shared.state) }
            return met
        }
        for waiter in met { waiter.continuation.resume() }
    }
}

extension FakeServer.State {
    func kinds(_ job: Int64, attempt: Int = 1) -> [ReportKind] {
        reports.filter { $0.ref == someRef(job, attempt) && $0.kind != .log && $0.kind != .progress }.map(\.kind)
    }

    func last(_ job: Int64, attempt: Int = 1) -> Report? {
        reports.last { $0.ref == someRef(job, attempt) && $0.kind.attemptReport != nil }
    }

    func lines(_ job: Int64) -> [String] {
        reports.filter { $0.ref?.job == JobID(number: job) }.flatMap(\.lines).map(\.text)
    }

    func isOver(_ job: Int64, attempt: Int = 1) -> Bool {
        kinds(job, attempt: attempt).contains { $0 != .started }
    }

    var beats: [HeartbeatRequest] { sessions.sorted { $0.key < $1.key }.flatMap(\.value.beats) }
    var saidGoodbye: Bool { beats.last?.status == .stopped }
}

func someRef(_ job: Int64, _ attempt: Int = 1) -> AttemptRef {
    AttemptRef(job: JobID(number: job), attempt: AttemptNumber(attempt))
}

func someJob(_ number: Int64, attempt: Int = 1, payload: JSON = [:], index: Int? = nil) -> ClaimedJob {
    ClaimedJob(
        ref: someRef(number, attempt), study: index.map { _ in StudyID(number: 1) },
        studyName: index.map { _ in "heads" }, index: index, label: nil, queue: index == nil ? "default" : nil,
        payload: payload, leaseMilliseconds: 60_000
    )
}

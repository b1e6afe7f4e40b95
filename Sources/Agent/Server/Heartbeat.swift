import AsyncHTTPClient
import Domain
import NIOCore
import NIOHTTP1
import Synchronization
import Wire

/// What became of one heartbeat.
enum BeatOutcome: Sendable {
    /// - Parameter sentAt: by the agent's clock.
    case answered(HeartbeatReply, sentAt: Int64)
    case failed(ServerError)
}

/// Says the session's state to the server, again and again, on an event loop and a connection of its own.
///
/// Nothing here runs on the cooperative pool: however busy or stuck the rest of the process is, the beat goes on, and
/// what it brings back (this attempt is lost: kill it) is done on the spot.
final class Heartbeat: Sendable {
    struct Message: Sendable {
        var session: SessionID
        var token: String
        var request: HeartbeatRequest
    }

    private struct State {
        var plan: BeatPlan
        var timer: Scheduled<Void>?
        var sentCount = 0
        var landedCount = 0
    }

    private let baseURL: String
    private let client: HTTPClient
    private let loop: any EventLoop
    private let clock: AgentClock
    private let compose: @Sendable () -> Message
    private let heard: @Sendable (BeatOutcome) -> Void
    private let state: Mutex<State>
    private let landed = Bell()

    private static let timeoutFloorMilliseconds: Int64 = 2_000
    private static let timeoutLimitMilliseconds: Int64 = 10_000

    /// - Parameters:
    ///   - compose: makes the message at the moment it is sent.
    ///   - heard: called on the loop with each outcome; quick.
    init(
        baseURL: String, client: HTTPClient, loop: any EventLoop, clock: AgentClock, intervalMilliseconds: Int64,
        compose: @escaping @Sendable () -> Message, heard: @escaping @Sendable (BeatOutcome) -> Void
    ) {
        self.baseURL = baseURL
        self.client = client
        self.loop = loop
        self.clock = clock
        self.compose = compose
        self.heard = heard
        state = Mutex(State(plan: BeatPlan(intervalMilliseconds: intervalMilliseconds, now: clock.milliseconds())))
    }

    func start() { act { $0.due(now: $1) } }

    /// Something changed that the server should hear now.
    func poke() { act { $0.poke(now: $1) } }

    /// No beat is sent after this.
    func stop() {
        let timer = state.withLock { state in
            state.plan.stop()
            defer { state.timer = nil }
            return state.timer
        }
        timer?.cancel()
    }

    /// Returns when the last beat that was sent has been answered or given up: what is said after this is heard after
    /// it.
    func waitUntilSilent() async {
        while !Task.isCancelled {
            let seen = landed.count
            if state.withLock({ $0.landedCount == $0.sentCount }) { return }
            await landed.wait(past: seen)
        }
    }

    private func act(_ decide: (inout BeatPlan, Int64) -> BeatPlan.Step) {
        let now = clock.milliseconds()
        let (step, obsolete) = state.withLock { state -> (BeatPlan.Step, Scheduled<Void>?) in
            let step = decide(&state.plan, now)
            guard case .wait(let milliseconds) = step else { return (step, nil) }
            let obsolete = state.timer
            state.timer = loop.scheduleTask(in: .milliseconds(milliseconds)) { self.start() }
            return (step, obsolete)
        }
        obsolete?.cancel()
        if step == .send { send() }
    }

    private func send() {
        state.withLock { $0.sentCount += 1 }
        let message = compose()
        let sentAt = clock.milliseconds()
        let timeout = min(
            Self.timeoutLimitMilliseconds,
            max(Self.timeoutFloorMilliseconds, state.withLock { $0.plan.intervalMilliseconds })
        )
        do {
            var request = try HTTPClient.Request(
                url: baseURL + APIPath.heartbeat(message.session), method: .POST,
                body: .byteBuffer(ByteBuffer(bytes: message.request.body))
            )
            request.headers.add(name: "content-type", value: "application/json")
            request.headers.add(name: "authorization", value: "Bearer \(message.token)")
            client.execute(request: request, deadline: .now() + .milliseconds(timeout)).whenComplete { result in
                self.finish(Self.outcome(result, sentAt: sentAt))
            }
        } catch {
            loop.execute { self.finish(.failed(.away("\(error)"))) }
        }
    }

    private static func outcome(_ result: Result<HTTPClient.Response, any Error>, sentAt: Int64) -> BeatOutcome {
        switch result {
        case .failure(let error): return .failed(.away("\(error)"))
        case .success(let response):
            let body = response.body.map { Array(buffer: $0) } ?? []
            guard response.status == .ok else {
                return .failed(
                    ServerError(
                        status: Int(response.status.code), body: body,
                        retryAfter: response.headers.first(name: "retry-after")
                    )
                )
            }
            do {
                return .answered(try HeartbeatReply(body: body, isStrict: false), sentAt: sentAt)
            } catch {
                return .failed(.away("the answer to a heartbeat can't be read: \(error)"))
            }
        }
    }

    private func finish(_ outcome: BeatOutcome) {
        // What is lost is killed before the next beat is thought of.
        heard(outcome)
        state.withLock { $0.landedCount += 1 }
        landed.ring()
        let chance = clock.chance()
        switch outcome {
        case .answered: act { $0.answered(now: $1) }
        case .failed: act { $0.failed(now: $1, chance: chance) }
        }
    }
}

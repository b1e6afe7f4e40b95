import Domain
import Testing

@Suite struct SessionLifeTests {
    private static let then = Instant(milliseconds: 1_000)
    private static let now = Instant(milliseconds: 500_000)
    private static let timing = Timing()

    private static func life(_ status: SessionStatus, isReplaced: Bool = false) -> SessionLife {
        SessionLife(status: status, since: then, holdsRole: false, isReplaced: isReplaced)
    }

    // MARK: - A word of the process

    struct Word: Sendable {
        let status: SessionStatus
        let said: SessionStatus
        let next: SessionStatus?
    }

    /// `nil` where nothing changes. What is `stopped` is refused, and tested below.
    static let words: [Word] = [
        Word(status: .starting, said: .starting, next: nil), Word(status: .starting, said: .running, next: .running),
        Word(status: .starting, said: .stopping, next: .stopping), Word(status: .starting, said: .stopped, next: nil),
        Word(status: .starting, said: .stale, next: nil),
        Word(status: .running, said: .starting, next: nil), Word(status: .running, said: .running, next: nil),
        Word(status: .running, said: .stopping, next: .stopping), Word(status: .running, said: .stopped, next: nil),
        Word(status: .running, said: .stale, next: nil),
        Word(status: .stopping, said: .starting, next: nil), Word(status: .stopping, said: .running, next: nil),
        Word(status: .stopping, said: .stopping, next: nil), Word(status: .stopping, said: .stopped, next: nil),
        Word(status: .stopping, said: .stale, next: nil),
        Word(status: .stale, said: .starting, next: .starting), Word(status: .stale, said: .running, next: .running),
        Word(status: .stale, said: .stopping, next: .stopping), Word(status: .stale, said: .stopped, next: .running),
        Word(status: .stale, said: .stale, next: .running),
    ]

    @Test(arguments: words)
    func aWordOfTheProcessLeadsWhereTheTableSays(word: Word) throws {
        var life = Self.life(word.status)
        let step = try life.hear(word.said, at: Self.now)
        #expect(step?.to == word.next)
        #expect(step == nil || step?.from == word.status)
        #expect(life.status == word.next ?? word.status)
        #expect(life.since == (word.next == nil ? Self.then : Self.now))
    }

    @Test func theTableOfWordsIsWhole() {
        let asked = Set(Self.words.map { [$0.status, $0.said] })
        #expect(asked.count == (SessionStatus.allCases.count - 1) * SessionStatus.allCases.count)
    }

    @Test(arguments: SessionStatus.allCases)
    func whatHasStoppedIsNeverHeardAgain(said: SessionStatus) {
        var life = Self.life(.stopped)
        #expect(throws: SessionRefusal.ended(.stopped)) { try life.hear(said, at: Self.now) }
        #expect(life == Self.life(.stopped))
    }

    @Test(arguments: SessionStatus.allCases, SessionStatus.allCases)
    func whatWasReplacedIsNeverHeardAgain(status: SessionStatus, said: SessionStatus) {
        var life = Self.life(status, isReplaced: true)
        #expect(throws: SessionRefusal.ended(status)) { try life.hear(said, at: Self.now) }
        #expect(life == Self.life(status, isReplaced: true))
    }

    // MARK: - Death

    private static let causes: [(DeathCause, SessionStatus)] = [
        (.goodbye, .stopped), (.hungStop, .stopped), (.forced, .stopped), (.replaced, .stale), (.reboot, .stale),
        (.reaped, .stale), (.silence, .stale),
    ]

    @Test(arguments: causes, SessionStatus.allCases)
    func everyDeathEndsEveryStateOnce(death: (cause: DeathCause, end: SessionStatus), status: SessionStatus) {
        var life = Self.life(status)
        let step = life.die(death.cause, at: Self.now)
        if status == .stopped || status == death.end {
            #expect(step == nil)
            #expect(life == Self.life(status))
        } else {
            #expect(step?.from == status)
            #expect(step?.to == death.end)
            #expect(step?.why == death.cause.rawValue)
            #expect(life.status == death.end)
            #expect(life.since == Self.now)
        }
        #expect(life.die(death.cause, at: Self.now) == nil)
    }

    @Test(arguments: causes)
    func onlySilenceIsNoProof(death: (cause: DeathCause, end: SessionStatus)) {
        #expect(death.cause.isProved == (death.cause != .silence))
    }

    @Test(arguments: causes)
    func whatIsHistoryStaysAsItIs(death: (cause: DeathCause, end: SessionStatus)) {
        var life = Self.life(.stale, isReplaced: true)
        #expect(life.die(death.cause, at: Self.now) == nil)
        #expect(life.status == .stale)
    }

    // MARK: - Time

    struct Silence: Sendable {
        let status: SessionStatus
        let holdsRole: Bool
        let sinceSeconds: Int64
        let heardSeconds: Int64
        let next: SessionStatus?
    }

    static let silences: [Silence] = [
        Silence(status: .running, holdsRole: false, sinceSeconds: 900, heardSeconds: 59, next: nil),
        Silence(status: .running, holdsRole: false, sinceSeconds: 900, heardSeconds: 60, next: .stale),
        Silence(status: .starting, holdsRole: false, sinceSeconds: 60, heardSeconds: 60, next: .stale),
        Silence(status: .running, holdsRole: true, sinceSeconds: 900, heardSeconds: 29, next: nil),
        Silence(status: .running, holdsRole: true, sinceSeconds: 900, heardSeconds: 30, next: .stale),
        Silence(status: .stopping, holdsRole: false, sinceSeconds: 59, heardSeconds: 1, next: nil),
        Silence(status: .stopping, holdsRole: false, sinceSeconds: 60, heardSeconds: 1, next: .stopped),
        Silence(status: .stopping, holdsRole: true, sinceSeconds: 40, heardSeconds: 40, next: .stale),
        Silence(status: .stale, holdsRole: false, sinceSeconds: 900, heardSeconds: 900, next: nil),
        Silence(status: .stopped, holdsRole: false, sinceSeconds: 900, heardSeconds: 900, next: nil),
    ]

    @Test(arguments: silences)
    func timeEndsWhatIsSilent(silence: Silence) {
        var life = SessionLife(
            status: silence.status, since: Self.now.adding(milliseconds: -1_000 * silence.sinceSeconds),
            holdsRole: silence.holdsRole
        )
        let heard = Self.now.adding(milliseconds: -1_000 * silence.heardSeconds)
        #expect(life.expire(lastHeard: heard, at: Self.now, timing: Self.timing)?.to == silence.next)
        #expect(life.status == silence.next ?? silence.status)
    }

    @Test(arguments: silences)
    func silenceThatWasOurOwnEndsNothing(silence: Silence) {
        var life = SessionLife(
            status: silence.status, since: Self.now.adding(milliseconds: -1_000 * silence.sinceSeconds),
            holdsRole: silence.holdsRole
        )
        let heard = Self.now.adding(milliseconds: -1_000 * silence.heardSeconds)
        let forgiven = Self.now.adding(milliseconds: -1_000)
        #expect(
            life.expire(lastHeard: heard, silenceForgivenUntil: forgiven, at: Self.now, timing: Self.timing) == nil
        )
        #expect(life.status == silence.status)
    }

    // MARK: - Work

    @Test(arguments: SessionStatus.allCases, [false, true])
    func onlyWhatServesIsGivenWork(status: SessionStatus, isDraining: Bool) {
        let life = Self.life(status)
        switch (status, isDraining) {
        case (.starting, false), (.running, false):
            #expect(throws: Never.self) { try life.requireServing(isDraining: isDraining) }
        case (.stopped, _):
            #expect(throws: SessionRefusal.ended(.stopped)) { try life.requireServing(isDraining: isDraining) }
        default:
            #expect(throws: SessionRefusal.notServing(isDraining ? .stopping : status)) {
                try life.requireServing(isDraining: isDraining)
            }
        }
    }

    /// Over random histories: what has stopped stays so, and `stopping` is never taken back but through silence.
    @Test(arguments: 0..<50)
    func noHistoryBringsBackWhatIsOver(seed: UInt64) {
        var random = RandomJSON(seed: seed)
        var life = Self.life(.starting)
        var now = Self.then
        for _ in 0..<200 {
            let before = life
            now = now.adding(milliseconds: Int64.random(in: 0...40_000, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: _ = life.die(Self.causes.randomElement(using: &random)?.0 ?? .silence, at: now)
            case 1: _ = life.expire(lastHeard: before.since, at: now, timing: Self.timing)
            default:
                _ = try? life.hear(SessionStatus.allCases.randomElement(using: &random) ?? .running, at: now)
            }
            if before.status == .stopped { #expect(life == before) }
            if before.status == .stopping { #expect(life.status != .running && life.status != .starting) }
            if life.status == before.status { #expect(life.since == before.since) }
        }
    }
}

import Domain
import Testing

@Suite struct LeaseTests {
    private static func at(_ seconds: Int64) -> Instant { Instant(milliseconds: 1_000 * seconds) }

    struct Case: Sendable {
        let says: String
        var granted: Int64 = 100
        var heard: Int64?
        var forgiven: Int64?
        var frozen: Int64?
        let ends: Int64
    }

    /// Seconds; the lease is a minute long.
    static let cases: [Case] = [
        Case(says: "a grant alone", ends: 160),
        Case(says: "a beat renews", heard: 130, ends: 190),
        Case(says: "a beat of before the grant does not shorten", heard: 50, ends: 160),
        Case(says: "silence of ours is forgiven", heard: 110, forgiven: 400, ends: 460),
        Case(says: "a beat after what was forgiven counts", heard: 500, forgiven: 400, ends: 560),
        Case(says: "what is forgiven before the grant does not shorten", forgiven: 10, ends: 160),
        Case(says: "frozen, it ends when it said", frozen: 145, ends: 145),
        Case(says: "beats renew no frozen lease", heard: 144, frozen: 145, ends: 145),
        Case(says: "nor does what is forgiven", heard: 144, forgiven: 400, frozen: 145, ends: 145),
    ]

    @Test(arguments: cases)
    func aLeaseEndsWhereTheTableSays(_ example: Case) {
        let lease = Lease(
            grantedAt: Self.at(example.granted), lengthMilliseconds: 60_000,
            frozenUntil: example.frozen.map(Self.at)
        )
        let heard = example.heard.map(Self.at)
        let forgiven = example.forgiven.map(Self.at)
        let end = Self.at(example.ends)
        #expect(lease.ends(lastHeard: heard, silenceForgivenUntil: forgiven) == end, "\(example.says)")
        let before = end.adding(milliseconds: -1)
        #expect(!lease.hasEnded(lastHeard: heard, silenceForgivenUntil: forgiven, at: before))
        #expect(lease.hasEnded(lastHeard: heard, silenceForgivenUntil: forgiven, at: end))
    }
}

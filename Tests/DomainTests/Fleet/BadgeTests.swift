import Domain
import Testing

/// Every combination of the three axes: is the process there, when was it heard, what is it doing.
@Suite struct BadgeTests {
    private static let now = Instant(milliseconds: 1_000_000)

    struct Row: Sendable {
        let status: SessionStatus
        /// Fresh; fresh and failed; fresh and holding; fresh, holding and failed.
        let fresh: [Badge]
        /// After two missed beats, whatever it is doing.
        let old: Badge
    }

    private static let age: Int64 = 20_000

    static let table: [Row] = [
        Row(status: .starting, fresh: [.starting, .error, .active, .active], old: .suspect(ageMilliseconds: age)),
        Row(status: .running, fresh: [.idle, .error, .active, .active], old: .suspect(ageMilliseconds: age)),
        Row(
            status: .stopping, fresh: [.stopping, .stopping, .stopping, .stopping], old: .suspect(ageMilliseconds: age)
        ),
        Row(status: .stopped, fresh: [.stopped, .stopped, .stopped, .stopped], old: .stopped),
        Row(
            status: .stale, fresh: Array(repeating: .stale(ageMilliseconds: age - 1), count: 4),
            old: .stale(ageMilliseconds: age)
        ),
    ]

    private static func badge(
        _ status: SessionStatus, heard: Instant?, held: Int, failed: Bool
    ) -> Badge {
        Badge(
            status: status, lastHeard: heard, heldCount: held, lastAttemptFailed: failed, now: now, timing: Timing()
        )
    }

    @Test(arguments: table)
    func everyCombinationHasItsMark(row: Row) {
        for (position, (held, failed)) in [(0, false), (0, true), (2, false), (2, true)].enumerated() {
            let fresh = Self.now.adding(milliseconds: 1 - Self.age)
            #expect(Self.badge(row.status, heard: fresh, held: held, failed: failed) == row.fresh[position])
            let old = Self.now.adding(milliseconds: -Self.age)
            #expect(Self.badge(row.status, heard: old, held: held, failed: failed) == row.old)
        }
    }

    @Test func theTableIsWhole() {
        #expect(Set(Self.table.map(\.status)) == Set(SessionStatus.allCases))
    }

    @Test func whatNobodyHasHeardYetHasNoAge() {
        #expect(Self.badge(.starting, heard: nil, held: 0, failed: false) == .starting)
        #expect(Self.badge(.stale, heard: nil, held: 0, failed: false) == .stale(ageMilliseconds: 0))
    }

    @Test func aBeatOfALaterMomentIsFresh() {
        let later = Self.now.adding(milliseconds: 5_000)
        #expect(Self.badge(.running, heard: later, held: 0, failed: false) == .idle)
    }

    @Test func theWordsAreOne() {
        let badges: [Badge] = [
            .starting, .idle, .active, .error, .stopping, .suspect(ageMilliseconds: 1), .stale(ageMilliseconds: 1),
            .stopped,
        ]
        #expect(
            badges.map(\.word) == [
                "starting", "idle", "active", "error", "stopping", "suspect", "stale", "stopped",
            ]
        )
    }
}

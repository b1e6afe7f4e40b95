import Domain
import Testing

/// One case of the rules: who speaks, who is there, whose it is.
struct MatchCase: Sendable, CustomTestStringConvertible {
    let name: String
    let sender: LegacySender
    let candidates: [LegacyCandidate]
    let decision: LegacyDecision

    init(_ name: String, _ sender: LegacySender, _ candidates: [LegacyCandidate], _ decision: LegacyDecision) {
        self.name = name
        self.sender = sender
        self.candidates = candidates
        self.decision = decision
    }

    var testDescription: String { name }

    private static func says(
        _ address: String, _ hostname: String? = nil, batch: Int64? = nil, known: Set<String> = []
    ) -> LegacySender {
        LegacySender(address: address, hostname: hostname, batch: batch, hostnamesHere: known)
    }

    private static func claim(_ id: Int64, _ address: String, of known: Set<String> = []) -> LegacyCandidate {
        LegacyCandidate(id: SessionID(number: id), address: address, isFresh: true, hostnamesHere: known)
    }

    private static func window(
        _ id: Int64, _ address: String, _ hostname: String? = nil, ending: Bool = false, spoke: Int64? = nil,
        last: Int64 = -1, fits: Bool? = nil
    ) -> LegacyCandidate {
        LegacyCandidate(
            id: SessionID(number: id), address: address, hostname: hostname, isEnding: ending,
            spokeAt: spoke.map(Instant.init(milliseconds:)),
            batches: BatchWindow(last: last, mask: last < 0 ? 0 : .max), fitsDetails: fits
        )
    }

    private static func of(_ id: Int64, _ rule: LegacyRule) -> LegacyDecision {
        .session(SessionID(number: id), rule)
    }

    static let named: [MatchCase] = [
        MatchCase("nobody is there", says("b", "H"), [], .new(.unknown)),
        MatchCase("a claim from here", says("a", "H"), [claim(1, "a")], of(1, .sameAddress)),
        MatchCase(
            "a claim that named the host itself, of two", says("b", "H"), [claim(1, "a"), claim(2, "H")],
            of(2, .knownAddress)),
        MatchCase("its own window here", says("a", "H"), [window(1, "a", "H")], of(1, .sameAddress)),
        MatchCase("another machine's window here", says("a", "H"), [window(1, "a", "G")], .new(.unknown)),
        MatchCase(
            "its own of two here", says("a", "H"), [window(1, "a", "G"), window(2, "a", "H")], of(2, .sameAddress)),
        MatchCase(
            "two of its own here: the one that spoke last", says("a", "H"),
            [window(1, "a", "H", spoke: 5), window(2, "a", "H", spoke: 4)], of(1, .sameAddress)),
        MatchCase(
            "its own, and a process that has spoken since", says("a", "H", known: ["H"]),
            [window(1, "a", "H", spoke: 5), window(2, "a", spoke: 6)], of(2, .sameAddress)),
        MatchCase(
            "the same where others are known to be", says("a", "H", known: ["G", "H"]),
            [window(1, "a", "H", spoke: 5), window(2, "a", spoke: 6)], of(1, .sameAddress)),
        MatchCase("two claims from here", says("a", "H"), [claim(1, "a"), claim(2, "a")], .new(.ambiguous)),
        MatchCase(
            "a claim from here, and one from an address of its own", says("a", "H"),
            [claim(1, "a"), claim(2, "b", of: ["H"])],
            .new(.ambiguous)),
        MatchCase(
            "a claim from an address that only others are known by", says("a", "H", known: ["G"]),
            [claim(1, "a", of: ["G"])],
            .new(.ambiguous)),
        MatchCase(
            "a claim from an address of several, this one too", says("a", "H", known: ["G", "H"]),
            [claim(1, "a", of: ["G", "H"])], of(1, .sameAddress)),
        MatchCase(
            "the same, and a claim elsewhere that nobody explains", says("a", "H", known: ["G", "H"]),
            [claim(1, "a", of: ["G", "H"]), claim(2, "c")], .new(.ambiguous)),
        MatchCase(
            "moved from an address it is known by", says("b", "H"), [claim(1, "a", of: ["H"])], of(1, .knownAddress)),
        MatchCase(
            "moved, and another's claim too", says("b", "H"), [claim(1, "a", of: ["H"]), claim(2, "c", of: ["G"])],
            of(1, .knownAddress)),
        MatchCase(
            "moved, and two claims of its own", says("b", "H"), [claim(1, "a", of: ["H"]), claim(2, "c", of: ["H"])],
            .new(.ambiguous)),
        MatchCase(
            "alive elsewhere: a second process, not a stranger's claim", says("b", "H"),
            [window(1, "a", "H"), claim(2, "c")],
            .new(.secondProcess)),
        MatchCase("the only claim that nobody explains", says("b", "H"), [claim(1, "a")], of(1, .onlyClaim)),
        MatchCase(
            "the only one that nobody explains", says("b", "H"), [claim(1, "a"), claim(2, "c", of: ["G"])],
            of(1, .onlyClaim)),
        MatchCase(
            "cut off while it worked, and a stranger's claim",
            LegacySender(address: "b", hostname: "H", hasStaleWork: true), [claim(1, "a")], .new(.resumed)),
        MatchCase("two claims that nobody explains", says("b", "H"), [claim(1, "a"), claim(2, "c")], .new(.ambiguous)),
        MatchCase("a claim that others explain", says("b", "H"), [claim(1, "a", of: ["G"])], .new(.unknown)),
        MatchCase(
            "its last run's end, and its next run's claim", says("a", "H"),
            [window(1, "a", "H", ending: true), claim(2, "a")],
            of(2, .sameAddress)),
    ]

    static let nameless: [MatchCase] = [
        MatchCase("nobody is there", says("b"), [], .new(.unknown)),
        MatchCase("the one here", says("a"), [window(1, "a", "H")], of(1, .sameAddress)),
        MatchCase("a claim from here", says("a"), [claim(1, "a")], of(1, .sameAddress)),
        MatchCase("the only claim there is", says("b"), [claim(1, "a")], of(1, .onlyClaim)),
        MatchCase("two claims", says("b"), [claim(1, "a"), claim(2, "c")], .new(.ambiguous)),
        MatchCase("a claim that somebody explains", says("b"), [claim(1, "a", of: ["H"])], .new(.ambiguous)),
        MatchCase(
            "from an address of a machine that is known", says("b", known: ["G"]), [claim(1, "a")], .new(.unknown)),
        MatchCase("two hostnames here", says("a"), [window(1, "a", "G"), window(2, "a", "H")], .undecided),
        MatchCase(
            "two processes of one machine here", says("a"), [window(1, "a", "H"), window(2, "a", "H")], .undecided),
        MatchCase("one that is heard and a claim", says("a"), [window(1, "a", "H"), claim(2, "a")], .undecided),
        MatchCase(
            "a simulation of one of two", says("a"),
            [window(1, "a", "G", fits: false), window(2, "a", "H", fits: true)],
            of(2, .details)),
        MatchCase(
            "a simulation of both", says("a"), [window(1, "a", "G", fits: true), window(2, "a", "H", fits: true)],
            .undecided),
        MatchCase(
            "a batch that continues one of two", says("a", batch: 101),
            [window(1, "a", "G", last: 100), window(2, "a", "H", last: 900)], of(1, .batchNumber)),
        MatchCase(
            "a batch that continues both", says("a", batch: 101),
            [window(1, "a", "G", last: 100), window(2, "a", "H", last: 99)], .undecided),
        MatchCase(
            "the first batch beside a long run", says("a", batch: 0), [window(1, "a", "H", last: 300), claim(2, "a")],
            of(2, .batchNumber)),
        MatchCase("numbers that begin anew", says("a", batch: 0), [window(1, "a", "H", last: 300)], .new(.newProcess)),
        MatchCase(
            "a batch that comes late", says("a", batch: 250), [window(1, "a", "H", last: 300)], of(1, .sameAddress)),
        MatchCase(
            "the last words of one, and the next one's claim", says("a"),
            [window(1, "a", "H", ending: true), claim(2, "a")],
            of(2, .sameAddress)),
        MatchCase("last words", says("a"), [window(1, "a", "H", ending: true)], of(1, .sameAddress)),
    ]
}

@Suite("Matching of clients that name no session")
struct LegacyMatchingTests {
    @Test("With a hostname", arguments: MatchCase.named)
    func named(_ each: MatchCase) {
        #expect(LegacyMatching.decide(each.sender, among: each.candidates) == each.decision)
    }

    @Test("Without one", arguments: MatchCase.nameless)
    func nameless(_ each: MatchCase) {
        #expect(LegacyMatching.decide(each.sender, among: each.candidates) == each.decision)
    }

    @Test("Evidence joins with one claim, never with one of two, and never with what others explain")
    func evidence() {
        func claim(_ id: Int64, fits: Bool, of known: Set<String> = [], fresh: Bool = true) -> LegacyCandidate {
            LegacyCandidate(
                id: SessionID(number: id), address: "a", isFresh: fresh, hostnamesHere: known, fitsDetails: fits)
        }
        let one = SessionID(number: 1)
        #expect(LegacyMatching.join(hostname: "H", claims: [claim(1, fits: true), claim(2, fits: false)]) == one)
        #expect(LegacyMatching.join(hostname: nil, claims: [claim(1, fits: true)]) == one)
        #expect(LegacyMatching.join(hostname: "H", claims: [claim(1, fits: true, of: ["G", "H"])]) == one)
        #expect(LegacyMatching.join(hostname: "H", claims: [claim(1, fits: true), claim(2, fits: true)]) == nil)
        #expect(LegacyMatching.join(hostname: "H", claims: [claim(1, fits: false)]) == nil)
        #expect(LegacyMatching.join(hostname: "H", claims: [claim(1, fits: true, of: ["G"])]) == nil)
        #expect(LegacyMatching.join(hostname: "H", claims: [claim(1, fits: true, fresh: false)]) == nil)
    }

    /// Every combination of what a candidate can be, two at a time, and every kind of message.
    private static let states: [LegacyCandidate] = {
        var states: [LegacyCandidate] = []
        for address in ["a", "b"] {
            for hostname in [nil, "G", "H"] {
                for isFresh in [false, true] where !(isFresh && hostname != nil) {
                    for known in [Set<String>(), ["G"], ["H"], ["G", "H"]] {
                        for isEnding in [false, true] where !(isEnding && isFresh) {
                            states.append(
                                LegacyCandidate(
                                    id: SessionID(number: Int64(states.count)), address: address, hostname: hostname,
                                    isFresh: isFresh, isEnding: isEnding, hostnamesHere: known
                                )
                            )
                        }
                    }
                }
            }
        }
        return states
    }()

    private static let senders: [LegacySender] = [nil, "G", "H"].flatMap { hostname in
        [Set<String>(), ["G"], ["H"], ["G", "H"]].flatMap { known in
            [nil, 0, 40].map { LegacySender(address: "a", hostname: hostname, batch: $0, hostnamesHere: known) }
        }
    }

    @Test("Of all combinations: never another hostname's session, never by order, never one that is not there")
    func properties() {
        var count = 0
        for sender in Self.senders {
            for first in Self.states {
                for second in Self.states where second.id != first.id {
                    count += 1
                    let decision = LegacyMatching.decide(sender, among: [first, second])
                    #expect(decision == LegacyMatching.decide(sender, among: [second, first]))
                    // The same two with the other's id: it was the candidate that was chosen and not its number.
                    var (low, high) = (first, second)
                    (low.id, high.id) = (second.id, first.id)
                    let swapped = LegacyMatching.decide(sender, among: [low, high])
                    let areTwins = first.hostname != nil && first.hostname == second.hostname
                    switch (decision, swapped) {
                    case (.session(let chosen, let rule), .session(let other, let otherRule)):
                        #expect(rule == otherRule)
                        if !areTwins { #expect((chosen == first.id) == (other == low.id)) }
                        let candidate = chosen == first.id ? first : second
                        if let said = sender.hostname, let has = candidate.hostname { #expect(said == has) }
                        if candidate.address != sender.address { #expect(candidate.isFresh) }
                    default: #expect(decision == swapped)
                    }
                }
            }
        }
        #expect(count > 10_000)
    }
}

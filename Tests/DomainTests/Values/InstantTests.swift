import Domain
import Testing

@Suite struct InstantTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00.000Z", 0), ("1969-12-31T23:59:59.999Z", -1),
            ("2000-02-29T12:30:15.250Z", 951_827_415_250),
            ("2026-03-01T12:00:00.000Z", 1_772_366_400_000), ("1900-03-01T00:00:00.000Z", -2_203_891_200_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int64)])
    func aMomentIsWrittenAndRead(text: String, milliseconds: Int64) {
        #expect(Instant(milliseconds: milliseconds).description == text)
        #expect(Instant(rfc3339: text) == Instant(milliseconds: milliseconds))
    }

    @Test(arguments: [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000Z"), ("2026-03-01t12:00:00z", "2026-03-01T12:00:00.000Z"),
        ("2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00.500Z"),
        ("2026-03-01T12:00:00.123456789Z", "2026-03-01T12:00:00.123Z"),
        ("2026-03-01T12:00:00+02:30", "2026-03-01T09:30:00.000Z"),
        ("2026-03-01T00:00:00-00:30", "2026-03-01T00:30:00.000Z"),
        ("2026-01-01T00:15:00+01:00", "2025-12-31T23:15:00.000Z"),
        ("2026-06-30T23:59:60Z", "2026-07-01T00:00:00.000Z"),
    ])
    func otherSpellingsAreTheSameMoment(text: String, canonical: String) {
        #expect(Instant(rfc3339: text)?.description == canonical)
    }

    @Test(arguments: [
        "", "2026", "2026-03-01", "2026-03-01T12:00Z", "2026-03-01T12:00:00", "2026-03-01 12:00:00Z",
        "2026-13-01T12:00:00Z", "2026-00-01T12:00:00Z", "2026-03-00T12:00:00Z", "2026-03-32T12:00:00Z",
        "2026-02-29T12:00:00Z", "2026-04-31T12:00:00Z", "1900-02-29T12:00:00Z",
        "2026-03-01T24:00:00Z", "2026-03-01T12:60:00Z", "2026-03-01T12:00:61Z", "2026-03-01T12:00:00.Z",
        "2026-03-01T12:00:00+24:00", "2026-03-01T12:00:00+02", "2026-03-01T12:00:00+0200", "2026-03-01T12:00:00ZZ",
        " 2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z ", "+2026-03-01T12:00:00Z", "26-03-01T12:00:00Z",
        "2026-3-01T12:00:00Z", "２０２６-03-01T12:00:00Z", "2026-03-01T12:00:00,5Z",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test(arguments: 0..<500)
    func whatIsWrittenIsRead(seed: UInt64) {
        var random = RandomJSON(seed: seed)
        // The years 0001 … 9999: what four digits can say.
        let instant = Instant(
            milliseconds: Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &random)
        )
        #expect(Instant(rfc3339: instant.description) == instant)
    }

    @Test func theEndOfTimeIsNotPassed() {
        #expect(Instant(milliseconds: .max).adding(milliseconds: 1).milliseconds == .max)
        #expect(Instant(milliseconds: .min).adding(milliseconds: -1).milliseconds == .min)
        #expect(Instant(milliseconds: 5).milliseconds(since: Instant(milliseconds: 7)) == -2)
    }
}

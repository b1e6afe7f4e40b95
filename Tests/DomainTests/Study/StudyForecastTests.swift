import Domain
import Testing

@Suite struct StudyForecastTests {
    private static let now = Instant(milliseconds: 1_000_000)

    private static func forecast(
        _ total: Int, finished: Int, measured: Int, milliseconds: Int64, running: [Double?] = []
    ) -> StudyForecast {
        StudyForecast(
            total: total, finished: finished, measured: measured, measuredMilliseconds: milliseconds,
            running: running, asOf: now
        )
    }

    @Test func nothingThereIsNothingDone() {
        let forecast = Self.forecast(0, finished: 0, measured: 0, milliseconds: 0)
        #expect(forecast.fraction == 0)
        #expect(forecast.remainingMilliseconds == nil)
        #expect(forecast.etaAt == nil)
    }

    @Test func withoutAMeasurementEachWeighsTheSameAndThereIsNoETA() {
        let forecast = Self.forecast(10, finished: 2, measured: 0, milliseconds: 0, running: [0.5, nil])
        #expect(forecast.fraction == 0.25)
        #expect(forecast.remainingMilliseconds == nil)
        #expect(forecast.etaAt == nil)
    }

    @Test func whatIsLeftIsWhatTheMeanSays() {
        let forecast = Self.forecast(10, finished: 4, measured: 4, milliseconds: 40_000, running: [0.5, 0.5])
        #expect(forecast.fraction == 0.5)
        #expect(forecast.remainingMilliseconds == 50_000)
        #expect(forecast.etaAt == Self.now.adding(milliseconds: 25_000))
    }

    @Test func whatFailedIsDoneAndNotMeasured() {
        let forecast = Self.forecast(4, finished: 2, measured: 1, milliseconds: 8_000, running: [nil])
        #expect(forecast.fraction == 0.5)
        #expect(forecast.remainingMilliseconds == 16_000)
        #expect(forecast.etaAt == Self.now.adding(milliseconds: 16_000))
    }

    @Test func whileNothingRunsThereIsNoETA() {
        let forecast = Self.forecast(4, finished: 2, measured: 2, milliseconds: 8_000)
        #expect(forecast.remainingMilliseconds == 8_000)
        #expect(forecast.etaAt == nil)
    }

    @Test func aFinishedStudyIsWhole() {
        for measured in [0, 3] {
            let forecast = Self.forecast(3, finished: 3, measured: measured, milliseconds: Int64(measured) * 777)
            #expect(forecast.fraction == 1)
            #expect(forecast.etaAt == nil)
            #expect(forecast.remainingMilliseconds == (measured == 0 ? nil : 0))
        }
    }

    @Test func sharesBeyondTheirLimitsAreCut() {
        let forecast = Self.forecast(4, finished: 0, measured: 0, milliseconds: 0, running: [7, -3])
        #expect(forecast.fraction == 0.25)
    }

    /// Over random figures: the share is one, what is left is no less than nothing, and the end is not in the past.
    @Test(arguments: 0..<200)
    func theFiguresAreWithinTheirLimits(seed: UInt64) {
        var random = RandomJSON(seed: seed)
        let total = Int.random(in: 0...50, using: &random)
        let finished = Int.random(in: 0...total, using: &random)
        let measured = Int.random(in: 0...finished, using: &random)
        let running = (0..<Int.random(in: 0...(total - finished), using: &random)).map { _ in
            Bool.random(using: &random) ? Double.random(in: -1...2, using: &random) : nil
        }
        let forecast = Self.forecast(
            total, finished: finished, measured: measured,
            milliseconds: Int64(measured) * Int64.random(in: 1...1_000_000, using: &random), running: running
        )
        #expect((0...1).contains(forecast.fraction))
        #expect((forecast.remainingMilliseconds ?? 0) >= 0)
        if let eta = forecast.etaAt { #expect(eta >= Self.now) }
        if total > 0, finished == total { #expect(forecast.fraction == 1) }
    }
}

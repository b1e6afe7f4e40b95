/// How far a study has come and when it will end, weighted by measured cost.
///
/// An assignment that is done weighs what it took; one that is not weighs the mean of those that are done. So one
/// long assignment is not one of twelve, and the bar moves evenly. Until something is done every assignment weighs
/// the same, and there is no ETA: nothing was measured.
package struct StudyForecast: Sendable, Hashable {
    /// Done share of the whole, 0…1.
    package let fraction: Double
    /// Work left in milliseconds of one worker; absent until something was measured.
    package let remainingMilliseconds: Int64?
    /// When it ends if as many go on as run now; absent while nothing runs or nothing was measured.
    package let etaAt: Instant?

    /// - Parameters:
    ///   - total: assignments of the study that count (cancelled ones do not).
    ///   - finished: completed or failed.
    ///   - measured: how many of the finished were timed, with `measuredMilliseconds` in all.
    ///   - running: the done share of each running one, where it said so.
    ///   - asOf: the moment of the figures.
    package init(
        total: Int, finished: Int, measured: Int, measuredMilliseconds: Int64, running: [Double?], asOf: Instant
    ) {
        let isMeasured = measured > 0 && measuredMilliseconds > 0
        let mean = isMeasured ? Double(measuredMilliseconds) / Double(measured) : 1
        let done = mean * Double(finished)
        let underWay = running.reduce(0) { $0 + mean * min(1, max(0, $1 ?? 0)) }
        let whole = mean * Double(total)
        guard whole > 0 else {
            fraction = 0
            remainingMilliseconds = nil
            etaAt = nil
            return
        }
        fraction = finished >= total ? 1 : min(1, (done + underWay) / whole)
        guard isMeasured else {
            remainingMilliseconds = nil
            etaAt = nil
            return
        }
        let remaining = Int64(max(0, whole - done - underWay))
        remainingMilliseconds = remaining
        guard !running.isEmpty, remaining > 0 else {
            etaAt = nil
            return
        }
        etaAt = asOf.adding(milliseconds: remaining / Int64(running.count))
    }
}

import FDTDSolver

/// Tells how far the whole run is, in lines that Muster's agent understands:
/// `::progress 0.42 stage=solve eta=12.3::`, the share of the run and the seconds that remain.
struct ProgressReporter {
    enum Stage: String {
        case setup
        case solve
        case analyse
        case write
    }

    /// Lines come no closer than this, or a long run would drown its log.
    private static let interval = Duration.milliseconds(250)
    /// Before this share of the run an estimate would be a guess.
    private static let leastShareForEstimate = 0.03

    private let start: ContinuousClock.Instant
    private var lastLine: ContinuousClock.Instant?
    private var lastStage: Stage?
    private var share = 0.0

    init(start: ContinuousClock.Instant) {
        self.start = start
    }

    /// - Parameter reached: share of the whole run that is done; a smaller one than before is taken as that one, since
    ///   what is done does not become undone when more steps turn out to be needed.
    mutating func report(_ stage: Stage, reached: Double, now: ContinuousClock.Instant = .now) {
        share = max(share, min(1, reached))
        let isDue = lastLine.map { now - $0 >= Self.interval } ?? true
        guard isDue || stage != lastStage || share == 1 else { return }
        lastLine = now
        lastStage = stage
        var line = "::progress \(SignificantDigits.fixed(share, decimals: 4)) stage=\(stage.rawValue)"
        if share >= Self.leastShareForEstimate {
            let remaining = (now - start) / .seconds(1) * (1 - share) / share
            line += " eta=\(SignificantDigits.fixed(remaining, decimals: 1))"
        }
        Terminal.say(line + "::")
    }
}

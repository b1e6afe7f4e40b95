/// How far a job has come, as its program last said. What it never said is absent, never zero (section 7).
package struct JobProgress: Sendable, Hashable {
    /// Done share of the whole job, 0…1.
    package var fraction: Double?
    /// The name of the present stage.
    package var stage: String?
    /// Done share of the present stage, 0…1.
    package var stageFraction: Double?
    /// When the program expects to end, by the server's clock: its estimate of seconds left added at receipt.
    package var etaAt: Instant?
    /// A short line of the program's own.
    package var message: String?

    package init(
        fraction: Double? = nil, stage: String? = nil, stageFraction: Double? = nil, etaAt: Instant? = nil,
        message: String? = nil
    ) {
        self.fraction = fraction
        self.stage = stage
        self.stageFraction = stageFraction
        self.etaAt = etaAt
        self.message = message
    }

    /// What was known with what is newly said: a value that is not said stays, a new stage forgets the old one's share.
    package func merging(_ said: JobProgress) -> JobProgress {
        var merged = self
        if let stage = said.stage, stage != self.stage {
            merged.stage = stage
            merged.stageFraction = nil
        }
        if let fraction = said.fraction { merged.fraction = Self.share(fraction) }
        if let stageFraction = said.stageFraction { merged.stageFraction = Self.share(stageFraction) }
        if let etaAt = said.etaAt { merged.etaAt = etaAt }
        if let message = said.message { merged.message = message }
        return merged
    }

    private static func share(_ value: Double) -> Double {
        value.isFinite ? min(1, max(0, value)) : 0
    }
}

extension StudyForecast {
    /// A forecast that was made elsewhere, such as one read from the wire.
    package init(fraction: Double, remainingMilliseconds: Int64?, etaAt: Instant?) {
        self.fraction = fraction
        self.remainingMilliseconds = remainingMilliseconds
        self.etaAt = etaAt
    }
}

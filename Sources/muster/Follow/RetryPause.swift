/// How long to wait before a server that went away is asked again: soon at first, then ever more patiently.
struct RetryPause: Sendable, Hashable {
    private static let firstMilliseconds: Int64 = 100
    private static let longestMilliseconds: Int64 = 5_000

    private var milliseconds = Self.firstMilliseconds

    /// It answered: the next failure is a first one again.
    mutating func reset() {
        milliseconds = Self.firstMilliseconds
    }

    mutating func wait() async throws {
        try await Task.sleep(for: .milliseconds(milliseconds))
        milliseconds = min(Self.longestMilliseconds, milliseconds * 2)
    }
}

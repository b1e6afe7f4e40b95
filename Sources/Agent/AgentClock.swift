package import Domain
import Glibc

/// Every moment, wait and chance that the agent goes by. Replaced as a whole in tests.
package struct AgentClock: Sendable {
    /// Milliseconds from a fixed moment, never going back. Goes on while the machine is suspended, so that a laptop
    /// that was closed knows for how long.
    package var milliseconds: @Sendable () -> Int64
    /// What the machine takes for the time; stands beside log lines, decides nothing.
    package var wall: @Sendable () -> Instant
    /// Waits; throws when its task is cancelled.
    package var sleep: @Sendable (_ milliseconds: Int64) async throws -> Void
    /// A number from 0 up to but not including 1: the chance in a backoff.
    package var chance: @Sendable () -> Double

    package init(
        milliseconds: @escaping @Sendable () -> Int64, wall: @escaping @Sendable () -> Instant,
        sleep: @escaping @Sendable (Int64) async throws -> Void, chance: @escaping @Sendable () -> Double
    ) {
        self.milliseconds = milliseconds
        self.wall = wall
        self.sleep = sleep
        self.chance = chance
    }

    package static let system = AgentClock(
        milliseconds: { read(CLOCK_BOOTTIME) },
        wall: { Instant(milliseconds: read(CLOCK_REALTIME)) },
        sleep: { try await Task.sleep(for: .milliseconds($0)) },
        chance: { Double.random(in: 0..<1) }
    )

    private static func read(_ clock: Int32) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

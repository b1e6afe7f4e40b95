/// How long to wait before trying again: twice as long each time, up to a limit, a random part of it, so that a
/// thousand workers don't come back in one moment.
package struct Backoff: Sendable, Hashable {
    package let firstMilliseconds: Int64
    package let limitMilliseconds: Int64
    private var next: Int64

    package init(firstMilliseconds: Int64 = 200, limitMilliseconds: Int64 = 5_000) {
        self.firstMilliseconds = firstMilliseconds
        self.limitMilliseconds = limitMilliseconds
        next = firstMilliseconds
    }

    /// - Parameters:
    ///   - chance: 0 ≤ chance < 1.
    ///   - atLeastMilliseconds: what the server asked for (`Retry-After`), which is kept.
    package mutating func wait(chance: Double, atLeastMilliseconds: Int64 = 0) -> Int64 {
        let span = next
        next = min(limitMilliseconds, next * 2)
        // Between half and the whole, so that there is always some waiting.
        return max(atLeastMilliseconds, span / 2) + Int64(Double(span / 2) * chance)
    }

    /// It went well: the next failure is a first one again.
    package mutating func reset() {
        next = firstMilliseconds
    }
}

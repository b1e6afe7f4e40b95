package import Connectors
package import Domain
package import Logging
import Synchronization
package import Wire

/// Where what attempts say becomes reports.
///
/// Lines are gathered for a moment and told in one report; of progress only the newest is kept, a few a second are
/// told, and none while the server is away. Called from the threads that read the children: a child that says more
/// than can be spooled is held up, or its lightest words are dropped and counted; nothing here grows.
package final class Outbox: Sendable {
    private struct Pending {
        var lines: [NewLogLine] = []
        var lineBytes = 0
        var progress: ProgramProgress?
        var toldProgressAt: Int64?
    }

    private struct State {
        var pending: [AttemptRef?: Pending] = [:]
        var pressure = SpoolPressure.none
        var toldPressure = SpoolPressure.none
        var toldPressureAt: Int64?
        var droppedLines = 0
    }

    private let spool: Spool
    private let clock: AgentClock
    private let logger: Logger
    private let state = Mutex(State())
    /// Rings when something waits to be flushed.
    let filled = Bell()

    private static let lineCountLimit = 200
    private static let lineBytesLimit = 49_152
    /// At most five a second for each attempt.
    package static let progressGapMilliseconds: Int64 = 200
    private static let pressureGapMilliseconds: Int64 = 10_000

    package init(spool: Spool, clock: AgentClock, logger: Logger) {
        self.spool = spool
        self.clock = clock
        self.logger = logger
    }

    /// A line of an attempt, or of the worker itself.
    package func line(_ ref: AttemptRef?, _ level: LogLevel, _ text: String) {
        let line = NewLogLine(at: clock.wall(), level: level, text: text.cut(toBytes: NewLogLine.textLimitBytes))
        let isFirst = state.withLock { state in
            guard state.pressure.takes(level) else {
                state.droppedLines += 1
                return false
            }
            var pending = state.pending.removeValue(forKey: ref) ?? Pending()
            pending.lines.append(line)
            pending.lineBytes += line.text.utf8.count
            let isFirst = pending.lines.count == 1
            if pending.lines.count >= Self.lineCountLimit || pending.lineBytes >= Self.lineBytesLimit {
                spill(&pending, ref, &state)
            }
            state.pending[ref] = pending
            return isFirst
        }
        if isFirst { filled.ring() }
    }

    package func progress(_ ref: AttemptRef, _ progress: ProgramProgress) {
        state.withLock { state in
            let known = state.pending[ref]?.progress ?? ProgramProgress()
            state.pending[ref, default: Pending()].progress = known.merging(progress)
        }
        filled.ring()
    }

    package func started(_ ref: AttemptRef) {
        spool.append(.essential) { Report(number: $0, kind: .started, ref: ref) }
    }

    /// The end of an attempt, behind everything it said. On the disk when this returns.
    ///
    /// - Returns: the number of the last report.
    package func ended(_ ref: AttemptRef, _ verdict: Verdict, result: JSON?) -> Int64 {
        state.withLock { state in
            var pending = state.pending.removeValue(forKey: ref) ?? Pending()
            spill(&pending, ref, &state)
            if let progress = pending.progress { tell(progress, ref) }
        }
        // Only a light report can be refused, so there is a number.
        return spool.append(.result) {
            Report(
                number: $0, kind: verdict.kind, ref: ref, exitCode: verdict.exitCode, reason: verdict.reason,
                result: result
            )
        } ?? 0
    }

    /// Nothing more of an attempt is to be told.
    package func drop(_ ref: AttemptRef) {
        state.withLock { $0.pending[ref] = nil }
    }

    /// Hands what waits to the spool.
    ///
    /// - Parameter isAway: the server does not answer: progress stays here, where the newest replaces the older.
    /// - Returns: in how many milliseconds more is due, `nil` where nothing waits.
    package func flush(isAway: Bool) -> Int64? {
        let now = clock.milliseconds()
        return state.withLock { state in
            note(spool.pressure, now: now, &state)
            var due: Int64?
            for (ref, pending) in state.pending {
                var pending = pending
                spill(&pending, ref, &state)
                if let ref, let progress = pending.progress, !isAway, state.pressure.takesProgress {
                    let wait = pending.toldProgressAt.map { $0 + Self.progressGapMilliseconds - now } ?? 0
                    if wait <= 0 {
                        tell(progress, ref)
                        pending.progress = nil
                        pending.toldProgressAt = now
                    } else {
                        due = min(due ?? wait, wait)
                    }
                }
                state.pending[ref] = pending
            }
            return due
        }
    }

    private func spill(_ pending: inout Pending, _ ref: AttemptRef?, _ state: inout State) {
        guard !pending.lines.isEmpty else { return }
        let lines = pending.lines
        if spool.append(.light, { Report(number: $0, kind: .log, ref: ref, lines: lines) }) == nil {
            state.droppedLines += lines.count
            state.pressure = .onlyResults
        }
        pending.lines.removeAll(keepingCapacity: true)
        pending.lineBytes = 0
    }

    private func tell(_ progress: ProgramProgress, _ ref: AttemptRef) {
        spool.append(.light) {
            Report(
                number: $0, kind: .progress, ref: ref, fraction: progress.fraction, stage: progress.stage,
                stageFraction: progress.stageFraction, etaSeconds: progress.etaSeconds, message: progress.message
            )
        }
    }

    /// That words are dropped is said where they would have stood: at once when it becomes worse, else not more often
    /// than it is read.
    private func note(_ pressure: SpoolPressure, now: Int64, _ state: inout State) {
        state.pressure = pressure
        let isDue = state.toldPressureAt.map { now - $0 >= Self.pressureGapMilliseconds } ?? true
        guard pressure != state.toldPressure, pressure > state.toldPressure || isDue else { return }
        state.toldPressure = pressure
        state.toldPressureAt = now
        let dropped = state.droppedLines > 0 ? "; \(state.droppedLines) lines were dropped" : ""
        if pressure == .none { state.droppedLines = 0 }
        let text = "The spool \(pressure.inWords)\(dropped)."
        logger.warning("\(text)")
        let line = NewLogLine(at: clock.wall(), level: .warning, text: text)
        spool.append(.essential) { Report(number: $0, kind: .log, ref: nil, lines: [line]) }
    }
}

/// What a window shows, folded from its messages in whatever order they come.
package struct WindowState: Sendable, Hashable {
    /// How the study ended, as the window told.
    package struct Ending: Sendable, Hashable {
        package var isSuccess: Bool
        package var reason: String

        package init(isSuccess: Bool, reason: String) {
            self.isSuccess = isSuccess
            self.reason = reason
        }
    }

    /// 0…1.
    package var progress: Double?
    package var stage: String?
    package var subStage: String?
    /// 0…1.
    package var stageProgress: Double?
    package var etaAt: Instant?
    /// When the step under way is estimated to end.
    package var stepEndsAt: Instant?
    package var simulationCount: Int64?
    package var totalSimulations: Int64?
    package var currentCase: String?
    package var warningCount = 0
    package var errorCount = 0
    package var memoryError: String?
    package var ending: Ending?
    /// The newest `timestamp` of each kind of message: these have no number, and overtake each other on the way.
    package var newest: [String: Int64] = [:]

    package init() {}

    /// One that is older than its kind's newest by less is late; by more, the sender's clock was set back.
    package static let clockSetBackMilliseconds: Int64 = 60_000

    /// Takes a message in. Returns whether anything changed that is shown.
    ///
    /// - Parameters:
    ///   - sentAt: the envelope's time, by the sender's clock; only ever compared with others of that clock.
    ///   - now: the server's time, from which estimates count.
    package mutating func apply(_ message: WindowMessage, sentAt: Instant?, now: Instant) -> Bool {
        let before = self
        switch message {
        case .lines(let lines, _):
            warningCount += lines.count { LineType.level($0.type) == .warning }
            errorCount += lines.count { LineType.level($0.type) == .error }
        case .overall(let share):
            if isNewest("overall", sentAt), let share { progress = share }
        case .stage(let name, let share, let sub):
            if isNewest("stage", sentAt) { take(stage: name, share, sub) }
            conclude(stage: name, share)
        case .eta(let seconds):
            if isNewest("eta", sentAt) { etaAt = seconds.map { now.adding(milliseconds: Int64($0 * 1_000)) } }
        case .animation(let seconds):
            if isNewest("animation", sentAt) {
                stepEndsAt = seconds.map { now.adding(milliseconds: Int64($0 * 1_000)) }
            }
        case .simulation(let count, let total, let details):
            guard isNewest("simulation", sentAt) else { break }
            simulationCount = count ?? simulationCount
            totalSimulations = total ?? totalSimulations
            currentCase = details ?? currentCase
        case .memoryError(let text): memoryError = text
        case .finished(let isSuccess, let text): conclude(isSuccess: isSuccess, text)
        case .terminal, .printed, .other: break
        }
        return !isShownSame(as: before)
    }

    private func isShownSame(as other: WindowState) -> Bool {
        var (mine, theirs) = (self, other)
        mine.newest = [:]
        theirs.newest = [:]
        return mine == theirs
    }

    private mutating func isNewest(_ kind: String, _ sentAt: Instant?) -> Bool {
        guard let sent = sentAt?.milliseconds else { return true }
        if let last = newest[kind], sent < last, last - sent < Self.clockSetBackMilliseconds { return false }
        newest[kind] = sent
        return true
    }

    private mutating func take(stage name: String?, _ share: Double?, _ sub: String?) {
        if let name, name != stage {
            stage = name
            stageProgress = nil
        }
        subStage = sub
        if let share { stageProgress = share }
    }

    /// The end is told by a stage before it is told by its own message, which may be lost.
    private mutating func conclude(stage name: String?, _ share: Double?) {
        guard share == 1 else { return }
        switch name {
        case "Finished": conclude(isSuccess: true, "the study finished")
        case "Error": conclude(isSuccess: false, "the study finished with errors")
        case "Memory Error": conclude(isSuccess: false, "out of memory")
        default: break
        }
    }

    private mutating func conclude(isSuccess: Bool, _ text: String) {
        guard ending == nil else { return }
        etaAt = nil
        stepEndsAt = nil
        if isSuccess { progress = 1 }
        ending = Ending(isSuccess: isSuccess, reason: isSuccess ? text : memoryError ?? text)
    }
}

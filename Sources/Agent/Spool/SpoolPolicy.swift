package import Domain

/// What a spool does without when it runs out of room: the lightest first, results never.
package enum SpoolPressure: Int, Sendable, Hashable, Comparable, CaseIterable {
    case none, noProgress, noDebug, onlyResults

    package static func < (left: SpoolPressure, right: SpoolPressure) -> Bool { left.rawValue < right.rawValue }

    package var takesProgress: Bool { self < .noProgress }

    package func takes(_ level: LogLevel) -> Bool {
        self < .noDebug || (self == .noDebug && level != .debug)
    }

    /// For the log, after "the spool".
    package var inWords: String {
        switch self {
        case .none: "takes everything again"
        case .noProgress: "is half full: it takes no more progress"
        case .noDebug: "is filling up: it takes no more progress and debug lines"
        case .onlyResults: "is full: it takes results only"
        }
    }
}

/// When a spool runs out of room: by its own limit, and by what the disk has left.
package struct SpoolPolicy: Sendable, Hashable {
    /// Of all that is not yet acknowledged.
    package var limitBytes: Int64
    /// Kept on the disk from the start, for results when nothing else fits.
    package var reserveBytes: Int64
    /// With less than this free on the disk the spool makes no more use of it than it must.
    package var diskFloorBytes: Int64

    package init(
        limitBytes: Int64 = 256 * 1_024 * 1_024, reserveBytes: Int64 = 4 * 1_024 * 1_024,
        diskFloorBytes: Int64 = 64 * 1_024 * 1_024
    ) {
        self.limitBytes = limitBytes
        self.reserveBytes = reserveBytes
        self.diskFloorBytes = diskFloorBytes
    }

    /// - Parameter freeBytes: of the disk; `nil` where that is not known.
    package func pressure(usedBytes: Int64, freeBytes: Int64?) -> SpoolPressure {
        var pressure = SpoolPressure.none
        if usedBytes >= limitBytes / 2 { pressure = .noProgress }
        if usedBytes >= limitBytes / 4 * 3 { pressure = .noDebug }
        if usedBytes >= limitBytes { pressure = .onlyResults }
        guard let freeBytes, freeBytes < diskFloorBytes else { return pressure }
        return max(pressure, freeBytes < diskFloorBytes / 2 ? .onlyResults : .noDebug)
    }
}

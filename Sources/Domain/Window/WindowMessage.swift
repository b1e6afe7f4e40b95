/// One message of GOLIAT's window, as it comes in `/api/gui-update`.
package enum WindowMessage: Sendable, Hashable {
    /// A line with its type, which is its colour; `at` is the sender's clock.
    package struct Line: Sendable, Hashable {
        package var text: String
        package var type: String
        package var at: Instant?

        package init(text: String, type: String, at: Instant?) {
            self.text = text
            self.type = type
            self.at = at
        }
    }

    case lines([Line], batch: Int64?)
    /// A verbose line meant for a terminal; with colour codes.
    case terminal(Line)
    case printed(String, isError: Bool)
    /// A share 0…1; absent where the total is 0 or less.
    case overall(Double?)
    case stage(String?, Double?, subStage: String?)
    /// Seconds left; absent where the client does not know.
    case eta(Double?)
    case animation(seconds: Double?)
    case simulation(count: Int64?, total: Int64?, details: String?)
    case memoryError(String)
    case finished(isSuccess: Bool, message: String)
    /// A type that is not known here: the client forwards whatever it has.
    case other(String)

    /// Why a message is none.
    package struct Malformed: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    package init(json: JSON) throws(Malformed) {
        guard json.objectValue != nil else { throw Malformed(description: "message must be an object") }
        guard let type = json["type"]?.stringValue else {
            throw Malformed(description: "message.type must be a string")
        }
        switch type {
        case "log_batch":
            guard let logs = json["logs"]?.arrayValue else {
                throw Malformed(description: "message.logs must be an array")
            }
            guard logs.count <= Self.linesAtOnce else {
                throw Malformed(description: "message.logs may have \(Self.linesAtOnce) lines")
            }
            let lines = logs.compactMap { $0.objectValue == nil ? nil : Self.line($0) }
            self = .lines(lines, batch: json["sequence"]?.intValue.flatMap { Self.batches.contains($0) ? $0 : nil })
        case "status": self = .lines([Self.line(json)], batch: nil)
        case "terminal_only": self = .terminal(Self.line(json))
        case "print":
            self = .printed(json["message"]?.words ?? "", isError: json["stream"]?.words == "stderr")
        case "overall_progress": self = .overall(try Self.share(json))
        case "stage_progress":
            self = .stage(json["name"]?.words, try Self.share(json), subStage: json["sub_stage"]?.words)
        case "profiler_update":
            // 0 stands between phases and means that it is not known.
            self = .eta(json["eta_seconds"]?.doubleValue.flatMap { $0 > 0 ? min($0, Self.longestSeconds) : nil })
        case "start_animation":
            self = .animation(
                seconds: json["estimate"]?.doubleValue.flatMap { $0 > 0 ? min($0, Self.longestSeconds) : nil })
        case "end_animation": self = .animation(seconds: nil)
        case "sim_details":
            self = .simulation(
                count: json["count"]?.intValue, total: json["total"]?.intValue, details: json["details"]?.words)
        case "simulation_details":
            self = .simulation(
                count: json["simulation_count"]?.intValue, total: json["total_simulations"]?.intValue,
                details: json["current_case"]?.words)
        case "memory_error": self = .memoryError(json["message"]?.words ?? "out of memory")
        case "finished": self = Self.finished(json)
        case "fatal_error":
            self = .finished(isSuccess: false, message: json["message"]?.words ?? "fatal error")
        default: self = .other(type)
        }
    }

    /// Clients send ten or twenty: whoever sends more than this would keep the writer from everybody else.
    private static let linesAtOnce = 10_000
    /// No process numbers more batches: a number beyond is none, and nothing is computed with it.
    private static let batches: ClosedRange<Int64> = 0...0xFF_FFFF_FFFF
    /// No simulation is estimated to take longer than a year.
    private static let longestSeconds = 366.0 * 86_400

    private static func line(_ json: JSON) -> Line {
        Line(
            text: json["message"]?.words ?? "", type: json["log_type"]?.words ?? "default",
            at: json["timestamp"]?.doubleValue.flatMap(Instant.init(unixSeconds:))
        )
    }

    /// `current` of `total` as a share; the two sources of the client overshoot, and a total may be 0.
    private static func share(_ json: JSON) throws(Malformed) -> Double? {
        guard let current = json["current"]?.doubleValue, let total = json["total"]?.doubleValue else {
            throw Malformed(description: "message.current and message.total must be numbers")
        }
        guard total > 0 else { return nil }
        return min(1, max(0, current / total))
    }

    private static func finished(_ json: JSON) -> WindowMessage {
        if let message = json["message"]?.words {
            return .finished(isSuccess: message.contains("successfully"), message: message)
        }
        let code = json["exit_code"]?.intValue ?? 0
        return .finished(isSuccess: code == 0, message: "exit code \(code)")
    }
}

extension Instant {
    /// A clock's seconds since 1970, if that is a time a clock could show.
    package init?(unixSeconds seconds: Double) {
        guard seconds >= 0, seconds < 32_503_680_000 else { return nil }
        self.init(milliseconds: Int64((seconds * 1_000).rounded()))
    }
}

extension JSON {
    /// A stranger's text as it can be kept: no NUL, which a database may not take, and of a bounded length.
    fileprivate var words: String? {
        guard let text = stringValue else { return nil }
        let kept = text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
        guard kept.utf8.count > Self.wordsLimitBytes else { return kept }
        return String(decoding: kept.utf8.prefix(Self.wordsLimitBytes), as: UTF8.self) + "…"
    }

    private static let wordsLimitBytes = 8_000
}

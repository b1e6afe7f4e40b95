/// The types of log lines that GOLIAT knows, and how grave each is here.
package enum LineType {
    /// Types with a colour of their own; others are shown as `default`.
    package static let known = [
        "default", "progress", "info", "verbose", "warning", "error", "fatal", "success", "header", "highlight",
        "caller",
    ]

    package static func level(_ type: String) -> LogLevel {
        switch type {
        case "verbose", "caller": .debug
        case "success", "header", "highlight": .notice
        case "warning": .warning
        case "error", "fatal": .error
        default: .info
        }
    }

    /// The type as a style may be named after it; `nil` for one that is not known.
    package static func style(_ type: String) -> String? { known.contains(type) ? type : nil }
}

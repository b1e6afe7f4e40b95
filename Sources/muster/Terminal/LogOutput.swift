import Domain
import Logging

/// Log lines of this process on standard error: a line of words for people, an object a line with `--json`.
struct LogOutput: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private let context: CommandContext
    private let label: String
    private let printsJSON: Bool

    /// The logger of a long-running command; the only way that this program logs.
    static func logger(_ label: String, settings: Settings, printsJSON: Bool, context: CommandContext) -> Logger {
        Logger(label: label) { label in
            LogOutput(label: label, level: settings.logLevel.value, printsJSON: printsJSON, context: context)
        }
    }

    init(label: String, level: Logger.Level, printsJSON: Bool, context: CommandContext) {
        self.label = label
        self.printsJSON = printsJSON
        self.context = context
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let values = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
        let now = context.now()
        context.terminal.log(
            printsJSON
                ? json(event.level, "\(event.message)", values, at: now)
                : words(event.level, "\(event.message)", values, at: now))
    }

    private func words(
        _ level: Logger.Level, _ message: String, _ values: [(key: String, value: Logger.MetadataValue)],
        at now: Instant
    ) -> String {
        let style = context.terminal.errorStyle
        let word = DisplayWidth.padded(level.rawValue, to: Self.levelColumns)
        let painted: String =
            switch level {
            case .trace, .debug: style.faint(word)
            case .info: word
            case .notice: style.cyan(word)
            case .warning: style.yellow(word)
            case .error, .critical: style.red(word)
            }
        let tail = values.map { " \($0.key)=\($0.value)" }.joined()
        return "\(style.faint(context.clock(now))) \(painted) \(PlainText.line(message))"
            + style.faint(PlainText.line(tail))
    }

    private func json(
        _ level: Logger.Level, _ message: String, _ values: [(key: String, value: Logger.MetadataValue)],
        at now: Instant
    ) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("at", now.description)
        writer.field("level", level.rawValue)
        writer.field("label", label)
        writer.field("message", message)
        for (key, value) in values {
            writer.key(key)
            writer.value("\(value)")
        }
        writer.endObject()
        return PlainText.json(writer.text)
    }

    private static let levelColumns = 8
}

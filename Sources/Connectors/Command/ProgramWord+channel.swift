import Domain

extension ProgramWord {
    /// Reads a line that came on the channel: one JSON object, else a line as programs print them. What can't be
    /// read is a line of the log: nothing a program says is lost.
    ///
    ///     {"type":"progress","fraction":0.42,"stage":"solve","stageFraction":0.2,"etaSeconds":120,"message":"3 of 7"}
    ///     {"type":"log","level":"warning","text":"the mesh is coarse"}
    ///     {"type":"artifact","path":"/where/it/lies.png"}
    package init(channelLine line: String) {
        let object = line.hasPrefix("{") ? try? JSON(parsing: line) : nil
        self = object.flatMap(Self.said) ?? ProgramWord(line: line)
    }

    private static func said(_ object: JSON) -> ProgramWord? {
        switch object["type"]?.stringValue {
        case "progress":
            let progress = ProgramProgress(
                fraction: share(object["fraction"]),
                stage: object["stage"]?.stringValue?.cut(toBytes: ProgramProgress.stageLimitBytes),
                stageFraction: share(object["stageFraction"]),
                etaSeconds: object["etaSeconds"]?.doubleValue.flatMap { (0...1e10).contains($0) ? $0 : nil },
                message: object["message"]?.stringValue?.cut(toBytes: ProgramProgress.messageLimitBytes)
            )
            return progress.isEmpty ? nil : .progress(progress)
        case "log":
            guard let text = object["text"]?.stringValue else { return nil }
            let level = object["level"]?.stringValue.flatMap(LogLevel.init(rawValue:)) ?? .info
            return .line(level, oneLine(text))
        case "artifact":
            return object["path"]?.stringValue.flatMap { $0.isEmpty ? nil : .artifact($0) }
        default: return nil
        }
    }

    private static func share(_ value: JSON?) -> Double? {
        value?.doubleValue.map { min(1, max(0, $0)) }
    }

    /// Without what speaks to a terminal; a line break would be two lines of the log.
    private static func oneLine(_ text: String) -> String {
        let broken = text.replacing("\r\n", with: " ").replacing("\n", with: " ").replacing("\r", with: " ")
        return String(decoding: TerminalText.plain(Array(broken.utf8)), as: UTF8.self)
    }
}

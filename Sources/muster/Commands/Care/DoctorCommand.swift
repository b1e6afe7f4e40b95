import ArgumentParser
import Domain

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "doctor", "Look for what keeps Muster from working here, and say the way out.",
        discussion: """
            Looks at settings, server, versions, clocks, access, folders, locks and free space, and changes nothing. \
            Ends with 1 if anything failed. With --json: {"findings": [{"name", "level": "ok" | "warn" | "fail", \
            "detail", "next"?}]}.
            """)

    @Option(
        name: .long, help: ArgumentHelp("Data folder of the server (MUSTER_DATA).", valueName: "dir"),
        completion: .directory)
    var data: String?

    @Option(
        name: .long,
        help: ArgumentHelp("PostgreSQL database of the server, where it has one (MUSTER_DATABASE).", valueName: "url"))
    var database: String?

    @Option(
        name: .long, help: ArgumentHelp("State folder of the agent (MUSTER_STATE).", valueName: "dir"),
        completion: .directory)
    var state: String?

    @OptionGroup var client: ClientOptions

    func run() async throws {
        let context = CommandContext.current
        var flags: [SettingKey: RawSetting] = [:]
        flags[.data] = data.map(RawSetting.text)
        flags[.database] = database.map(RawSetting.text)
        flags[.state] = state.map(RawSetting.text)
        let settings = try client.settings(flags)
        let findings = try await Doctor(settings: settings, context: context).findings()
        client.json ? showJSON(findings, context.terminal) : show(findings, context.terminal)
        if findings.contains(where: { $0.level == .fail }) { throw ExitCode(Outcome.failed.rawValue) }
    }

    private func show(_ findings: [Finding], _ terminal: Terminal) {
        let style = terminal.style
        let width = findings.map { DisplayWidth.of($0.name) }.max() ?? 0
        for finding in findings {
            let word = DisplayWidth.padded(finding.level.rawValue, to: 4)
            let painted =
                switch finding.level {
                case .ok: style.green(word)
                case .warn: style.yellow(word)
                case .fail: style.red(word)
                }
            let name = DisplayWidth.padded(finding.name, to: width)
            terminal.print("\(painted)  \(name)  \(PlainText.line(finding.detail))")
            if let next = finding.next {
                terminal.print("\(String(repeating: " ", count: width + 8))→ \(PlainText.line(next))")
            }
        }
    }

    private func showJSON(_ findings: [Finding], _ terminal: Terminal) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.beginArray("findings")
        for finding in findings {
            writer.beginObject()
            writer.field("name", finding.name)
            writer.field("level", finding.level.rawValue)
            writer.field("detail", finding.detail)
            writer.field("next", finding.next)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        terminal.printJSON(writer.bytes)
    }
}

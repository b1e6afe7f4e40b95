import ArgumentParser
import Domain

struct SettingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "settings", "Print every setting, and where its value comes from.",
        discussion: """
            A flag is stronger than a variable, a variable than the settings file, the file than the default. The file \
            is the one of --config or MUSTER_CONFIG, else ./muster.toml, else muster.toml in your configuration folder:

            url = "http://10.0.0.5:7117"
            [server]
            port = 7117
            [worker]
            slots = 2
            exec = "program --input {config}"

            With --json: {"file"?, "settings": [{"key", "value"?, "source", "from", "variable", "flag"}]}. Tokens are \
            never shown.
            """)

    @OptionGroup var client: ClientOptions

    func run() async throws {
        let terminal = CommandContext.current.terminal
        let settings = try client.settings()
        guard !client.json else { return showJSON(settings, terminal: terminal) }
        var table = Table([
            .init(title: "SETTING"), .init(title: "VALUE", leastColumns: 20), .init(title: "FROM"),
            .init(title: "VARIABLE"),
        ])
        let style = terminal.style
        for row in settings.rows {
            let isDefault = row.origin == .standard
            table.rows.append([
                .init(row.key.rawValue), .init(row.shown, paint: { isDefault ? $0 : style.bold($0) }),
                .init(row.origin.description, paint: { isDefault ? style.faint($0) : $0 }),
                .init(row.key.environmentName, paint: { style.faint($0) }),
            ])
        }
        terminal.show(table)
        if settings.file == nil {
            terminal.note("There is no settings file; muster settings --help tells how one looks.")
        }
    }

    private func showJSON(_ settings: Settings, terminal: Terminal) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("file", settings.file)
        writer.beginArray("settings")
        for row in settings.rows {
            writer.beginObject()
            writer.field("key", row.key.rawValue)
            writer.field("value", row.value)
            writer.field("source", row.origin.word)
            writer.field("from", row.origin.description)
            writer.field("variable", row.key.environmentName)
            writer.field("flag", row.key.flag)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        terminal.printJSON(writer.bytes)
    }
}

/// Every setting with its value and where it comes from, as `muster settings` prints them.
package struct SettingsPage: Page {
    package struct Row: Sendable, Hashable {
        package var name: String
        /// Never a secret: say `set` in its place.
        package var value: String
        /// `flag`, `environment MUSTER_PORT`, `muster.toml`, `default`
        package var source: String
        package var help: String?

        package init(name: String, value: String, source: String, help: String? = nil) {
            self.name = name
            self.value = value
            self.source = source
            self.help = help
        }
    }

    package var frame: PageFrame
    package var rows: [Row]

    package init(frame: PageFrame, rows: [Row]) {
        self.frame = frame
        self.rows = rows
    }

    package var content: PageContent {
        let rows = rows
        return PageContent(title: "Settings", place: .settings, template: "settings") {
            [
                "rows": .list(
                    rows.map {
                        [
                            "name": .text($0.name), "value": .text($0.value), "source": .text($0.source),
                            "help": .text($0.help), "isDefault": .flag($0.source == "default"),
                        ]
                    }),
                "command": .markup(Commands.block("muster settings")),
            ]
        }
    }
}

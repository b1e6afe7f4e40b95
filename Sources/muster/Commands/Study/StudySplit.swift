import ArgumentParser
import Domain
import Foundation

struct StudySplit: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "split", "Look at a split before it is a study, or write it into files. Needs no server.",
        discussion: """
            muster study split phantoms.json --split-by phantoms,frequencies:2 --dry-run
            muster study split far_field.json --preset goliat --split-by auto --splits 6 --dry-run

            With --json: {"count", "dimensions": [{"path", "groups": [label]}], "assignments": [{"index", "label", \
            "configuration"}]}, with as many assignments as --limit says.
            """
    )

    @Argument(
        help: ArgumentHelp("Configuration as JSON, or - for standard input.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var file: String

    @OptionGroup var split: SplitOptions
    @OptionGroup var preset: PresetSplitOptions

    @Flag(name: .long, help: "Only show what would be made.")
    var dryRun = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Write each assignment's configuration into this folder, as 0.json, 1.json …", valueName: "dir"),
        completion: .directory)
    var into: String?

    @Option(name: .long, help: ArgumentHelp("Print the configuration of one assignment.", valueName: "index"))
    var index: Int?

    @Option(name: .long, help: ArgumentHelp("Show at most this many assignments.", valueName: "n"))
    var limit = 20

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard dryRun || into != nil || index != nil else {
            throw ValidationError(
                "Say --dry-run to look, --into DIR to write files, or use study create to put it up for work.")
        }
        guard limit >= 0 else { throw ValidationError("--limit must not be negative.") }
    }

    func run() async throws {
        let context = CommandContext.current
        let configuration = try ConfigurationInput.read(file, context: context)
        let made = try MadeSplit(configuration, by: split, preset: preset)
        for note in made.notes { context.terminal.note(PlainText.line(note)) }
        if let index {
            guard made.indices.contains(index) else {
                throw CommandError(
                    .wrongUse, "There is no assignment \(index): indices go from 0 to \(made.indices.count - 1).")
            }
            let text = output.json ? made.text(at: index) : made.configuration(at: index).prettyText()
            return context.terminal.print(PlainText.json(text))
        }
        if let into, !dryRun { try write(made, into: context.folders.absolute(into)) }
        output.json ? showJSON(made, terminal: context.terminal) : show(made, terminal: context.terminal)
    }

    private func show(_ made: MadeSplit, terminal: Terminal) {
        terminal.print(PlainText.line(made.summary))
        var table = Table([.init(title: "INDEX", alignsRight: true), .init(title: "LABEL")])
        for index in made.indices.prefix(limit) { table.rows.append(["\(index)", .init(made.label(at: index))]) }
        guard !table.rows.isEmpty else { return }
        for line in table.lines(width: nil, style: terminal.style) { terminal.print(line) }
        if made.indices.count > limit {
            terminal.print("… and \(made.indices.count - limit) more; --limit shows them, --index N prints one.")
        }
    }

    private func showJSON(_ made: MadeSplit, terminal: Terminal) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("count", made.indices.count)
        writer.beginArray("dimensions")
        for dimension in made.dimensions {
            writer.beginObject()
            writer.field("path", dimension.path)
            writer.beginArray("groups")
            for label in dimension.groups { writer.value(label) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.beginArray("assignments")
        for index in made.indices.prefix(limit) {
            writer.beginObject()
            writer.field("index", index)
            writer.field("label", made.label(at: index))
            writer.field("configuration", raw: made.text(at: index))
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        terminal.printJSON(writer.bytes)
    }

    private func write(_ made: MadeSplit, into folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for index in made.indices {
                try Data("\(made.text(at: index))\n".utf8).write(
                    to: URL(fileURLWithPath: "\(folder)/\(index).json"), options: .atomic)
            }
        } catch {
            throw CommandError(
                .failed, "The assignments can't be written into \(folder): \(error.localizedDescription)")
        }
    }
}

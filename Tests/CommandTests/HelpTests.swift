import ArgumentParser
import Foundation
import Testing

@testable import muster

/// Every page of help, compared whole. `MUSTER_WRITE_GOLDEN=1` writes the files anew.
@Suite("Help pages")
struct HelpTests {
    private static let columns = 100
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden")

    private static func all(_ command: any ParsableCommand.Type, path: [String]) -> [(String, any ParsableCommand.Type)]
    {
        [(path.joined(separator: "-"), command)]
            + command.configuration.subcommands.flatMap { all($0, path: path + [$0._commandName]) }
    }

    private static let pages: [String: String] =
        Dictionary(
            uniqueKeysWithValues: all(Muster.self, path: ["muster"]).map { name, command in
                let text = Muster.helpMessage(for: command, columns: columns)
                return (name, text.hasSuffix("\n") ? text : text + "\n")
            })

    private static let names = all(Muster.self, path: ["muster"]).map(\.0)

    @Test("a page is as it is kept", arguments: names)
    func golden(name: String) throws {
        let page = try #require(Self.pages[name])
        let file = Self.folder.appendingPathComponent("\(name).txt")
        if ProcessInfo.processInfo.environment["MUSTER_WRITE_GOLDEN"] == "1" {
            try Data(page.utf8).write(to: file)
            return
        }
        let kept = try String(contentsOf: file, encoding: .utf8)
        #expect(page == kept, "MUSTER_WRITE_GOLDEN=1 writes the pages anew")
    }

    @Test("there is a page for each command and no other")
    func complete() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(Set(files) == Set(Self.names.map { "\($0).txt" }))
    }

    @Test("every page tells the exit codes, and every command takes --json", arguments: names)
    func common(name: String) throws {
        let page = try #require(Self.pages[name])
        #expect(page.contains("Exit codes: 0 done"))
        if !page.contains("SUBCOMMANDS:") { #expect(page.contains("--json")) }
    }

    @Test(
        "help, version and completions go to standard output and end with 0",
        arguments: [
            ["--help"], ["help", "work"], ["study", "create", "-h"], ["--version"],
            ["--generate-completion-script", "bash"], ["--generate-completion-script", "zsh"],
            ["--generate-completion-script", "fish"],
        ])
    func printed(arguments: [String]) async {
        let stage = Stage()
        let code = await CommandContext.$current.withValue(stage.context) { await Entry.run(arguments) }
        #expect(code == 0)
        #expect(!stage.output.isEmpty)
        #expect(stage.errors.isEmpty)
    }

    @Test(
        "a mistake in the arguments is one line that names the page, and ends with 2",
        arguments: [
            (["frobnicate"], "Next: muster --help"),
            (["study", "create"], "Next: muster study create --help"),
            (["study", "frobnicate"], "Next: muster study --help"),
            (["job", "ls", "--limit", "x"], "Next: muster job list --help"),
            (["work", "0,1"], "Next: muster work --help"),
            (["work", "0,1", "phantoms", "--queue", "q", "--", "true"], "Next: muster work --help"),
            (["study", "split", "file.json"], "Next: muster study split --help"),
            (["token", "create", "me", "--role", "king"], "Next: muster token create --help"),
        ])
    func mistakes(arguments: [String], ending: String) async {
        let stage = Stage()
        let code = await CommandContext.$current.withValue(stage.context) { await Entry.run(arguments) }
        #expect(code == 2)
        #expect(stage.output.isEmpty)
        #expect(stage.errors.hasPrefix("muster: "))
        #expect(stage.errors.hasSuffix("\(ending)\n"), "\(stage.errors)")
        #expect(stage.errors.filter { $0 == "\n" }.count == 1)
    }
}

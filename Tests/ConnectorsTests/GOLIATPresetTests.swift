import Foundation
import Testing

@testable import Connectors

@Suite struct GOLIATPresetTests {
    @Test func putsTheModuleBeforeWhatIsOnPythonsPath() throws {
        let folder = "\(FileManager.default.temporaryDirectory.path)/\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let plain = try GOLIATPreset.environment(["A": "b"], stateFolder: folder)
        #expect(plain == ["A": "b", "PYTHONPATH": "\(folder)/python"])
        let empty = try GOLIATPreset.environment(["PYTHONPATH": ""], stateFolder: folder)
        #expect(empty["PYTHONPATH"] == "\(folder)/python")
        let more = try GOLIATPreset.environment(["PYTHONPATH": "/lab:/more"], stateFolder: folder)
        #expect(more["PYTHONPATH"] == "\(folder)/python:/lab:/more")
        let module = try String(contentsOfFile: "\(folder)/python/sitecustomize.py", encoding: .utf8)
        #expect(module.contains("monitor.goliat.waves-ugent.be"))
    }

    @Test func saysWhyTheModuleCannotBeWritten() {
        #expect(throws: SystemError.self) { try GOLIATPreset.environment([:], stateFolder: "/dev/null/x") }
    }

    @Test func fillsInTheAssignment() throws {
        let command = try #require(CommandTemplate(GOLIATPreset.command)).filled(for: someWork())
        #expect(command.prefix(3) == ["goliat", "study", "/w/j7-2/config.json"])
        #expect(command.last == "[Worker 4] heads")
    }
}

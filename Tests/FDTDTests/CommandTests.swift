import FDTDSolver
import Foundation
import Testing

/// The program itself, as a worker runs it.
@Suite struct CommandTests {
    @Test func `a run writes its result and its picture and tells its progress`() throws {
        let folder = try Folder()
        let configuration = try folder.write("config.json", Self.quick())
        let run = try Program.run([configuration], environment: ["MUSTER_ARTIFACTS": folder.path("artifacts")])
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("artifacts")).sorted()
        #expect(files == ["field.png", "result.json"])

        let lines = run.output.split(separator: "\n").map(String.init)
        let progress = lines.filter { $0.hasPrefix("::progress ") }
        #expect(progress.first == "::progress 0.0000 stage=setup::")
        #expect(progress.last == "::progress 1.0000 stage=write eta=0.0::")
        let shares = progress.compactMap { Double($0.split(separator: " ")[1]) }
        #expect(shares.count == progress.count)
        #expect(shares == shares.sorted())
        for stage in ["setup", "solve", "analyse", "write"] {
            #expect(progress.contains { $0.contains("stage=\(stage)") })
        }

        let text = try String(contentsOfFile: folder.path("artifacts/result.json"), encoding: .utf8)
        guard case .object(let root) = try JSONParser.parse(text), case .array(let results)? = root.last?.value,
            case .object(let result)? = results.first
        else {
            Issue.record("the result has another shape")
            return
        }
        #expect(results.count == 1)
        #expect(result.first == .init("phantom", .string("disc")))
        #expect(result.contains(.init("picture", .string("field.png"))))
    }

    @Test func `several combinations get pictures by name, and a coarse grid a warning`() throws {
        let folder = try Folder()
        let text = Self.quick(directions: #"["x+", 30]"#, resolution: 6)
        let configuration = try folder.write("config.json", text)
        let run = try Program.run([configuration, "--output", folder.path("out")])
        #expect(run.status == 0)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("out")).sorted()
        #expect(files == ["field-disc-900MHz-30deg.png", "field-disc-900MHz-x+.png", "result.json"])
        #expect(run.output.split(separator: "\n").count { $0.hasPrefix("::warning::") } == 2)
    }

    @Test(arguments: [
        ([], "no configuration is given"), (["a", "b"], "one configuration at a time"), (["--fast"], "--fast"),
        (["a", "--output"], "--output DIR"), (["nowhere.json"], "nowhere.json"),
    ])
    func `wrong use ends with 2 and one line`(words: [String], part: String) throws {
        let run = try Program.run(words)
        #expect(run.status == 2)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains(part))
        #expect(run.errors.split(separator: "\n").count == 1)
    }

    @Test func `a bad configuration ends with 2, names the field and writes nothing`() throws {
        let folder = try Folder()
        let text = Self.quick(directions: #"["north"]"#)
        let configuration = try folder.write("config.json", text)
        let run = try Program.run([configuration, "--output=" + folder.path("out")])
        #expect(run.status == 2)
        let message = "'north' is no direction; write x+, x-, y+, y- or a number of degrees"
        #expect(run.errors == "fdtd: directions[0]: \(message)\n")
        #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
    }

    @Test func `an output folder that can't be made ends with 1`() throws {
        let folder = try Folder()
        let configuration = try folder.write("config.json", Self.quick())
        let run = try Program.run([configuration, "--output", configuration + "/below-a-file"])
        #expect(run.status == 1)
        #expect(run.errors.contains("can't be made; choose another with --output"))
        #expect(run.errors.split(separator: "\n").count == 1)
    }

    @Test func `help ends with 0`() throws {
        let run = try Program.run(["--help"])
        #expect(run.status == 0)
        #expect(run.output.contains("Usage: fdtd CONFIG [--output DIR]"))
    }

    @Test func `SIGTERM ends it at once`() throws {
        let folder = try Folder()
        // Minutes of work, were it not ended.
        let configuration = try folder.write("config.json", Self.quick(resolution: 200))
        let program = try Program(["\(configuration)", "--output", folder.path("out")])
        program.waitForOutput()
        program.process.terminate()
        program.process.waitUntilExit()
        #expect(program.process.terminationReason == .uncaughtSignal)
        #expect(program.process.terminationStatus == SIGTERM)
        #expect(!FileManager.default.fileExists(atPath: folder.path("out/result.json")))
    }

    private static func quick(directions: String = #"["x+"]"#, resolution: Int = 12) -> String {
        ConfigurationTests.text(
            directions: directions, extra: #", "cellSize": 100, "margin": 20, "resolution": \#(resolution)"#)
    }
}

/// A folder of its own for a test, gone with it.
private final class Folder {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("fdtd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: url.appendingPathComponent(name))
        return path(name)
    }
}

/// `fdtd` as it was built beside these tests.
private struct Program {
    let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    struct Run {
        let status: Int32
        let output: String
        let errors: String
    }

    init(_ words: [String], environment: [String: String] = [:]) throws {
        process.executableURL = Self.folder.appendingPathComponent("fdtd")
        process.arguments = words
        process.environment = environment
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    static func run(_ words: [String], environment: [String: String] = [:]) throws -> Run {
        let program = try Program(words, environment: environment)
        let output = program.output.fileHandleForReading.readDataToEndOfFile()
        let errors = program.errors.fileHandleForReading.readDataToEndOfFile()
        program.process.waitUntilExit()
        return Run(
            status: program.process.terminationStatus, output: String(decoding: output, as: UTF8.self),
            errors: String(decoding: errors, as: UTF8.self)
        )
    }

    /// Returns when the program has written something: it is at work.
    func waitForOutput() {
        _ = output.fileHandleForReading.availableData
    }

    /// Where the products of the build lie: beside the running bundle of tests.
    private static var folder: URL {
        let own = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        return (own ?? URL(fileURLWithPath: CommandLine.arguments[0])).deletingLastPathComponent()
    }
}

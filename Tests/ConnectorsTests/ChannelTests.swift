import Domain
import Foundation
import Logging
import Testing

@testable import Connectors

@Suite struct ChannelTests {
    @Test(
        arguments: [
            (
                #"{"type":"progress","fraction":0.42,"stage":"solve","stageFraction":2,"etaSeconds":12,"message":"a"}"#,
                .progress(
                    ProgramProgress(fraction: 0.42, stage: "solve", stageFraction: 1, etaSeconds: 12, message: "a"))
            ),
            (#"{"type":"progress","fraction":-1,"etaSeconds":-3}"#, .progress(ProgramProgress(fraction: 0))),
            (#"{"type":"log","level":"warning","text":"the\nmesh \u001b[31mis"}"#, .line(.warning, "the mesh is")),
            (#"{"type":"log","level":"loud","text":""}"#, .line(.info, "")),
            (#"{"type":"artifact","path":"/a b.png"}"#, .artifact("/a b.png")),
            ("::progress 0.5::", .progress(ProgramProgress(fraction: 0.5))),
            ("ERROR: plain words", .line(.error, "ERROR: plain words")),
            (#"{"type":"progress"}"#, .line(.info, #"{"type":"progress"}"#)),
            (#"{"type":"artifact","path":""}"#, .line(.info, #"{"type":"artifact","path":""}"#)),
            (#"{"type":"log"}"#, .line(.info, #"{"type":"log"}"#)),
            (#"{"type":"oth"#, .line(.info, #"{"type":"oth"#)),
        ] as [(String, ProgramWord)])
    func readsALine(line: String, expected: ProgramWord) {
        #expect(ProgramWord(channelLine: line) == expected)
    }

    /// Runs a shell's script in a folder of its own, as an attempt.
    private func run(_ script: String, marker: String = "m") async throws -> (AttemptEnd, RecordingSink) {
        let folder = "\(FileManager.default.temporaryDirectory.path)/\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var work = someWork(marker: marker)
        work.folders = AttemptFolders(work: folder)
        let settings = CommandSettings(
            template: CommandTemplate(["sh", "-c", script]), environment: ["PATH": "/usr/bin:/bin"], folder: "/")
        let sink = RecordingSink()
        let connector = CommandConnector(settings, logger: Logger(label: "test"))
        return (await connector.run(work, stop: StopControl(), sink: sink), sink)
    }

    @Test func hearsWhatProgramsWriteOnTheChannelInTheirOrder() async throws {
        let script = """
            for i in 1 2 3 4 5 6 7 8 9; do
                echo "{\\"type\\":\\"progress\\",\\"fraction\\":0.$i}" > "$MUSTER_CHANNEL"
            done
            """
        let (end, sink) = try await run(script)
        #expect(end == .completed)
        #expect(sink.words == (1...9).map { .progress(ProgramProgress(fraction: Double($0) / 10)) })
    }

    @Test func losesNothingOfAProgramThatDiesWithFullPipes() async throws {
        // The last write and the end are one moment apart, and nobody reads in between.
        let script = """
            exec 9> "$MUSTER_CHANNEL"
            i=0; while [ $i -lt 2000 ]; do echo "word $i" >&9; i=$((i + 1)); done
            kill -9 $$
            """
        let (end, sink) = try await run(script)
        #expect(end.exitCode == 137)
        #expect(sink.words == (0..<2_000).map { .line(.info, "word \($0)") })
    }

    @Test func waitsForNobodyWhoKeepsTheChannel() async throws {
        let script = """
            setsid sh -c 'exec 9> "$MUSTER_CHANNEL"; exec sleep 1000' > /dev/null 2>&1 &
            echo on > "$MUSTER_CHANNEL"
            """
        let (end, sink) = try await run(script, marker: mark("keeps-the-channel"))
        #expect(end == .completed)
        #expect(sink.words == [.line(.info, "on")])
        let name = CommandConnector.markerVariable
        for entry in ProcessTable.processes(withVariable: name, value: mark("keeps-the-channel")) {
            ProcessTable.kill(entry.mark)
        }
    }
}

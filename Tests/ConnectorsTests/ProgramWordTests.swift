import Domain
import Testing

@testable import Connectors

@Suite struct ProgramWordTests {
    @Test(arguments: [
        ("::progress 0.42::", ProgramProgress(fraction: 0.42)),
        ("::progress 42%::", ProgramProgress(fraction: 0.42)),
        ("::progress fraction=0.5::", ProgramProgress(fraction: 0.5)),
        ("::progress 1.7::", ProgramProgress(fraction: 1)),
        ("::progress -3 ::", ProgramProgress(fraction: 0)),
        ("::progress 0::", ProgramProgress(fraction: 0)),
        (
            #"::progress 0.42 stage=solve eta=120 stage-fraction=0.2 message="third of \"seven\": a::b"::"#,
            ProgramProgress(
                fraction: 0.42, stage: "solve", stageFraction: 0.2, etaSeconds: 120,
                message: #"third of "seven": a::b"#
            )
        ),
        ("::progress stage=mesh::", ProgramProgress(stage: "mesh")),
        (#"::progress stage="far field" 0.1::"#, ProgramProgress(fraction: 0.1, stage: "far field")),
        ("::progress 0.3 colour=blue::", ProgramProgress(fraction: 0.3)),
        ("::progress 0.3   eta=5  :: trailing", ProgramProgress(fraction: 0.3, etaSeconds: 5)),
    ])
    func readsProgress(line: String, expected: ProgramProgress) {
        #expect(ProgramWord(line: line) == .progress(expected))
    }

    @Test(arguments: [
        "::progress::", "::progress 0.4", "::progress nan::", "::progress inf::", "::progress much::",
        "::progress eta=-1::", "::progress eta=1e300::", #"::progress message="open::"#, "::progress 0.4x::",
        "::progressive 0.4::", "::artifact::", "::artifact ::", "::artifact a.png", "::group::x", "::warning", ": :",
        "::", "::::", "text ::progress 0.4::", "::warning file=a.c", "::warningfile=a.c::x",
    ])
    func keepsWhatItCannotReadAsALine(line: String) {
        #expect(ProgramWord(line: line) == .line(LogLevel(guessedFrom: line), line))
    }

    @Test func cutsTextsToWhatTheServerTakes() {
        let long = String(repeating: "ü", count: 1_000)
        guard case .progress(let progress) = ProgramWord(line: "::progress stage=\(long) message=\"\(long)\"::") else {
            Issue.record("no progress")
            return
        }
        #expect(progress.stage?.utf8.count == 128)
        #expect(progress.message?.utf8.count == 512)
    }

    @Test(arguments: [
        ("::artifact field.png::", "field.png"),
        ("::artifact results/two words.png ::", "results/two words.png"),
        ("::artifact /abs/a::b.txt::", "/abs/a::b.txt"),
    ])
    func readsArtifacts(line: String, path: String) {
        #expect(ProgramWord(line: line) == .artifact(path))
    }

    @Test(arguments: [
        ("::debug::deep", LogLevel.debug, "deep"),
        ("::notice::look", .notice, "look"),
        ("::warning::coarse mesh", .warning, "coarse mesh"),
        ("::error::", .error, ""),
        ("::error file=solver.c,line=12,col=3::diverged", .error, "solver.c:12: diverged"),
        ("::warning file=a.py::100%25 sure%0Areally", .warning, "a.py: 100% sure really"),
        ("::warning title=x::a::b", .warning, "a::b"),
    ])
    func readsLevels(line: String, level: LogLevel, text: String) {
        #expect(ProgramWord(line: line) == .line(level, text))
    }

    @Test(arguments: [
        ("plain text", LogLevel.info),
        ("", .info),
        ("ERROR something", .error),
        ("Error: no such file", .error),
        ("error: expected ';'", .error),
        ("solver.c:3:5: error: expected ';'", .error),
        ("solver.c:3:5: warning: unused", .warning),
        ("no error: all is well", .info),
        ("the error was small", .info),
        ("errors: 0", .info),
        ("WARNING:root:hot", .warning),
        ("[warn] hot", .warning),
        ("[ERROR] hot", .error),
        ("2026-03-01 12:00:00,123 - solver - INFO - step", .info),
        ("2026-03-01 12:00:00,123 - solver - ERROR - step", .error),
        ("2026-03-01T12:00:00Z DEBUG step", .debug),
        ("<critical> melting", .error),
        ("FATAL: melting", .error),
        ("INFO ERROR in the text", .info),
        ("Traceback (most recent call last):", .error),
        ("debug_mode=1", .info),
        ("DEBUG_MODE=1", .info),
        ("WARNINGS 3", .info),
    ])
    func guessesLevels(line: String, level: LogLevel) {
        #expect(LogLevel(guessedFrom: line) == level)
    }

    @Test func mergesProgress() {
        let known = ProgramProgress(fraction: 0.1, stage: "mesh", stageFraction: 0.9, etaSeconds: 9, message: "m")
        #expect(known.merging(ProgramProgress(fraction: 0.2)).stageFraction == 0.9)
        let next = known.merging(ProgramProgress(stage: "solve"))
        #expect(next == ProgramProgress(fraction: 0.1, stage: "solve", etaSeconds: 9, message: "m"))
    }
}

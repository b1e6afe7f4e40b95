import Domain
import Testing
import Wire

@testable import muster

@Suite("How a refusal is told")
struct ClientTests {
    private static let study = StudyRecord(
        id: StudyID(number: 9), name: "phantoms", status: .active, counts: JobCounts(), dimensions: [],
        forecast: StudyForecast(fraction: 0, remainingMilliseconds: nil, etaAt: nil), createdAt: Stage.now,
        startedAt: nil, finishedAt: nil, sequence: SequenceNumber(4))

    struct Case: Sendable, CustomTestStringConvertible {
        let status: Int
        let code: String
        let outcome: Outcome
        let next: String?
        var testDescription: String { "\(status) \(code)" }
    }

    @Test(
        "a status gets its exit code, and a code its next command",
        arguments: [
            Case(status: 400, code: "malformed", outcome: .wrongUse, next: nil),
            Case(status: 401, code: "unauthorized", outcome: .refused, next: "muster token create"),
            Case(status: 403, code: "forbidden", outcome: .refused, next: "muster token create --role admin"),
            Case(status: 404, code: "unknown-study", outcome: .wrongUse, next: "muster study list"),
            Case(status: 404, code: "unknown-job", outcome: .wrongUse, next: "muster job list"),
            Case(status: 404, code: "unknown-session", outcome: .wrongUse, next: "muster workers --all"),
            Case(status: 409, code: "study-exists", outcome: .refused, next: "muster study list"),
            Case(status: 409, code: "session-live", outcome: .refused, next: "muster worker drain"),
            Case(status: 409, code: "job-held", outcome: .refused, next: "muster job cancel"),
            Case(status: 413, code: "too-large", outcome: .wrongUse, next: nil),
            Case(status: 422, code: "invalid", outcome: .wrongUse, next: nil),
            Case(status: 429, code: "slow-down", outcome: .unreachable, next: "muster doctor"),
            Case(status: 500, code: "internal", outcome: .unreachable, next: "muster doctor"),
            Case(status: 503, code: "busy", outcome: .unreachable, next: "muster doctor"),
        ])
    func refusals(of item: Case) async throws {
        let (result, _) = try await StubServer.with { _ in
            .problem(item.status, item.code, "It is so.")
        } _: { url in
            let stage = Stage(url: url)
            return (await stage.run("study", "show", "phantoms"), stage.errors, stage.output)
        }
        #expect(result.0 == item.outcome.rawValue)
        #expect(result.1.hasPrefix("muster: It is so."))
        #expect(result.1.filter { $0 == "\n" }.count == 1)
        #expect(result.2.isEmpty)
        if let next = item.next {
            #expect(result.1.contains("Next: \(next)"), "\(result.1)")
        } else {
            #expect(result.1 == "muster: It is so.\n")
        }
    }

    @Test("the fields that are wrong are named")
    func fields() async throws {
        let errors = [
            FieldError(field: "name", reason: "is empty"), FieldError(field: "priority", reason: "must be a number"),
        ]
        let (text, _) = try await StubServer.with { _ in
            .problem(422, "invalid", "The body is not as it must be.", errors: errors)
        } _: { url in
            let stage = Stage(url: url)
            _ = await stage.run("study", "list")
            return stage.errors
        }
        #expect(text == "muster: The body is not as it must be: name is empty; priority must be a number.\n")
    }

    @Test("nobody there: 4, and how to start one")
    func nobody() async {
        let stage = Stage(url: "http://127.0.0.1:1")
        #expect(await stage.run("study", "list") == 4)
        let expected = "muster: No server answers at http://127.0.0.1:1 (connection refused). Next: muster serve\n"
        #expect(stage.errors == expected)
    }

    @Test(
        "a stranger at the address: 4, and where it comes from",
        arguments: [
            StubAnswer.text("<html>hello</html>", status: 404, type: "text/html"),
            StubAnswer.text("{}", status: 418), StubAnswer.text("", status: 302, type: "text/plain"),
        ])
    func stranger(answer: StubAnswer) async throws {
        let (result, _) = try await StubServer.with { _ in
            answer
        } _: { url in
            let stage = Stage(url: url)
            return (await stage.run("study", "list"), stage.errors)
        }
        #expect(result.0 == 4)
        #expect(result.1.contains("is no Muster server (status \(answer.status)). Next: muster settings"))
    }

    @Test(
        "an answer that can't be read: 4, with the field",
        arguments: [
            (#"{"items":[{"id":"x"}]}"#, "items[0].id must be an id such as st12."),
            ("no json", "The body is not JSON"),
        ])
    func unreadable(body: String, detail: String) async throws {
        let (result, _) = try await StubServer.with { _ in
            .text(body)
        } _: { url in
            let stage = Stage(url: url)
            return (await stage.run("study", "list"), stage.errors)
        }
        #expect(result.0 == 4)
        #expect(result.1.contains(detail), "\(result.1)")
    }

    @Test("an answer that breaks off: 4")
    func brokenOff() async throws {
        let (result, _) = try await StubServer.with { _ in
            var answer = StubAnswer.text("{\"items\":")
            answer.headers["Content-Length"] = "1000"
            answer.breaksOff = true
            return answer
        } _: { url in
            let stage = Stage(url: url)
            return (await stage.run("study", "list"), stage.errors)
        }
        #expect(result.0 == 4)
        #expect(result.1.contains("breaks off"), "\(result.1)")
    }

    @Test("words of a server can't reach into the terminal")
    func hostile() async throws {
        let (text, _) = try await StubServer.with { _ in
            .problem(409, "taken", "\u{1B}[2J\u{1B}]0;owned\u{07}No,\nno.")
        } _: { url in
            let stage = Stage(url: url)
            _ = await stage.run("study", "list")
            return stage.errors
        }
        #expect(text == "muster: No, no.\n")
    }

    @Test("the token goes with each call, and names are escaped")
    func requests() async throws {
        let (code, requests) = try await StubServer.with { _ in
            .json(Self.study)
        } _: { url in
            await Stage(url: url, environment: ["MUSTER_TOKEN": "sesame"]).run("study", "pause", "a b/ü")
        }
        #expect(code == 0)
        #expect(requests.map(\.method) == ["POST"])
        #expect(requests.map(\.target) == ["/api/v1/studies/a%20b%2F%C3%BC/pause"])
        #expect(requests.first?.headers["authorization"] == "Bearer sesame")
        #expect(requests.first?.headers["user-agent"] == "muster/\(ProgramVersion.text)")
    }

    @Test("a list is read over as many pages as it is on, and no further than asked")
    func pages() async throws {
        @Sendable func answer(_ request: StubRequest) -> StubAnswer {
            let next = request.target.contains("cursor=") ? nil : "a/b"
            return .json(ListReply(items: [Self.study], next: next))
        }
        let (output, requests) = try await StubServer.with(answer) { url in
            let stage = Stage(url: url)
            _ = await stage.run("study", "list", "--json", "--limit", "2")
            _ = await stage.run("study", "list", "--json", "--limit", "1")
            return stage.output
        }
        #expect(
            requests.map(\.target) == [
                "/api/v1/studies?limit=2", "/api/v1/studies?limit=1&cursor=a%2Fb", "/api/v1/studies?limit=1",
            ])
        let lists = try output.split(separator: "\n").map {
            try ListReply<StudyRecord>(body: Array($0.utf8), isStrict: true)
        }
        #expect(lists.map(\.items.count) == [2, 1])
        #expect(lists.map(\.next) == [nil, "a/b"])
    }
}

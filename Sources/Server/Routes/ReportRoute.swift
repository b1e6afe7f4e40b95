import Domain
import Hummingbird
import Storage
import Wire

/// `POST /sessions/{id}/reports`: an ordered batch, applied once however often it comes.
struct ReportRoute {
    let server: ServerContext

    func add(to table: RouteTable) {
        table.post("/api/v1/sessions/:id/reports", report)
    }

    @Sendable private func report(_ ask: Ask) async throws -> Response {
        let id: SessionID = try ask.id()
        try ask.principal.requireSession(id)
        let batch = try await ask.request.value(ReportBatch.self)
        server.store.heard(id)
        let reports = ApplyReports(session: id, entries: batch.reports.map(ApplyReports.Entry.init))
        let answer = try await server.store.write(foreseeing: reports.foresight) { try reports.run($0) }
        let lost = answer.lost.map(AttemptRef.init)
        guard lost.isEmpty else {
            return Reply.problem(
                Problem(
                    code: "lease-lost", title: "Lease lost", status: 409,
                    detail:
                        "\(lost.count) of the attempts reported are not held by this session any more. Stop that work. The other reports are applied.",
                    lost: lost, acknowledged: answer.acknowledged
                )
            )
        }
        return Reply.value(ReportReply(acknowledged: answer.acknowledged, lost: []))
    }
}

extension ApplyReports.Entry {
    init(_ report: Report) {
        let content: ApplyReports.Content
        if let end = report.kind.attemptReport {
            content = .end(
                end, exitCode: report.exitCode, reason: report.reason, result: report.result.map(\.text)
            )
        } else if report.kind == .progress {
            content = .progress(
                JobProgress(
                    fraction: report.fraction, stage: report.stage, stageFraction: report.stageFraction,
                    message: report.message
                ),
                etaSeconds: report.etaSeconds
            )
        } else {
            content = .lines(
                report.lines.map { ApplyReports.Line(at: $0.at, level: $0.level, text: $0.text) }
            )
        }
        self.init(number: report.number, key: report.ref?.key, content: content)
    }
}

import Domain
import Foundation
import Storage

/// Answers with the names that GOLIAT's clients and its old dashboard read.
enum LegacyAnswers {
    // MARK: - Studies

    static func study(
        _ study: StudyRecord, withConfiguration: Bool, _ connection: any SQLConnection, to writer: inout JSONWriter
    ) throws {
        writer.beginObject()
        writer.field("id", study.id.description)
        writer.field("name", study.name)
        writer.field("description", try LegacyReads.description(of: study.id, connection))
        writer.field("status", status(study))
        writer.field("totalAssignments", study.counts.total)
        writer.field("completedAssignments", study.counts.completed)
        writer.field("masterProgress", rounded(try LegacyReads.masterProgress(of: study, connection)))
        writer.field("createdAt", study.createdAt.description)
        if !study.notes.isEmpty {
            writer.beginArray("notes")
            for note in study.notes { writer.value(note) }
            writer.endArray()
        }
        if withConfiguration {
            writer.field("baseConfig", raw: try ListReads.configuration(of: study.id, connection) ?? "{}")
        }
        writer.endObject()
    }

    private static func status(_ study: StudyRecord) -> String {
        if study.isFinished { return study.counts.completed == study.counts.total ? "COMPLETED" : "FAILED" }
        return study.counts.held + study.counts.finished > 0 ? "RUNNING" : "PENDING"
    }

    /// An assignment with its configuration as the same text.
    static func assignment(
        _ job: JobRecord, worker: SessionRecord?, _ connection: any SQLConnection, to writer: inout JSONWriter
    ) throws {
        writer.beginObject()
        writer.field("id", job.id.description)
        writer.field("index", job.index)
        writer.field("superStudyId", job.study?.description)
        writer.field("superStudyName", job.studyName)
        writer.field("status", status(job))
        writer.field("progress", rounded(100 * (job.progress.fraction ?? 0)))
        writer.field("stage", job.progress.stage)
        writer.field("warningCount", job.warningCount)
        writer.field("errorCount", job.errorCount)
        writer.key("workerId")
        if let holder = job.holder { writer.value(holder.description) } else { writer.null() }
        writer.key("worker")
        if let holder = job.holder {
            writer.beginObject()
            writer.field("id", holder.description)
            writer.field("hostname", worker?.hostname ?? job.holderName ?? "")
            writer.field("isStale", worker.map { !$0.status.isLive } ?? true)
            writer.endObject()
        } else {
            writer.null()
        }
        optional("startedAt", job.claimedAt, to: &writer)
        optional("completedAt", job.finishedAt, to: &writer)
        writer.field("splitConfig", raw: try ListReads.documents(of: job.id, connection)?.payload ?? "{}")
        writer.endObject()
    }

    static func status(_ job: JobRecord) -> String {
        switch job.status {
        case .pending: "PENDING"
        case .claimed, .running: "RUNNING"
        case .completed: "COMPLETED"
        case .failed, .cancelled: "FAILED"
        }
    }

    // MARK: - Workers

    /// - Parameter lines: absent in a list, which has no logs and no pictures.
    static func worker(
        _ worker: LegacyReads.Worker, heard: Instant?, lines: [LogLine]?, now: Instant, to writer: inout JSONWriter
    ) {
        let session = worker.session
        let memory = worker.machine?.memoryBytes.map { Double($0) / 1_073_741_824 }
        writer.beginObject()
        writer.field("id", session.id.description)
        writer.field("sessionId", session.id.description)
        writer.field("ipAddress", worker.addresses.last ?? worker.machine?.addresses.first ?? "")
        writer.field("hostname", session.kind == .legacy && isUnnamed(session) ? nil : session.hostname)
        writer.field("status", status(session))
        writer.field("isStale", !session.status.isLive)
        writer.field("lastSeen", (heard ?? session.statusSince).description)
        writer.field("gpuName", worker.machine?.gpus.first)
        writer.field("cpuCores", worker.machine?.cores)
        writer.field("totalRamGB", memory.map(rounded))
        writer.beginArray("assignments")
        for job in worker.jobs {
            writer.beginObject()
            writer.field("id", job.id.description)
            writer.field("index", job.index)
            writer.field("status", status(job))
            writer.field("superStudyId", job.study?.description)
            writer.endObject()
        }
        writer.endArray()
        writer.key("guiState")
        if let window = worker.window ?? (worker.screenshots.isEmpty ? nil : WindowState()) {
            self.window(window, worker, lines: lines, now: now, to: &writer)
        } else {
            writer.null()
        }
        writer.endObject()
    }

    private static func isUnnamed(_ session: SessionRecord) -> Bool { session.machine.text.hasPrefix("goliat@") }

    private static func status(_ session: SessionRecord) -> String {
        if !session.status.isLive { return "OFFLINE" }
        if !session.held.isEmpty { return "RUNNING" }
        return session.lastAttemptFailed ? "ERROR" : "IDLE"
    }

    private static func window(
        _ window: WindowState, _ worker: LegacyReads.Worker, lines: [LogLine]?, now: Instant,
        to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.field("progress", window.progress.map { rounded(100 * $0) })
        writer.field("stage", window.stage)
        writer.field("subStage", window.subStage)
        writer.field("stageProgress", window.stageProgress.map { rounded(100 * $0) })
        writer.field("etaSeconds", window.etaAt.map { rounded(Double(max(0, $0.milliseconds(since: now))) / 1_000) })
        writer.field("simulationCount", window.simulationCount)
        writer.field("totalSimulations", window.totalSimulations)
        writer.field("currentCase", window.currentCase)
        writer.field("warningCount", window.warningCount)
        writer.field("errorCount", window.errorCount)
        if let lines {
            writer.beginArray("logMessages")
            for line in lines {
                writer.beginObject()
                writer.field("message", line.text)
                writer.field("logType", line.style ?? "default")
                writer.field("timestamp", line.at.description)
                writer.endObject()
            }
            writer.endArray()
            writer.beginArray("screenshots")
            for picture in worker.screenshots {
                writer.beginObject()
                writer.field("tab", picture.tab)
                writer.field("url", LegacyPictures.path(of: picture, session: worker.session.id))
                writer.field("updatedAt", picture.takenAt.description)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.endObject()
    }

    private static func optional(_ name: StaticString, _ moment: Instant?, to writer: inout JSONWriter) {
        writer.key(name)
        if let moment { writer.value(moment.description) } else { writer.null() }
    }

    /// One digit behind the point, as people read a percentage.
    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

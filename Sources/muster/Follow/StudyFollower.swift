import Domain
import Wire

/// Follows one study to its end over whatever happens to the server on the way.
struct StudyFollower {
    let client: APIClient
    let context: CommandContext
    /// One record a line on standard output instead of a progress bar.
    let printsJSON: Bool

    /// - Parameter study: its id or name.
    /// - Returns: the study as it ended.
    func follow(_ study: String) async throws -> StudyRecord {
        var painter = ProgressPainter(terminal: context.terminal)
        var pause = RetryPause()
        var known: StudyRecord?
        while true {
            do {
                let end = try await followOnce(study, known: &known, painter: &painter)
                if let end {
                    show(end, painter: &painter, isLast: true)
                    return end
                }
                pause.reset()
            } catch let error as ClientError {
                guard case .unreachable = error, let record = known else {
                    painter.close()
                    if case .problem(let problem) = error, problem.code == "unknown-study", let record = known {
                        throw Self.deleted(record)
                    }
                    throw error
                }
                // Work outlives the server: so does whoever waits for it.
                if !printsJSON {
                    painter.show(ProgressLine(record, now: context.now(), remark: "server away"))
                }
            } catch {
                painter.close()
                throw error
            }
            try await pause.wait()
        }
    }

    /// - Returns: the study where it has ended; `nil` where the stream did.
    private func followOnce(
        _ study: String, known: inout StudyRecord?, painter: inout ProgressPainter
    ) async throws -> StudyRecord? {
        let epoch = try await client.get(APIPath.version, as: VersionReply.self).value.epoch
        // Another study may have its name by now: the one that is followed has its id.
        let name = known?.id.description ?? study
        let record = try await client.get(APIPath.study(name), as: StudyRecord.self).value
        if known != record { show(record, painter: &painter) }
        known = record
        if record.isOver { return record }
        var end: StudyRecord?
        let query: APIClient.Query = [
            ("scope", Scope.study(record.id).description), ("since", record.sequence.description), ("epoch", epoch),
        ]
        try await client.follow(APIPath.watch, query: query) { event in
            switch try? WatchFrame(event) {
            case .put(let item):
                guard case .study(let changed) = item.record, changed.id == record.id else { return true }
                guard changed.sequence > (known?.sequence ?? .zero) else { return true }
                known = changed
                if changed.isOver { end = changed } else { show(changed, painter: &painter) }
                return end == nil
            case .delete(let deletion) where deletion.key == .study(record.id):
                throw Self.deleted(record)
            case .reset: return false
            case .delete, .beats, nil: return true
            }
        }
        return end
    }

    private static func deleted(_ study: StudyRecord) -> CommandError {
        CommandError(.refused, "The study \(study.name) was deleted", next: "muster study list")
    }

    private func show(_ record: StudyRecord, painter: inout ProgressPainter, isLast: Bool = false) {
        if printsJSON {
            context.terminal.printJSON(record)
        } else {
            painter.show(ProgressLine(record, now: context.now()), isLast: isLast)
        }
    }
}

extension StudyRecord {
    /// Nothing more will come of it unless a person asks.
    var isOver: Bool { isFinished || (status == .cancelled && counts.held == 0 && counts.pending == 0) }

    /// Every assignment completed.
    var isWhole: Bool { isFinished && counts.completed == counts.total }

    /// The word beside its name.
    var word: String {
        isFinished && status == .active ? "finished" : status.rawValue
    }
}

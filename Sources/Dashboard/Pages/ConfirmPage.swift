package import Domain

/// Asks before something is stopped or deleted, and says what goes with it. The form posts to the path that shows it.
///
/// With scripts the same form comes as a dialog over the page that one is on (`Modules/confirm.js`).
package struct ConfirmPage: Page {
    package var frame: PageFrame
    package var question: String
    /// What happens if one goes on, a sentence each.
    package var consequences: [String]
    /// Where the form posts to.
    package var action: String
    package var button: String
    /// Where one comes from and goes back to.
    package var back: String
    /// Something is lost for good; else it can be taken back.
    package var isFinal: Bool
    /// Further fields of the form.
    package var fields: [String: String]

    package init(
        frame: PageFrame, question: String, consequences: [String], action: String, button: String, back: String,
        isFinal: Bool, fields: [String: String] = [:]
    ) {
        self.frame = frame
        self.question = question
        self.consequences = consequences
        self.action = action
        self.button = button
        self.back = back
        self.isFinal = isFinal
        self.fields = fields
    }

    package var content: PageContent {
        let page = self
        return PageContent(title: question, place: nil, template: "confirm") {
            [
                "question": .text(page.question),
                "consequences": .list(page.consequences.map { ["text": .text($0)] }),
                "action": .text(page.action), "button": .text(page.button), "back": .text(page.back),
                "isFinal": .flag(page.isFinal),
                "fields": .list(
                    page.fields.sorted { $0.key < $1.key }.map { ["name": .text($0.key), "value": .text($0.value)] }),
            ]
        }
    }
}

extension ConfirmPage {
    package static func deleteStudy(
        _ study: StudyRecord, fileCount: Int, fileBytes: Int64, frame: PageFrame
    ) -> ConfirmPage {
        let path = Links.study(study.id, name: study.name)
        var consequences = [
            "\(Format.count(study.counts.total, "assignment")) with their history and logs",
            fileCount == 0
                ? "no result files" : "\(Format.count(fileCount, "result file")), \(Format.bytes(fileBytes))",
        ]
        if study.counts.held > 0 {
            let held = Format.count(study.counts.held, "assignment")
            consequences.append("\(held) under way: the workers are told to stop")
        }
        return ConfirmPage(
            frame: frame, question: "Delete the study \(study.name)?", consequences: consequences,
            action: "\(path)/delete", button: "Delete the study", back: path, isFinal: true)
    }

    package static func cancelStudy(_ study: StudyRecord, frame: PageFrame) -> ConfirmPage {
        let path = Links.study(study.id, name: study.name)
        return ConfirmPage(
            frame: frame, question: "Cancel the study \(study.name)?",
            consequences: [
                "\(Format.count(study.counts.pending, "waiting assignment")) will not be run",
                "\(Format.count(study.counts.held, "assignment")) under way: the workers are told to stop",
                "What is completed stays, and cancelled assignments can be retried",
            ], action: "\(path)/cancel", button: "Cancel the study", back: path, isFinal: false)
    }

    package static func drainWorker(_ session: SessionRecord, frame: PageFrame) -> ConfirmPage {
        let path = Links.worker(session.id)
        let grace = Format.age(frame.timing.drainGraceMilliseconds)
        var consequences = ["It takes no more work, and its process ends"]
        if !session.held.isEmpty {
            let held = Format.count(session.held.count, "job")
            consequences.append("\(held) under way may go on for \(grace); what is not done then is given back")
        }
        return ConfirmPage(
            frame: frame, question: "Drain the worker \(session.workerName)?", consequences: consequences,
            action: "\(path)/drain", button: "Drain it", back: path, isFinal: false)
    }

    package static func deleteWorker(_ session: SessionRecord, frame: PageFrame) -> ConfirmPage {
        let path = Links.worker(session.id)
        var consequences = ["The session \(session.id) with its history and its log"]
        switch (session.status.isLive, session.kind) {
        case (true, .agent): consequences.append("It is live: it is ended by force, and its agent stops")
        case (true, .legacy):
            consequences.append(
                "It is live, and its program can't be told to stop: while it runs it comes back as a new worker")
        case (false, _): break
        }
        if !session.held.isEmpty {
            consequences.append("\(Format.count(session.held.count, "job")) under way goes to another worker")
        }
        consequences.append("Results of its jobs stay with the jobs")
        return ConfirmPage(
            frame: frame, question: "Delete the worker \(session.workerName)?", consequences: consequences,
            action: "\(path)/delete", button: "Delete the worker", back: path, isFinal: true,
            fields: session.status.isLive ? ["force": "true"] : [:])
    }

    package static func cancelJob(_ job: JobRecord, frame: PageFrame) -> ConfirmPage {
        let path = Links.job(job.id)
        let name = JobWords.name(label: job.label, index: job.index, id: job.id)
        let consequence =
            job.status.isHeld
            ? "It is under way on \(job.holderName ?? "a worker"), which is told to stop it" : "It will not be run"
        return ConfirmPage(
            frame: frame, question: "Cancel \(name)?", consequences: [consequence, "It can be retried later"],
            action: "\(path)/cancel", button: "Cancel the job", back: path, isFinal: false)
    }

    /// Of a queue: an assignment goes with its study, and is never asked about.
    package static func deleteJob(_ job: JobRecord, frame: PageFrame) -> ConfirmPage {
        let path = Links.job(job.id)
        let name = JobWords.name(label: job.label, index: job.index, id: job.id)
        return ConfirmPage(
            frame: frame, question: "Delete \(name)?",
            consequences: [
                "The job with \(Format.count(job.attempt.value, "attempt")), its log and its result",
                job.artifactCount == 0 ? "no files" : Format.count(job.artifactCount, "file"),
            ], action: "\(path)/delete", button: "Delete the job", back: path, isFinal: true)
    }
}

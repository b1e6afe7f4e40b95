import Connectors
import Domain
import Wire

/// Makes one attempt, from the claim to the report of its end.
struct AttemptRunner: Sendable {
    let core: SessionCore
    let api: ServerAPI
    let children: ChildrenFile
    let workRoot: String
    let settings: AgentSettings
    let processKey: String

    /// Files that a program names while it runs, waiting to be stored; what is past it is stored at the end, if it lies
    /// in the artifacts folder.
    private static let earlyLimit = 1_000

    func run(_ job: ClaimedJob) async {
        guard let handle = core.handle(job.ref) else { return }
        // An answer that lay unread while this process was frozen gives work that may be another's by now.
        _ = await handle.wished.interrupting { await core.waitUntilConfirmed() }
        let folders = AttemptFolders(work: "\(workRoot)/\(job.ref.job)-\(job.ref.attempt)")
        let (end, lostResult, result) = await work(job, folders, handle)
        if !settings.keepsWorkFolders { Files.removeTree(folders.work) }
        core.finish(job.ref, Verdict.of(end, wish: core.wish(job.ref), lostResult: lostResult), result: result)
    }

    private typealias Ended = (end: AttemptEnd, lostResult: String?, result: JSON?)

    private func work(
        _ job: ClaimedJob, _ folders: AttemptFolders, _ handle: SessionCore.AttemptHandle
    ) async -> Ended {
        if let problem = prepare(folders, job) { return (.notStarted(reason: problem), nil, nil) }
        let uploader = ArtifactUploader(core: core, api: api, ref: job.ref, wished: handle.wished)
        let (early, named) = AsyncStream.makeStream(
            of: String.self, bufferingPolicy: .bufferingOldest(Self.earlyLimit)
        )
        let sink = Sink(core: core, children: children, ref: job.ref, marker: marker(job.ref), named: named)
        let token = core.read { $0.token }
        let work = AttemptWork(
            job: job.ref.job, attempt: job.ref.attempt, study: job.studyName ?? job.study?.description,
            index: job.index, payload: job.payload, folders: folders,
            boundURL: api.boundURL(token: token, job.ref), marker: marker(job.ref)
        )
        async let stored: Void = storeEarly(early, folders, uploader, job.ref)
        let end = await core.connector.run(work, stop: handle.stop, sink: sink)
        named.finish()
        await stored
        switch end {
        case .stopped, .notStarted: return (end, nil, nil)
        case .completed, .failed, .retryable: return await storeResults(end, folders, uploader, job.ref)
        }
    }

    private func marker(_ ref: AttemptRef) -> String { "\(processKey):\(ref.job):\(ref.attempt)" }

    /// Makes the folders and writes the configuration in the very text that was submitted. A sentence where it fails.
    private func prepare(_ folders: AttemptFolders, _ job: ClaimedJob) -> String? {
        do throws(SystemError) {
            Files.removeTree(folders.work)
            try Files.makeFolder(folders.artifacts)
            try Files.write(folders.configuration, Array(job.payload.text.utf8))
            return nil
        } catch {
            return "the attempt's folder could not be made: \(error)"
        }
    }

    private func storeEarly(
        _ names: AsyncStream<String>, _ folders: AttemptFolders, _ uploader: ArtifactUploader, _ ref: AttemptRef
    ) async {
        for await name in names {
            guard
                let file = ArtifactFiles.named(name, folders: folders, programFolder: settings.programFolder)
            else {
                core.outbox.line(ref, .warning, "\(name) is not stored: there is no such file in the attempt's folder")
                continue
            }
            if case .refused(let reason) = await uploader.store(file) {
                core.outbox.line(ref, .warning, "\(file.name) is not stored: \(reason)")
            }
        }
    }

    /// What lies in the artifacts folder is part of the job: without it there is no success.
    private func storeResults(
        _ end: AttemptEnd, _ folders: AttemptFolders, _ uploader: ArtifactUploader, _ ref: AttemptRef
    ) async -> Ended {
        let found = ArtifactFiles(in: folders.artifacts)
        for name in found.passedOver { core.outbox.line(ref, .warning, "not stored: \(name)") }
        var lostResult: String?
        for file in found.files {
            switch await uploader.store(file) {
            case .stored: break
            case .interrupted: return (.stopped(exitCode: end.exitCode), nil, nil)
            case .refused(let reason):
                core.outbox.line(ref, .error, "\(file.name) could not be stored: \(reason)")
                lostResult = lostResult ?? "its result \(file.name) could not be stored: \(reason)"
            }
        }
        return (end, lostResult, result(in: folders))
    }

    /// `result.json`, where it is JSON and small enough to be told.
    private func result(in folders: AttemptFolders) -> JSON? {
        guard
            let bytes = Files.contents(
                "\(folders.artifacts)/\(ArtifactFiles.resultName)", limitBytes: Report.resultLimitBytes
            ), let json = try? JSON(parsing: bytes), json.text.utf8.count <= Report.resultLimitBytes
        else { return nil }
        return json
    }
}

/// Hands what an attempt says to where it belongs.
private struct Sink: AttemptSink {
    let core: SessionCore
    let children: ChildrenFile
    let ref: AttemptRef
    let marker: String
    let named: AsyncStream<String>.Continuation

    func willStartChild() throws { try children.will(marker) }
    func startedChild(_ child: ProcessMark) { children.started(marker, child) }
    func endedChild() { children.gone(marker) }
    func began() { core.began(ref) }

    func heard(_ word: ProgramWord) {
        // Nothing more is told of an attempt that is somebody else's.
        guard core.wish(ref) != .lost else { return }
        switch word {
        case .line(let level, let text): core.outbox.line(ref, level, text)
        case .progress(let progress): core.progressed(ref, progress)
        case .artifact(let path):
            if case .dropped = named.yield(path) {
                core.outbox.line(ref, .warning, "\(path) is not stored now: too many files wait")
            }
        }
    }
}

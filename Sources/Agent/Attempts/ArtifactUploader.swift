import Connectors
import Domain
import Glibc
import Synchronization
import Wire

/// Stores the files of one attempt, one after the other. While the server is away it waits: a job whose results are
/// not stored is not completed.
final class ArtifactUploader: Sendable {
    enum Outcome: Sendable {
        case stored
        /// The server will not have it: a sentence.
        case refused(String)
        /// The attempt is to end; nothing more is stored.
        case interrupted
    }

    private let core: SessionCore
    private let api: ServerAPI
    private let ref: AttemptRef
    private let wished: Bell
    /// As each was when it was stored, by its place.
    private let stored = Mutex<[String: FileStatus]>([:])

    /// A ticket may be out of date by the time the bytes are through; a new one is asked for this often.
    private static let ticketLimit = 3

    init(core: SessionCore, api: ServerAPI, ref: AttemptRef, wished: Bell) {
        self.core = core
        self.api = api
        self.ref = ref
        self.wished = wished
    }

    /// Stores a file, unless it is stored as it is.
    func store(_ file: ArtifactFile) async -> Outcome {
        let place = Files.realPath(file.path) ?? file.path
        let status = Files.status(place)
        if let status, stored.withLock({ $0[place] }) == status { return .stored }
        let outcome = await wished.interrupting { await self.upload(file) } ?? .interrupted
        if case .stored = outcome { stored.withLock { $0[place] = status } }
        return outcome
    }

    private func upload(_ file: ArtifactFile) async -> Outcome {
        var backoff = Backoff()
        var refusals = 0
        while !Task.isCancelled {
            await core.waitUntilConfirmed()
            do throws(ServerError) {
                return try await uploadOnce(file)
            } catch {
                var wait: Int64 = 0
                switch error {
                case .refused(let problem) where problem.code == "lease-lost":
                    core.lose([ref])
                    return .interrupted
                case .gone(let problem):
                    core.end(problem)
                    return .interrupted
                case .unauthorised: core.tokenRefused.ring()
                case .refused(let problem):
                    refusals += 1
                    guard refusals < Self.ticketLimit else { return .refused(problem.detail) }
                case .away, .busy:
                    core.noteAway(error)
                    wait = error.retryMilliseconds
                }
                wait = backoff.wait(chance: core.clock.chance(), atLeastMilliseconds: wait)
                try? await core.clock.sleep(wait)
            }
        }
        return .interrupted
    }

    private func uploadOnce(_ file: ArtifactFile) async throws(ServerError) -> Outcome {
        let opened: OpenFile
        let byteCount: Int64
        do {
            // A pipe that took the file's place would hold us up without O_NONBLOCK.
            opened = try OpenFile.open(file.path, O_RDONLY | O_NONBLOCK)
            byteCount = try opened.size()
        } catch {
            return .refused("\(error)")
        }
        let token = core.read { $0.token }
        let artifact = NewArtifact(ref: ref, name: file.name, mediaType: file.mediaType)
        let ticket = try await api.openArtifact(artifact, token: token)
        try await api.upload(opened, byteCount: byteCount, to: ticket)
        return .stored
    }
}

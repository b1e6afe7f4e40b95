import Domain
import Storage

/// What a simulated agent or person asks of the server.
enum SimulatedCall: Sendable {
    case register(RegisterSession)
    case beat(RecordHeartbeat, body: [UInt8])
    case claim(ClaimJobs)
    case reports(ApplyReports)
    case submit(SubmitJobs)
    case create(CreateStudy)
    case changeJob(ChangeJob)
    case changeStudy(ChangeStudy)
    case changeSession(ChangeSession)
    case prune(Prune)
    /// The next bite of what deleted studies left.
    case removeStudies
}

/// What comes back.
enum SimulatedAnswer: Sendable {
    case registered(SessionID)
    case beat(RecordHeartbeat.Wish)
    case claimed(ClaimJobs.Answer)
    /// Nothing yet: the answer comes with the group that brings a job.
    case waits
    case reported(ApplyReports.Answer)
    case submitted([JobID])
    case created(StudyID)
    case pruned(Prune.Answer)
    case done
    /// The session is over or unknown (410, 404): all its work is to be stopped.
    case gone
    /// Any other 4xx: nothing was changed.
    case refused(String)
    /// The server is not there.
    case away
}

/// The answer of a heartbeat as bytes, as it is kept for beats that repeat themselves.
enum WishText {
    static func bytes(_ wish: RecordHeartbeat.Wish) -> [UInt8] {
        let parts = [
            keys(wish.lost), keys(wish.cancel), wish.isDraining ? "1" : "0", String(wish.leaseMilliseconds),
        ]
        return Array(parts.joined(separator: ";").utf8)
    }

    static func wish(_ bytes: [UInt8]) -> RecordHeartbeat.Wish {
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ";", omittingEmptySubsequences: false)
        var wish = RecordHeartbeat.Wish()
        wish.lost = keys(parts[0])
        wish.cancel = keys(parts[1])
        wish.isDraining = parts[2] == "1"
        wish.leaseMilliseconds = Int64(parts[3]) ?? 0
        return wish
    }

    static func keys(_ keys: [HeldKey]) -> String {
        keys.map { "\($0.job.number)/\($0.attempt)" }.joined(separator: ",")
    }

    private static func keys(_ text: Substring) -> [HeldKey] {
        text.split(separator: ",").compactMap { part in
            let numbers = part.split(separator: "/").compactMap { Int64($0) }
            guard numbers.count == 2 else { return nil }
            return HeldKey(job: JobID(number: numbers[0]), attempt: AttemptNumber(Int(numbers[1])))
        }
    }
}

import Connectors
import Domain
package import Wire

/// What is to be done after the server answered a batch of reports, or did not.
package enum DeliveryStep: Sendable, Hashable {
    /// Everything up to here is the server's; these attempts are no longer ours.
    case delivered(upTo: Int64, lost: [AttemptRef])
    /// The server won't have this one report. It is put into simpler words, or if it is in them, given up.
    case simplify(SpoolFrame)
    case giveUp(number: Int64, reason: String)
    /// - Parameter away: why, where the server could not be reached.
    case retry(atLeastMilliseconds: Int64, away: String?)
    case renewToken
    case sessionGone(Problem)
}

/// How reports leave the spool: oldest first, in batches; one at a time after a batch was refused, until the one that
/// is at fault is found. So no report that a server can't take holds up the results behind it.
package struct Delivery: Sendable {
    package static let countLimit = ReportBatch.countLimit
    /// Half of what servers take at most by default, since one report may come on top.
    package static let bytesLimit = 1_048_576

    private var isSingle = false
    private var simplified: Int64?
    /// A claim was refused with the reports it brought: they go by themselves next.
    private var isClaimRefused = false
    /// How often in a row. A server that never takes reports beside a claim is not asked to for ever.
    private var claimRefusals = 0

    private static let claimRefusalLimit = 3

    package init() {}

    /// The next batch may go together with a claim.
    package var mayClaim: Bool {
        !isSingle && !isClaimRefused && claimRefusals < Self.claimRefusalLimit
    }

    package var countLimit: Int { isSingle ? 1 : Self.countLimit }

    /// The body of a batch, from the reports as they lie in the spool.
    package static func body(of frames: [SpoolFrame]) -> [UInt8] {
        var body = Array(#"{"reports":["#.utf8)
        for (position, frame) in frames.enumerated() {
            if position > 0 { body.append(UInt8(ascii: ",")) }
            body += frame.json
        }
        return body + Array("]}".utf8)
    }

    /// The body of a claim that brings a batch with it.
    package static func body(of frames: [SpoolFrame], beside claim: ClaimRequest) -> [UInt8] {
        claim.body.dropLast() + [UInt8(ascii: ",")] + body(of: frames).dropFirst()
    }

    /// The attempts that a batch ends.
    package static func ends(in frames: [SpoolFrame]) -> Set<AttemptRef> {
        var ended: Set<AttemptRef> = []
        for frame in frames {
            guard let report = try? Report(body: frame.json, isStrict: false), let ref = report.ref,
                let end = report.kind.attemptReport, end != .started
            else { continue }
            ended.insert(ref)
        }
        return ended
    }

    /// The answer to a claim that brought a batch with it.
    package mutating func answered(_ reply: ClaimReply) -> DeliveryStep {
        guard let acknowledged = reply.acknowledged else { return refuseClaim() }
        claimRefusals = 0
        return .delivered(upTo: acknowledged, lost: reply.lost)
    }

    /// A claim that brought a batch with it failed. Where it was refused the batch goes by itself next: the claim loop
    /// will hear of its own claim why.
    package mutating func failed(claiming error: ServerError) -> DeliveryStep {
        guard case .refused = error else { return failed(error, frames: []) }
        return refuseClaim()
    }

    private mutating func refuseClaim() -> DeliveryStep {
        isClaimRefused = true
        claimRefusals += 1
        return .retry(atLeastMilliseconds: 0, away: nil)
    }

    package mutating func answered(_ reply: ReportReply) -> DeliveryStep {
        isSingle = false
        isClaimRefused = false
        return .delivered(upTo: reply.acknowledged, lost: reply.lost)
    }

    package mutating func failed(_ error: ServerError, frames: [SpoolFrame]) -> DeliveryStep {
        switch error {
        case .away, .busy:
            return .retry(atLeastMilliseconds: error.retryMilliseconds, away: error.description)
        case .unauthorised:
            return .renewToken
        case .gone(let problem):
            return .sessionGone(problem)
        case .refused(let problem):
            if let acknowledged = problem.acknowledged {
                isSingle = false
                isClaimRefused = false
                return .delivered(upTo: acknowledged, lost: problem.lost)
            }
            guard frames.count == 1, let frame = frames.first else {
                isSingle = true
                return .retry(atLeastMilliseconds: 0, away: nil)
            }
            if simplified != frame.number, let simple = Self.simple(frame, refusedFor: problem.detail) {
                simplified = frame.number
                return .simplify(simple)
            }
            return .giveUp(number: frame.number, reason: problem.detail)
        }
    }

    /// What must be said of an attempt, without what may be too much. `nil` for what needn't be said.
    private static func simple(_ frame: SpoolFrame, refusedFor detail: String) -> SpoolFrame? {
        guard let report = try? Report(body: frame.json, isStrict: false), report.kind.attemptReport != nil,
            let ref = report.ref
        else { return nil }
        // A result that can't be kept is no success.
        let isLoss = report.result != nil && report.kind == .completed
        let reason = "the server would not take the whole report: \(detail)"
        let simple = Report(
            number: report.number, kind: isLoss ? .failed : report.kind, ref: ref, exitCode: report.exitCode,
            reason: (report.reason ?? reason).cut(toBytes: simpleReasonBytes)
        )
        return SpoolFrame(number: frame.number, json: simple.body)
    }

    private static let simpleReasonBytes = 500
}

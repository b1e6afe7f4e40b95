package import Wire

/// Why a request came to nothing, by what is to be done about it.
package enum ServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No answer, or none of Muster's: try again later. Work goes on.
    case away(String)
    /// The server asked for patience.
    case busy(retryMilliseconds: Int64)
    /// The token is not (any more) right.
    case unauthorised(Problem)
    /// The session is over for the server: nothing it held is ours.
    case gone(Problem)
    /// Understood and refused.
    case refused(Problem)

    package var description: String {
        switch self {
        case .away(let reason): reason
        case .busy(let milliseconds): "the server is busy; again in \(milliseconds) ms"
        case .unauthorised(let problem), .gone(let problem), .refused(let problem): problem.detail
        }
    }

    /// The least time to wait before trying again.
    package var retryMilliseconds: Int64 {
        if case .busy(let milliseconds) = self { milliseconds } else { 0 }
    }

    /// Reads an answer that is no success.
    ///
    /// A 404 or 410 counts only where Muster itself says that the session is no more. A proxy in front of a server that
    /// restarts answers 404 too, and nobody's work may end by that.
    package init(status: Int, body: [UInt8], retryAfter: String?) {
        let problem = try? Problem(body: body, isStrict: false)
        switch status {
        case 429, 503:
            let seconds = retryAfter.flatMap { Double($0) } ?? 1
            self = .busy(retryMilliseconds: Int64(max(0, min(seconds, Self.retryLimitSeconds)) * 1_000))
            return
        case 408, 500...599:
            self = .away("the server answered \(status)\(problem.map { ": \($0.detail)" } ?? "")")
            return
        default: break
        }
        guard let problem else {
            self = .away("the answer \(status) is not one of Muster's")
            return
        }
        switch (status, problem.code) {
        case (401, _), (403, _): self = .unauthorised(problem)
        case (404, "unknown-session"), (410, _): self = .gone(problem)
        default: self = .refused(problem)
        }
    }

    /// A server that asks for more is asked again after this.
    private static let retryLimitSeconds: Double = 300
}

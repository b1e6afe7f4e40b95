import Connectors
import Domain
import Wire

/// Who claims: one call at a time, by the claim loop, or by the send loop together with the reports that free a slot.
extension SessionCore {
    /// What to claim now, and with it the turn to do so, which ``endClaim()`` gives back. `nil` where there is nothing
    /// to ask for, a claim is on its way already, or what came by another way has not begun.
    func beginClaim() -> ClaimRequest? {
        decide { state in
            guard !state.isClaimUnderWay, state.handedOver.isEmpty else { return nil }
            let request = state.claims.next(freeSlots: state.ledger.freeSlots, held: state.ledger.heldRefs)
            state.isClaimUnderWay = request != nil
            return request
        }
    }

    /// The same for a call that brings the ends of `ended` with it: their slots are free when it is answered.
    ///
    /// Only for work of any kind: an assignment that is claimed by its index may be refused, and its reports with it.
    func beginClaim(beside ended: Set<AttemptRef>) -> ClaimRequest? {
        guard !ended.isEmpty, !closing.hasRung, connector.state.status != .error else { return nil }
        return decide { state in
            guard state.isClaiming, !state.isClaimUnderWay, state.drain.isServing, state.gone == nil else { return nil }
            let request = state.claims.next(
                freeSlots: state.ledger.freeSlots(after: ended),
                held: state.ledger.heldRefs.filter { !ended.contains($0) }
            )
            guard var request, request.index == nil else { return nil }
            request.waitMilliseconds = 0
            state.isClaimUnderWay = true
            return request
        }
    }

    /// Gives the turn back.
    func endClaim() {
        change { $0.isClaimUnderWay = false }
    }

    /// Takes what came together with an acknowledgement, and leaves it to the claim loop.
    func handOver(_ jobs: [ClaimedJob]) {
        let new = admit(jobs)
        guard !new.isEmpty else { return }
        let isLate = decide { state in
            if state.isClaiming { state.handedOver += new }
            return !state.isClaiming
        }
        if isLate { giveBack(new) }
        changed.ring()
    }

    /// What was handed over since.
    func takeHandedOver() -> [ClaimedJob] {
        decide { state in
            defer { state.handedOver = [] }
            return state.handedOver
        }
    }

    /// No more is claimed, and nothing handed over any more; returns the last of it.
    func endClaiming() -> [ClaimedJob] {
        let last = decide { state in
            state.isClaiming = false
            defer { state.handedOver = [] }
            return state.handedOver
        }
        changed.ring()
        return last
    }
}

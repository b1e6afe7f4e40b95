package import Wire

/// What to ask for next: whatever comes, or given assignments one after the other.
package struct ClaimPlan: Sendable, Hashable {
    /// Long enough that an idle worker asks seldom, short enough for the time limits of proxies.
    package static let waitMilliseconds = 25_000

    private let study: String?
    /// Indices still to be asked for; `nil` where whatever comes is taken.
    private var todo: [Int]?
    /// Of those that were asked for: not yet over.
    private var running: Set<Int> = []
    private var tried: Set<Int> = []

    /// - Parameter indices: of `study`; a second mention of one means nothing more.
    package init(study: String? = nil, indices: [Int]? = nil) {
        self.study = study
        var seen: Set<Int> = []
        todo = indices?.filter { seen.insert($0).inserted }
    }

    /// Every given index is done with.
    package var isDone: Bool { todo?.isEmpty == true && running.isEmpty }

    /// `nil` where there is nothing to ask for now.
    package func next(freeSlots: Int, held: [AttemptRef]) -> ClaimRequest? {
        guard freeSlots > 0 else { return nil }
        guard let todo else {
            let count = min(freeSlots, Int(ClaimRequest.countLimit))
            return ClaimRequest(count: count, held: held, waitMilliseconds: Self.waitMilliseconds)
        }
        guard let index = todo.first else { return nil }
        return ClaimRequest(count: 1, held: held, study: study, index: index)
    }

    /// The answer to what `next` asked. An index that was not given (its study is paused) is asked for again.
    package mutating func answered(_ jobs: [ClaimedJob]) {
        guard let todo, !jobs.isEmpty else { return }
        let given = Set(jobs.compactMap(\.index))
        self.todo = todo.filter { !given.contains($0) }
        running.formUnion(given)
        tried.formUnion(given)
    }

    /// An index that was asked for is not to be had. Returns whether we had it before: then our own attempts are why.
    /// `nil` where it is not on the list.
    package mutating func refused(_ index: Int) -> Bool? {
        guard let place = todo?.firstIndex(of: index) else { return nil }
        todo?.remove(at: place)
        return tried.contains(index)
    }

    /// An attempt is over; one that is to be tried again is asked for once more, and before the others: its program
    /// was told so, and whoever waits for the list waits no longer for it.
    package mutating func ended(index: Int?, isToBeTriedAgain: Bool) {
        guard todo != nil, let index, running.remove(index) != nil, isToBeTriedAgain else { return }
        todo?.insert(index, at: 0)
    }
}

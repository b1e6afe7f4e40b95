import Domain

/// Which assignments the table of a study shows, as its URL says: `?state=failed&from=200`.
package struct AssignmentsQuery: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        case waiting, running, completed, failed, cancelled
    }

    package var state: State?
    /// The first index of the table.
    package var from: Int

    package init(state: State? = nil, from: Int = 0) {
        self.state = state
        self.from = max(0, from)
    }

    package init(_ parameters: [String: String]) {
        self.init(
            state: parameters["state"].flatMap(State.init(rawValue:)), from: parameters["from"].flatMap(Int.init) ?? 0)
    }

    func path(of study: StudyRecord) -> String { path(of: Links.study(study.id, name: study.name)) }

    func path(of studyPath: String) -> String {
        studyPath + QueryText.query([("state", state?.rawValue), ("from", from > 0 ? String(from) : nil)])
    }

    func admits(_ status: JobStatus) -> Bool {
        switch state {
        case nil: true
        case .waiting: status == .pending
        case .running: status.isHeld
        case .completed: status == .completed
        case .failed: status == .failed
        case .cancelled: status == .cancelled
        }
    }
}

package import Domain

/// What the list of workers shows, as its URL says: `?q=lab&state=idle&sort=-started&ended=1&after=s12`.
package struct WorkersQuery: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        case active, idle, starting, error, stopping, suspect, stale, stopped
    }

    package enum Order: String, Sendable, CaseIterable {
        case name, state, started, completed, failed, version
    }

    /// Part of a worker's name, hostname, version, queue, study or id.
    package var text: String
    package var state: State?
    package var order: Order
    package var isDescending: Bool
    /// Sessions that have ended and those that were replaced are shown as well.
    package var showsEnded: Bool
    /// The page begins behind this session.
    package var after: SessionID?

    package init(
        text: String = "", state: State? = nil, order: Order = .name, isDescending: Bool = false,
        showsEnded: Bool = false, after: SessionID? = nil
    ) {
        self.text = text
        self.state = state
        self.order = order
        self.isDescending = isDescending
        self.showsEnded = showsEnded
        self.after = after
    }

    /// - Parameter parameters: those of the URL, decoded; what isn't understood is left out.
    package init(_ parameters: [String: String]) {
        let sort = parameters["sort"] ?? ""
        self.init(
            text: parameters["q"] ?? "", state: parameters["state"].flatMap(State.init(rawValue:)),
            order: Order(rawValue: String(sort.drop { $0 == "-" })) ?? .name, isDescending: sort.hasPrefix("-"),
            showsEnded: parameters["ended"] == "1", after: parameters["after"].flatMap(SessionID.init(text:)))
    }

    /// The server has to hand over sessions that ended, too.
    package var needsEnded: Bool { showsEnded || state == .stopped }

    package var path: String {
        let sort = order == .name && !isDescending ? nil : (isDescending ? "-" : "") + order.rawValue
        return Links.workers
            + QueryText.query([
                ("q", text), ("state", state?.rawValue), ("sort", sort), ("ended", showsEnded ? "1" : nil),
                ("after", after?.description),
            ])
    }

    func changing(_ change: (inout WorkersQuery) -> Void) -> WorkersQuery {
        var query = self
        query.after = nil
        change(&query)
        return query
    }
}

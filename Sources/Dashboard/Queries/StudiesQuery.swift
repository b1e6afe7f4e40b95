/// What the list of studies shows, as its URL says: `?q=head&state=running`.
package struct StudiesQuery: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        case running, waiting, paused, completed, failed, cancelled
    }

    package var text: String
    package var state: State?

    package init(text: String = "", state: State? = nil) {
        self.text = text
        self.state = state
    }

    package init(_ parameters: [String: String]) {
        self.init(text: parameters["q"] ?? "", state: parameters["state"].flatMap(State.init(rawValue:)))
    }

    package var path: String { Links.studies + QueryText.query([("q", text), ("state", state?.rawValue)]) }
}

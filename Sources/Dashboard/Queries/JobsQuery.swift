package import Domain

/// Which jobs the list shows, as its URL says: `?status=failed&queue=render&study=st3&q=head&cursor=…`. The server
/// reads them so; the page shows what it is given.
package struct JobsQuery: Sendable, Hashable {
    package var text: String
    package var status: JobStatus?
    package var queue: String?
    package var study: String?
    /// Where the page begins: the opaque mark of the page before it.
    package var cursor: String?

    package init(
        text: String = "", status: JobStatus? = nil, queue: String? = nil, study: String? = nil, cursor: String? = nil
    ) {
        self.text = text
        self.status = status
        self.queue = queue
        self.study = study
        self.cursor = cursor
    }

    package init(_ parameters: [String: String]) {
        self.init(
            text: parameters["q"] ?? "", status: parameters["status"].flatMap(JobStatus.init(rawValue:)),
            queue: parameters["queue"], study: parameters["study"], cursor: parameters["cursor"])
    }

    package var path: String {
        Links.jobs
            + QueryText.query([
                ("q", text), ("status", status?.rawValue), ("queue", queue), ("study", study), ("cursor", cursor),
            ])
    }

    func changing(_ change: (inout JobsQuery) -> Void) -> JobsQuery {
        var query = self
        query.cursor = nil
        change(&query)
        return query
    }
}

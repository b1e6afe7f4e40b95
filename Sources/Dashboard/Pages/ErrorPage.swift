/// Says what went wrong, and the way out.
package struct ErrorPage: Page {
    package var frame: PageFrame
    package var status: Int
    package var title: String
    package var detail: String
    package var wayOut: (path: String, name: String)

    /// - Parameters:
    ///   - status: the HTTP status, shown small.
    ///   - title: `There is no worker s99`
    ///   - detail: a sentence or two: why it may be so.
    ///   - wayOut: a link that helps.
    package init(
        frame: PageFrame, status: Int, title: String, detail: String,
        wayOut: (path: String, name: String) = (Links.fleet, "Go to the fleet")
    ) {
        self.frame = frame
        self.status = status
        self.title = title
        self.detail = detail
        self.wayOut = wayOut
    }

    package static func notFound(frame: PageFrame, what: String) -> ErrorPage {
        ErrorPage(
            frame: frame, status: 404, title: "There is no \(what)",
            detail: "It may have been deleted, or its time of keeping is over, or the address has a slip.")
    }

    package static func failed(frame: PageFrame, detail: String) -> ErrorPage {
        ErrorPage(
            frame: frame, status: 500, title: "The server could not make this page",
            detail: "\(detail) The fleet goes on working; the server's log says more.",
            wayOut: (Links.fleet, "Try the fleet"))
    }

    package var content: PageContent {
        let page = self
        return PageContent(title: title, place: nil, template: "error") {
            [
                "status": .text(String(page.status)), "title": .text(page.title), "detail": .text(page.detail),
                "wayPath": .text(page.wayOut.path), "wayName": .text(page.wayOut.name),
            ]
        }
    }
}

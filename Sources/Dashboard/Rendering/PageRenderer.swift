import Domain

/// Makes pages and their regions: templates read once, assets at hand. One for a server's lifetime.
package struct PageRenderer: Sendable {
    package let assets: Assets
    private let templates: TemplateLibrary

    /// From what is embedded in the program.
    package init() throws {
        try self.init(source: .embedded)
    }

    /// From the folder of this target's sources as they are now. For work on the pages: make one for each request.
    package init(developmentFolder: String) throws {
        try self.init(source: .folder(developmentFolder))
    }

    private init(source: ResourceSource) throws {
        assets = try Assets(source: source)
        templates = try TemplateLibrary(
            sources: ResourceNames.templates.map { name in
                (name, try source.text(folder: "Templates", name: "\(name).mustache"))
            })
    }

    /// The whole document, of the same regions that a stream sends piece by piece.
    package func html(_ page: any Page) -> String {
        let content = page.content
        let regions = page.regions()
        var values = content.values
        var lists: [String: Markup] = [:]
        for region in regions {
            let markup = templates.render(region.template, region.values())
            if let list = region.list {
                lists[list, default: .none].append(markup)
            } else {
                values.set(region.id, .markup(markup))
            }
        }
        for (list, markup) in lists { values.set(list, .markup(markup)) }
        let body = templates.render(content.template, values)
        return templates.render("page", shell(of: page, content: content, regions: regions, body: body)).html
    }

    /// One region, as it stands in its page.
    package func html(_ region: Region) -> String {
        templates.render(region.template, region.values()).html
    }

    private func shell(of page: any Page, content: PageContent, regions: [Region], body: Markup) -> Values {
        let frame = page.frame
        return [
            "title": .text(content.title),
            "stylesPath": .text(assets.versionedPath("muster.css")),
            "themePath": .text(assets.versionedPath("theme.js")),
            "mainPath": .text(assets.versionedPath("main.js")),
            "iconPath": .text(assets.versionedPath("favicon.svg")),
            "live": .text(page.live),
            "since": .text(frame.sequence.description),
            "epoch": .text(frame.epoch),
            "digest": .text(regions.digest),
            "now": .text(frame.now.description),
            "places": .list(
                content.isBare
                    ? []
                    : NavigationPlace.allCases.map { place in
                        [
                            "path": .text(place.path), "name": .text(place.name),
                            "isHere": .flag(place == content.place), "icon": .markup(Marks.icon(place.icon)),
                        ]
                    }),
            "isBare": .flag(content.isBare),
            "viewer": .text(frame.viewer.name),
            "isSignedIn": .flag(frame.viewer.isSignedIn),
            "version": .text(frame.version),
            "body": .markup(body),
        ]
    }
}

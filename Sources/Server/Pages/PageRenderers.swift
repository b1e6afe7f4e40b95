import Dashboard

/// The renderer of the program's own files, or a new one for each page where the files are being worked on.
struct PageRenderers: Sendable {
    private let embedded: PageRenderer
    private let developmentFolder: String?

    init(developmentFolder: String?) throws {
        embedded = try PageRenderer()
        self.developmentFolder = developmentFolder
    }

    func renderer() throws -> PageRenderer {
        guard let developmentFolder else { return embedded }
        return try PageRenderer(developmentFolder: developmentFolder)
    }
}

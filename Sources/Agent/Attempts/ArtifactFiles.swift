package import Connectors

/// A file that is to be stored as a result.
package struct ArtifactFile: Sendable, Hashable {
    package let path: String
    /// Relative, with `/` between its parts.
    package let name: String

    package init(path: String, name: String) {
        self.path = path
        self.name = name
    }

    package var mediaType: String {
        guard let dot = name.lastIndex(of: "."), !name[dot...].contains("/") else { return Self.unknownType }
        return Self.types[name[name.index(after: dot)...].lowercased()] ?? Self.unknownType
    }

    private static let unknownType = "application/octet-stream"
    private static let types = [
        "json": "application/json", "txt": "text/plain", "log": "text/plain", "md": "text/markdown",
        "csv": "text/csv", "html": "text/html", "xml": "application/xml", "svg": "image/svg+xml", "png": "image/png",
        "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "bmp": "image/bmp",
        "mp4": "video/mp4", "webm": "video/webm", "pdf": "application/pdf", "zip": "application/zip",
        "gz": "application/gzip", "tar": "application/x-tar", "zst": "application/zstd",
    ]
}

/// What an attempt left in its artifacts folder, and what of it can be stored.
package struct ArtifactFiles: Sendable, Hashable {
    package var files: [ArtifactFile] = []
    /// Names that are there and are no files, with the reason.
    package var passedOver: [String] = []

    /// The file whose contents become the attempt's own result, where they are small and JSON.
    package static let resultName = "result.json"
    private static let depthLimit = 32
    /// More is a mistake of the program, not a result.
    package static let countLimit = 10_000
    private static let nameLimitBytes = 512

    /// Looks through the folder, in the order of names.
    package init(in folder: String) {
        walk(folder, prefix: "", depth: 0)
    }

    private mutating func walk(_ folder: String, prefix: String, depth: Int) {
        for entry in Files.list(folder) {
            let (path, name) = ("\(folder)/\(entry)", prefix + entry)
            // A link to a file is the file; a link to a folder might lead anywhere, also back.
            switch (Files.status(path, followingLink: false)?.kind, Files.status(path)?.kind) {
            case (.folder?, _) where depth < Self.depthLimit: walk(path, prefix: "\(name)/", depth: depth + 1)
            case (.file?, _), (.link?, .file?): add(ArtifactFile(path: path, name: name))
            case (nil, _): passedOver.append("\(name) can't be read")
            default: passedOver.append("\(name) is no file")
            }
        }
    }

    private mutating func add(_ file: ArtifactFile) {
        if file.name.utf8.count > Self.nameLimitBytes {
            passedOver.append("\(file.name.cut(toBytes: 100))… has a name that is too long")
        } else if files.count >= Self.countLimit {
            if files.count + passedOver.count == Self.countLimit {
                passedOver.append("there are more than \(Self.countLimit) files; the rest")
            }
        } else {
            files.append(file)
        }
    }

    /// The file that a program named while it ran, as seen from where it works. `nil` where there is no such file
    /// within the attempt's own folder: what a job says must not make its worker give away other files.
    package static func named(_ path: String, folders: AttemptFolders, programFolder: String) -> ArtifactFile? {
        guard let work = Files.realPath(folders.work) else { return nil }
        let artifacts = Files.realPath(folders.artifacts) ?? folders.artifacts
        let places =
            path.hasPrefix("/") ? [path] : [folders.artifacts, folders.work, programFolder].map { "\($0)/\(path)" }
        for place in places {
            guard let real = Files.realPath(place), Files.status(real)?.kind == .file else { continue }
            for folder in [artifacts, work] where real.hasPrefix("\(folder)/") {
                let name = String(real.dropFirst(folder.count + 1))
                guard name.utf8.count <= nameLimitBytes else { return nil }
                return ArtifactFile(path: real, name: name)
            }
        }
        return nil
    }
}

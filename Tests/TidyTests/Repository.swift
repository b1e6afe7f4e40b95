import Foundation

/// The files of this repository that somebody wrote: nothing built, nothing fetched.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let files: [TidyFile] = {
        let folders = ["Sources", "Tests", "Examples", "Benchmarks", "Scripts", "Documentation", "clients", ".ci"]
        let tops = ["Package.swift", "Makefile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "DESIGN.md"]
        return (tops + folders.flatMap(paths)).compactMap { TidyFile($0) }
    }()

    static var swift: [TidyFile] { files.filter { $0.path.hasSuffix(".swift") } }
    static var markdown: [TidyFile] { files.filter { $0.path.hasSuffix(".md") } }
    static var templates: [TidyFile] { files.filter { $0.path.hasSuffix(".mustache") } }

    /// Swift below one of these folders.
    static func swift(in folders: String..., except exceptions: [String] = []) -> [TidyFile] {
        swift.filter { file in
            folders.contains { file.path.hasPrefix($0) } && !exceptions.contains { file.path.hasPrefix($0) }
        }
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    private static let builtNames: Set<String> = [".build", "build", "__pycache__", "node_modules"]

    private static func paths(below folder: String) -> [String] {
        let base = root.appendingPathComponent(folder).path
        guard let walk = FileManager.default.enumerator(atPath: base) else { return [] }
        var paths: [String] = []
        while let path = walk.nextObject() as? String {
            if builtNames.contains(String(path.split(separator: "/").last ?? "")) {
                walk.skipDescendants()
            } else {
                paths.append("\(folder)/\(path)")
            }
        }
        return paths.sorted()
    }
}

/// One text file, with its lines.
struct TidyFile: Sendable {
    /// From the root of the repository.
    let path: String
    let text: String
    let lines: [Substring]
    /// The same taken apart; empty for what is no Swift.
    let swift: SwiftText

    /// `nil` for what is no text, a picture among others, and for folders.
    init?(_ path: String) {
        let place = Repository.root.appendingPathComponent(path)
        guard let data = FileManager.default.contents(atPath: place.path), !data.contains(0),
            let text = String(data: data, encoding: .utf8)
        else { return nil }
        self.init(path: path, text: text)
    }

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        swift = SwiftText(path.hasSuffix(".swift") ? text : "")
    }

    /// The target, by its folder: `Storage` of `Sources/Storage/Store.swift`.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : nil
    }
}

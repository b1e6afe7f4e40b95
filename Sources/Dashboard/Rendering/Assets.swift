/// A file that pages refer to.
package struct Asset: Sendable {
    /// `muster.css`
    package let name: String
    package let mediaType: String
    package let bytes: [UInt8]
    /// 16 hexadecimal digits that change with the bytes; for the `ETag`. No defence against malice: the bytes are ours.
    package let contentHash: String

    init(name: String, mediaType: String, bytes: [UInt8]) {
        self.name = name
        self.mediaType = mediaType
        self.bytes = bytes
        var hash = FNV()
        for byte in bytes { hash.add(byte) }
        contentHash = hash.text
    }

    /// `/assets/muster.css`, where it may be asked for as well; such an answer is to be checked for change each time.
    package var path: String { "/assets/\(name)" }
}

/// Styles, scripts and the picture of the browser's tab.
///
/// Pages name them under a folder that changes with any of them (`/assets/4f…/live.js`), so that modules find each
/// other by relative names and an answer may be kept for ever.
package struct Assets: Sendable {
    package let all: [Asset]
    /// The folder's name, made of all contents.
    package let version: String

    /// - Parameter source: reads an embedded or a present file by folder and name.
    init(source: ResourceSource) throws {
        var all = [Asset(name: "muster.css", mediaType: "text/css; charset=utf-8", bytes: try Self.styles(source))]
        for name in ResourceNames.modules {
            all.append(
                Asset(
                    name: name, mediaType: "text/javascript; charset=utf-8",
                    bytes: try source.bytes(folder: "Modules", name: name)))
        }
        all.append(
            Asset(
                name: "favicon.svg", mediaType: "image/svg+xml",
                bytes: try source.bytes(folder: "Styles", name: "favicon.svg")))
        self.all = all
        var hash = FNV()
        for asset in all { hash.add(asset.contentHash) }
        version = hash.text
    }

    /// `/assets/VERSION/muster.css`
    package func versionedPath(_ name: String) -> String { "/assets/\(version)/\(name)" }

    /// Finds what a path under `/assets/` names.
    ///
    /// - Returns: the asset, and whether the answer may be kept for ever (`Cache-Control: public, max-age=31536000,
    ///   immutable`); where not, it is to be checked each time (`no-cache` with the `ETag`). A path with the version of
    ///   another program gets today's asset, not to be kept: a page that was open during an upgrade goes on working.
    package func find(path: String) -> (asset: Asset, isImmutable: Bool)? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3 || parts.count == 4, parts[0].isEmpty, parts[1] == "assets", let name = parts.last,
            let asset = all.first(where: { $0.name == name })
        else { return nil }
        return (asset, parts.count == 4 && parts[2] == version)
    }

    /// One file for all styles, in the order that the cascade needs.
    private static func styles(_ source: ResourceSource) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for name in ResourceNames.styles { bytes += try source.bytes(folder: "Styles", name: name) }
        return bytes
    }
}

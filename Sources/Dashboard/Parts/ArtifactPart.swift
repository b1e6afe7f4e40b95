import Domain

/// A file that a job left, as a line and perhaps a picture.
enum ArtifactPart {
    static func values(_ artifact: ArtifactRecord, now: Instant) -> Values {
        [
            "name": .text(artifact.name),
            "path": .text(Links.artifact(artifact.id)),
            "downloadPath": .text(Links.artifactDownload(artifact.id)),
            "size": .text(Format.bytes(artifact.byteCount)),
            "mediaType": .text(artifact.mediaType),
            "hash": .text(artifact.sha256),
            "shortHash": .text(String(artifact.sha256.prefix(12))),
            "attempt": .count(artifact.attempt.value),
            "created": .markup(TimeMark.markup(artifact.createdAt, .ago, now: now)),
        ]
    }

    /// What browsers show without running anything: no SVG, no HTML.
    static func isPicture(_ artifact: ArtifactRecord) -> Bool {
        pictureTypes.contains(artifact.mediaType) && artifact.byteCount <= pictureLimitBytes
    }

    static let pictureLimit = 12
    private static let pictureLimitBytes: Int64 = 20_000_000
    private static let pictureTypes: Set<String> = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]
}

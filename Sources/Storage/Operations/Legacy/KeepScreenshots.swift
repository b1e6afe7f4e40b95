package import Domain

/// The pictures of a window's tabs: the newest of each counts.
package struct KeepScreenshots: Sendable {
    package struct Picture: Sendable {
        package var tab: String
        package var position: Int
        package var firstByte: Int
        package var byteCount: Int
        package var mediaType: String

        package init(tab: String, position: Int, firstByte: Int, byteCount: Int, mediaType: String) {
            self.tab = tab
            self.position = position
            self.firstByte = firstByte
            self.byteCount = byteCount
            self.mediaType = mediaType
        }
    }

    package struct Answer: Sendable {
        package var session: SessionID
        /// Files that show nothing any more.
        package var orphans: [String]
    }

    package var sender: ApplyWindowMessage.Sender
    package var file: String
    package var pictures: [Picture]

    package init(sender: ApplyWindowMessage.Sender, file: String, pictures: [Picture]) {
        self.sender = sender
        self.file = file
        self.pictures = pictures
    }

    /// Tabs of one session; the oldest names beyond are left as they are.
    private static let tabLimit = 32

    package func run(_ transaction: WriteTransaction) throws -> Answer {
        let session: SessionID
        var attempt: HeldKey?
        switch sender {
        case .bound(let id, let named):
            session = id
            attempt = try JobRow.bound(id, named, transaction)?.key
        case .legacy(let origin):
            let row = try MatchLegacy(origin).run(transaction)
            // A picture that may be anybody's of several is shown on nobody's page.
            if row.isShared { return Answer(session: row.id, orphans: [file]) }
            session = row.id
        }
        let before = try LegacyReads.screenshots(of: session, transaction)
        var known = Set(before.filter { $0.attempt == attempt }.map(\.tab))
        if known.isEmpty, attempt != nil {
            try transaction.run(LegacyStatements.closePictures, [.integer(session.number)])
        }
        for picture in pictures where known.contains(picture.tab) || known.count < Self.tabLimit {
            known.insert(picture.tab)
            try transaction.run(
                LegacyStatements.putScreenshot,
                [.integer(session.number)] + LegacyWindow.key(attempt) + [
                    .text(picture.tab), .int(picture.position), .text(file),
                    .int(picture.firstByte), .int(picture.byteCount), .text(picture.mediaType),
                    .instant(transaction.now),
                ]
            )
        }
        transaction.touch(session: session)
        let kept = Set(try LegacyReads.screenshots(of: session, transaction).map(\.file))
        return Answer(session: session, orphans: Set(before.map(\.file) + [file]).subtracting(kept).sorted())
    }
}

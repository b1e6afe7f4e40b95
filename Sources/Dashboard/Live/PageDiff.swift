package import Domain

/// What one client's page shows, and so what has to be sent when the page changes: the changed regions, no more.
///
/// A value without a clock and without a connection: whoever serves a stream keeps one for each client, hands it the
/// page anew after each change and sends what it answers as a `swap` event.
package struct PageDiff: Sendable {
    private var shown: [String: Fingerprint]
    /// The ids of each list, in order.
    private var order: [String: [String]]

    /// - Parameter regions: what the client shows.
    package init(showing regions: [Region]) {
        shown = [:]
        order = [:]
        remember(regions)
    }

    /// What a client needs whose page was rendered at sequence `since` and had the digest `digest`, as its request
    /// says; the regions are those of the page now.
    ///
    /// What the old page showed isn't known here (another node may have rendered it), so everything is sent that can
    /// differ: regions with something newer than `since`, those that time turns, and for each list the ids that it
    /// now has, in order, so that the client drops what is gone. Should it lack one of them all the same (an old row
    /// that came into the page because another left it), it fetches the page. Nothing where the digests agree.
    package static func opening(
        _ regions: [Region], since: SequenceNumber, digest: String?, renderer: PageRenderer
    ) -> (diff: PageDiff, changes: PageChanges) {
        let diff = PageDiff(showing: regions)
        var changes = PageChanges(digest: regions.digest)
        guard digest != changes.digest else { return (diff, changes) }
        var kept: [String: [String]] = [:]
        for region in regions {
            if region.isTimed || region.sequence > since {
                changes.placed.append(
                    PageChanges.Placing(
                        id: region.id, list: region.list, after: region.list.flatMap { kept[$0]?.last },
                        html: renderer.html(region)))
            }
            if let list = region.list { kept[list, default: []].append(region.id) }
        }
        changes.kept = kept
        return (diff, changes)
    }

    /// Takes the page as it is now and answers what the client lacks.
    package mutating func advance(to regions: [Region], renderer: PageRenderer) -> PageChanges {
        var changes = PageChanges(digest: regions.digest)
        let present = Set(regions.map(\.id))
        changes.removed = shown.keys.filter { !present.contains($0) }.sorted()

        var lists: [String: [String]] = [:]
        for region in regions {
            if let list = region.list { lists[list, default: []].append(region.id) }
        }
        var staying: Set<String> = []
        for (list, ids) in lists { staying.formUnion(ListOrder.staying(from: order[list] ?? [], to: ids)) }

        var last: [String: String] = [:]
        for region in regions {
            let isChanged = shown[region.id] != region.fingerprint
            let isPlaced = region.list == nil || staying.contains(region.id)
            if isChanged || !isPlaced {
                changes.placed.append(
                    PageChanges.Placing(
                        id: region.id, list: isPlaced ? nil : region.list,
                        after: isPlaced ? nil : region.list.flatMap { last[$0] },
                        html: isChanged ? renderer.html(region) : nil))
            }
            if let list = region.list { last[list] = region.id }
        }
        remember(regions)
        return changes
    }

    private mutating func remember(_ regions: [Region]) {
        shown = Dictionary(regions.map { ($0.id, $0.fingerprint) }) { first, _ in first }
        order = [:]
        for region in regions {
            if let list = region.list { order[list, default: []].append(region.id) }
        }
    }
}

/// What a page has to do to show what is so now: first drop, then put, in this order.
package struct PageChanges: Sendable, Hashable {
    /// A region to be put into the page.
    package struct Placing: Sendable, Hashable {
        package var id: String
        /// Set where the region is new in this list or changes its place; absent where it stays where it is.
        package var list: String?
        /// The region of the list that it comes behind; absent for the first place.
        package var after: String?
        /// Absent where only its place changes.
        package var html: String?
    }

    package var placed: [Placing] = []
    /// The ids of regions that are gone.
    package var removed: [String] = []
    /// For a stream's first event: the ids that each list has, in order; all others are to be dropped, and a list that
    /// isn't named is empty. Lists are marked `data-list` in the page.
    package var kept: [String: [String]]?
    /// The digest of the page with these changes.
    package var digest: String

    package init(digest: String) {
        self.digest = digest
    }

    package var isEmpty: Bool { placed.isEmpty && removed.isEmpty && kept == nil }

    /// The data of a `swap` event; one line:
    /// `{"set":[{"id":…,"list":…?,"after":…?,"html":…?}],"remove":[id…],"keep":{list:[id…]}?,"digest":"…"}`.
    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 256 + placed.reduce(0) { $0 + ($1.html?.utf8.count ?? 0) + 64 })
        writer.beginObject()
        writer.beginArray("set")
        for placing in placed {
            writer.beginObject()
            writer.field("id", placing.id)
            writer.field("list", placing.list)
            writer.field("after", placing.after)
            writer.field("html", placing.html)
            writer.endObject()
        }
        writer.endArray()
        writer.beginArray("remove")
        for id in removed { writer.value(id) }
        writer.endArray()
        if let kept {
            writer.beginObject("keep")
            for (list, ids) in kept.sorted(by: { $0.key < $1.key }) {
                writer.key(list)
                writer.beginArray()
                for id in ids { writer.value(id) }
                writer.endArray()
            }
            writer.endObject()
        }
        writer.field("digest", digest)
        writer.endObject()
        return writer.bytes
    }
}

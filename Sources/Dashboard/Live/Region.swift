package import Domain

/// A piece of a page that changes as one: a row, a tile, a summary. The whole page is put together from its regions,
/// and a live page is kept true by sending again those that changed, made by the same templates.
package struct Region: Sendable {
    /// The id of its element: `session:s7`, `fleet-workers`. Never twice on a page.
    package let id: String
    /// The id of the element that holds it, where it is one of a list whose members come and go; else it stands where
    /// its page's template puts it and is there from the beginning.
    package let list: String?
    package let fingerprint: Fingerprint
    /// The newest sequence of what it shows.
    package let sequence: SequenceNumber
    /// Shows something that no sequence tells of, such as a badge that time alone turns.
    package let isTimed: Bool
    let template: String
    let values: @Sendable () -> Values

    /// - Parameters:
    ///   - template: the name of the template that makes it; its outermost element has `id` as id.
    ///   - values: called only where the region is rendered.
    init(
        _ id: String, in list: String? = nil, fingerprint: Fingerprint, sequence: SequenceNumber = .zero,
        isTimed: Bool = true, template: String, values: @escaping @Sendable () -> Values
    ) {
        self.id = id
        self.list = list
        self.fingerprint = fingerprint
        self.sequence = sequence
        self.isTimed = isTimed
        self.template = template
        self.values = values
    }
}

extension Region {
    /// A name of somebody else's as part of an id: as it is where it is plain, else by its hash. An id has to come back
    /// from the page as it was sent, which a text with controls in it doesn't.
    static func idPart(_ name: String) -> String {
        if !name.isEmpty, name.utf8.allSatisfy(QueryText.isUnreserved) { return name }
        var hash = FNV()
        hash.add(name)
        return "~" + hash.text
    }
}

extension [Region] {
    /// Stands for what all regions show and in which order: a page and a stream whose digests agree need no word
    /// between them.
    package var digest: String {
        var hash = FNV()
        for region in self {
            hash.add(region.id)
            for word in region.fingerprint.words { hash.add(UInt64(bitPattern: word)) }
        }
        return hash.text
    }
}

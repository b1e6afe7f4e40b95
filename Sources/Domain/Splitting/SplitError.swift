/// Why a study can't be split as asked. Nothing was made.
package struct SplitError: Error, Sendable, Hashable {
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// The split's own text or JSON form can't be read.
        case syntax = "split-syntax"
        /// No key path at all, or a group without items.
        case empty = "split-empty"
        /// The configuration has nothing at the key path.
        case pathMissing = "split-path-missing"
        /// What stands there is neither an array nor an object.
        case notDivisible = "split-not-divisible"
        /// The array or object has no items.
        case noItems = "split-no-items"
        /// One key path is named twice.
        case repeated = "split-repeated"
        /// One dimension lies inside another, so that splitting the one would change what the other splits.
        case cyclic = "split-cyclic"
        /// More groups than items, or a number that no product of groups makes.
        case count = "split-count"
        /// A group names an item that isn't there.
        case itemMissing = "split-item-missing"
        /// Groups name an item more often than it is there.
        case itemRepeated = "split-item-repeated"
        /// The groups together leave items out.
        case itemsLeftOut = "split-items-left-out"
        /// More assignments than one study may have.
        case tooMany = "split-too-many"
    }

    package let code: Code
    /// The place in the JSON form of the split: `by[1].groups`, `auto.splits`.
    package let field: String
    /// The dimension, where it is about one.
    package let keyPath: String?
    /// One or two sentences for a person: what is wrong, and the way out.
    package let message: String
    /// Where it is about a number of assignments or groups: numbers near it that can be made, rising.
    package let possibleCounts: [Int]

    init(
        _ code: Code,
        field: String,
        keyPath: ConfigurationPath? = nil,
        possibleCounts: [Int] = [],
        _ message: String
    ) {
        self.code = code
        self.field = field
        self.keyPath = keyPath?.text
        self.message = message
        self.possibleCounts = possibleCounts
    }
}

extension SplitError: CustomStringConvertible {
    package var description: String { message }
}

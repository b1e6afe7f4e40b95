import Storage

/// Writes that nobody waits for, kept back so that those of one statement go to the server as one: a group of sixty
/// reports is one update of sixty rows and not sixty updates, which costs a fraction. What is the same in all rows, as
/// the moment and the state mostly are, goes once.
///
/// What is kept back goes out in batches, each of one statement, in the order of their first rows. A write joins the
/// open batch of its statement only if no later batch, nor this one, touches one of its rows: so every row sees its
/// writes in the order in which they were made.
struct GatheredWrites {
    struct Batch {
        let statement: Statement
        private(set) var rows: [[SQLValue]]
        /// How many rows each of them changes; `nil` where nobody said.
        let expecting: Int?
        /// Which of the parameters are not the same in all rows.
        private(set) var varying: ColumnSet = []
        /// Of what will be sent, about.
        private(set) var byteCount: Int
        /// The place in the order of all batches ever.
        fileprivate let number: Int
        /// The last batch that has to be there before this one.
        fileprivate var follows = -1

        fileprivate init(_ statement: Statement, _ row: [SQLValue], expecting: Int?, number: Int) {
            self.statement = statement
            self.expecting = expecting
            self.number = number
            rows = [row]
            byteCount = row.reduce(0) { $0 + $1.byteCount }
        }

        /// Takes a row in, if there is room for it.
        fileprivate mutating func take(_ row: [SQLValue]) -> Bool {
            let first = rows[0]
            var (varying, size) = (varying, byteCount)
            for column in row.indices {
                if varying.contains(column) {
                    size += row[column].byteCount
                } else if row[column] != first[column] {
                    varying.insert(column)
                    size += (rows.count - 1) * first[column].byteCount + row[column].byteCount
                }
            }
            guard size <= GatheredWrites.byteLimit else { return false }
            self.varying = varying
            byteCount = size
            rows.append(row)
            return true
        }

        /// Leaves nothing in it but its place.
        fileprivate mutating func empty() { rows.removeAll() }
    }

    private var batches: [Batch] = []
    /// The open batch of a statement, by its number.
    private var open: [ObjectIdentifier: Int] = [:]
    /// The last batch that touches a row. What was sent before does not stand in it.
    private var lastOfRow: [RowKey: Int] = [:]
    private var nextNumber = 0

    /// So many rows are enough to share what a statement costs: they go out, and the server works while the group goes
    /// on. Nor more bytes than this: a message is to fit into a batch of the pipeline.
    static let rowLimit = 128
    static let byteLimit = 5_000

    var isEmpty: Bool { batches.isEmpty }

    /// Keeps a write back. Returns the batches that are to go out now, where one is full.
    mutating func add(
        _ statement: Statement, _ values: [SQLValue], expecting: Int?, touching rows: [RowKey]
    ) -> ArraySlice<Batch> {
        let identity = ObjectIdentifier(statement)
        // That a session holds one more job, and one more still: the order of the two does not matter.
        let last = rows.map { $0.kind == .holder ? -1 : lastOfRow[$0] ?? -1 }.max() ?? -1
        var full: Int?
        if let known = open[identity], last < known, batches[position(of: known)].expecting == expecting {
            if batches[position(of: known)].take(values) {
                note(rows, in: known, after: last)
                return batches[position(of: known)].rows.count < Self.rowLimit ? [] : takeFull(known)
            }
            full = known
        }
        batches.append(Batch(statement, values, expecting: expecting, number: nextNumber))
        open[identity] = nextNumber
        note(rows, in: nextNumber, after: last)
        nextNumber += 1
        return full.map { takeFull($0) } ?? []
    }

    private mutating func note(_ rows: [RowKey], in number: Int, after last: Int) {
        for row in rows { lastOfRow[row] = number }
        let place = position(of: number)
        batches[place].follows = max(batches[place].follows, last)
    }

    /// A full batch goes alone, where nothing that it has to follow is kept back.
    private mutating func takeFull(_ number: Int) -> ArraySlice<Batch> {
        let place = position(of: number)
        let batch = batches[place]
        guard batch.follows < batches[0].number else { return take(through: number) }
        if open[ObjectIdentifier(batch.statement)] == number { open[ObjectIdentifier(batch.statement)] = nil }
        batches[place].empty()
        batches.removeFirst(batches.prefix { $0.rows.isEmpty }.count)
        if batches.isEmpty { forget() }
        return [batch]
    }

    private func position(of number: Int) -> Int { number - batches[0].number }

    /// Whether a write that is kept back touches one of these rows.
    func touches(_ rows: [RowKey]) -> Bool { rows.contains { lastOfRow[$0] != nil } }

    mutating func takeAll() -> ArraySlice<Batch> {
        guard let last = batches.last else { return [] }
        return take(through: last.number)
    }

    /// What stands before a batch goes with it, since it may have to be there first.
    private mutating func take(through number: Int) -> ArraySlice<Batch> {
        let taken = batches.prefix(number - batches[0].number + 1)
        batches.removeFirst(taken.count)
        open = open.filter { $0.value > number }
        lastOfRow = batches.isEmpty ? [:] : lastOfRow.filter { $0.value > number }
        return taken
    }

    mutating func forget() {
        batches.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        lastOfRow.removeAll(keepingCapacity: true)
    }
}

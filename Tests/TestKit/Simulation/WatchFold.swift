package import Domain
package import Storage

/// What a watcher of one scope knows: a snapshot with every change applied that came after it.
package struct WatchFold {
    package let scope: Scope
    private(set) var entities: [EntityKey: EntityRecord]
    private(set) var sequence: SequenceNumber

    package init(scope: Scope, snapshot: WatchReads.Snapshot) {
        self.scope = scope
        entities = Self.table(snapshot)
        sequence = snapshot.sequence
    }

    static func table(_ snapshot: WatchReads.Snapshot) -> [EntityKey: EntityRecord] {
        Dictionary(snapshot.records.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    }

    package mutating func apply(_ change: Change) {
        guard change.scopes.contains(scope) else { return }
        switch change.kind {
        case .put:
            entities[change.key] = change.record
        case .leave:
            entities[change.key] = nil
        case .delete:
            entities[change.key] = nil
            // A study takes its jobs with it.
            if change.key.kind == .study, scope != .fleet { entities.removeAll() }
        }
        sequence = max(sequence, change.sequence)
    }

    /// What differs from a snapshot of the same moment; `nil` where nothing does.
    package func difference(from snapshot: WatchReads.Snapshot) -> String? {
        let truth = Self.table(snapshot)
        for key in Set(truth.keys).union(entities.keys).sorted(by: { $0.description < $1.description })
        where truth[key] != entities[key] {
            let known = entities[key].map { "\($0)" } ?? "nothing"
            let stored = truth[key].map { "\($0)" } ?? "nothing"
            return "\(scope) at \(snapshot.sequence): \(key) is folded as \(known) and stored as \(stored)"
        }
        return nil
    }
}

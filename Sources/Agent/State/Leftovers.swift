package import Connectors
import Glibc
package import Logging

/// Ends what a dead worker left running, before anybody is told that it is dead: kill before release.
package enum Leftovers {
    /// The processes that belong to a record, among those of `table`.
    ///
    /// A number alone says nothing: it may have been given away since. Where its process is the one that was noted, or
    /// is gone, whatever stands in its group or session is its own, since a number is not given away while a group or
    /// session goes by it.
    package static func belonging(to record: ChildrenRecord, in table: [ProcessEntry]) -> [ProcessEntry] {
        let marks = record.children.values.compactMap { child in
            if case .running(let mark) = child { mark } else { nil }
        }
        return table.filter { entry in
            marks.contains { mark in
                guard entry.group == mark.pid || entry.session == mark.pid || entry.mark == mark else { return false }
                let leader = table.first { $0.mark.pid == mark.pid }
                return leader == nil ? entry.mark.startTicks >= mark.startTicks : leader?.mark == mark
            }
        }
    }

    private static let attemptLimit = 500
    private static let pauseMilliseconds: Int64 = 20

    /// Kills until nothing is left. False where something would not die within ten seconds (it hangs in the kernel, or
    /// is not ours to kill): then its work must not be given to others as if it were dead.
    package static func end(
        _ record: ChildrenRecord, bootID: String?, clock: AgentClock, logger: Logger
    ) async -> Bool {
        guard !record.children.isEmpty, record.bootID == bootID else { return true }
        for attempt in 0..<attemptLimit {
            let left = alive(record)
            if left.isEmpty { return true }
            if attempt == 0 {
                logger.warning(
                    "ending what the last worker of this name left running",
                    metadata: ["processes": "\(left.map(\.mark.pid))"]
                )
            }
            for entry in left { ProcessTable.kill(entry.mark) }
            do {
                try await clock.sleep(pauseMilliseconds)
            } catch {
                return false
            }
        }
        logger.error("processes of the last worker of this name would not end; its work is left to its leases")
        return false
    }

    private static func alive(_ record: ChildrenRecord) -> [ProcessEntry] {
        let byNumber = belonging(to: record, in: ProcessTable.all())
        let byMark = record.children.keys.flatMap {
            ProcessTable.processes(withVariable: CommandConnector.markerVariable, value: $0)
        }
        return Set(byNumber + byMark).filter { $0.isAlive && $0.mark.pid != getpid() }.sorted {
            $0.mark.pid < $1.mark.pid
        }
    }
}

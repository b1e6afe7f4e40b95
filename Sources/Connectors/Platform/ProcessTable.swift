import Glibc

/// A process that can be told from a later one with the same number.
package struct ProcessMark: Sendable, Hashable {
    package let pid: Int32
    /// When it started, in clock ticks since the machine's start.
    package let startTicks: UInt64

    package init(pid: Int32, startTicks: UInt64) {
        self.pid = pid
        self.startTicks = startTicks
    }
}

/// One line of the process table.
package struct ProcessEntry: Sendable, Hashable {
    package let mark: ProcessMark
    package let parent: Int32
    package let group: Int32
    package let session: Int32
    /// `R`, `S`, `T` …; a `Z` has ended and only waits to be noticed.
    package let state: Character

    package var isAlive: Bool { state != "Z" && state != "X" }

    /// Reads the one line of `/proc/PID/stat`. The name in it is whatever the program calls itself, with spaces and
    /// brackets, so the fields are counted from its last closing bracket.
    package init?(statLine: String) {
        guard let open = statLine.firstIndex(of: "("), let close = statLine.lastIndex(of: ")"), open < close,
            let pid = Int32(statLine[..<open].trimmingSpaces)
        else { return nil }
        let fields = statLine[statLine.index(after: close)...].split(separator: " ")
        // After the name: state, parent, group, session, …; the start time is the 22nd of all fields, the 20th here.
        guard fields.count > 19, let state = fields[0].first, let parent = Int32(fields[1]),
            let group = Int32(fields[2]), let session = Int32(fields[3]), let startTicks = UInt64(fields[19])
        else { return nil }
        mark = ProcessMark(pid: pid, startTicks: startTicks)
        self.parent = parent
        self.group = group
        self.session = session
        self.state = state
    }
}

/// The machine's processes, read from `/proc`. Where there is no `/proc` nothing is found and nothing is killed.
package enum ProcessTable {
    /// Our own.
    package static var ownNumber: Int { Int(getpid()) }

    /// The process of that number, if there is one.
    package static func entry(_ pid: Int32) -> ProcessEntry? {
        Files.text("/proc/\(pid)/stat", limitBytes: 65_536).flatMap(ProcessEntry.init(statLine:))
    }

    /// All of them, each as it was when it was looked at.
    package static func all() -> [ProcessEntry] {
        Files.list("/proc").compactMap { Int32($0) }.compactMap(entry)
    }

    /// The processes that were started with `variable=value` in their environment, by us or by a child of ours,
    /// whatever group or session they have moved to since. Only our own user's can be seen.
    package static func processes(withVariable variable: String, value: String) -> [ProcessEntry] {
        let wanted = Array("\(variable)=\(value)".utf8)
        return all().filter { entry in
            guard entry.mark.pid != getpid(),
                let environment = Files.contents("/proc/\(entry.mark.pid)/environ", limitBytes: environmentLimitBytes)
            else { return false }
            return environment.split(separator: 0).contains { $0.elementsEqual(wanted) }
        }
    }

    /// Changes with every start of the machine.
    package static func bootID() -> String? {
        Files.text("/proc/sys/kernel/random/boot_id")?.trimmingSpaces
    }

    /// Ends a process if it is still the one meant: a number that was given to another since is left alone.
    package static func kill(_ mark: ProcessMark) {
        guard entry(mark.pid)?.mark == mark else { return }
        _ = Glibc.kill(mark.pid, SIGKILL)
    }

    private static let environmentLimitBytes = 4 * 1_024 * 1_024
}

extension StringProtocol {
    /// Without spaces, tabs and line breaks at either end.
    package var trimmingSpaces: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}

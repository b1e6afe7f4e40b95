/// How often the kernel has ended a process for want of memory: counted before an attempt and after it.
package struct MemoryKills: Sendable, Hashable {
    /// In the control group of the agent and its children; absent where it can't be read.
    package var ofGroup: Int?
    /// On the whole machine.
    package var ofMachine: Int?

    package init(ofGroup: Int?, ofMachine: Int?) {
        self.ofGroup = ofGroup
        self.ofMachine = ofMachine
    }

    /// What is known now, from `/proc` and `/sys/fs/cgroup`.
    package static func now() -> MemoryKills {
        let groups = Files.text("/proc/self/cgroup") ?? ""
        var ofGroup: Int?
        for path in paths(ofGroups: groups) {
            guard let text = Files.text(path), let count = count(in: text) else { continue }
            ofGroup = count
            break
        }
        return MemoryKills(ofGroup: ofGroup, ofMachine: Files.text("/proc/vmstat").flatMap(count(in:)))
    }

    /// Where the counts of a process stand, for both versions of control groups, by its `/proc/PID/cgroup`.
    static func paths(ofGroups text: String) -> [String] {
        text.split(separator: "\n").flatMap { line -> [String] in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return [] }
            let group = fields[2] == "/" ? "" : String(fields[2])
            if fields[0] == "0" { return ["/sys/fs/cgroup\(group)/memory.events"] }
            guard fields[1].split(separator: ",").contains("memory") else { return [] }
            return ["/sys/fs/cgroup/memory\(group)/memory.oom_control"]
        }
    }

    /// The number behind `oom_kill`, by itself on its line.
    static func count(in text: String) -> Int? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "oom_kill" { return Int(words[1]) }
        }
        return nil
    }
}

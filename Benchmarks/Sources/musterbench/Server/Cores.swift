import Glibc

/// The cores that this program may use, to give servers of one database one each: two servers of one machine otherwise
/// wake each other from core to core, which servers of two machines don't.
enum Cores {
    static let taskset = "/usr/bin/taskset"

    /// - Returns: the core for one of several servers; `nil` where there is none for it alone, or no `taskset`.
    static func number(_ place: Int) -> Int? {
        guard place < allowed.count, allowed.count > 1, unsafe access(taskset, X_OK) == 0 else { return nil }
        return allowed[place]
    }

    private static let allowed: [Int] = {
        let name = "Cpus_allowed_list:"
        let line = Files.text("/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix(name) }
        let ranges = line?.dropFirst(name.count).split(whereSeparator: { ", \t".contains($0) }) ?? []
        return ranges.flatMap { range -> [Int] in
            let ends = range.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return [] }
            return Array(first...last)
        }
    }()
}

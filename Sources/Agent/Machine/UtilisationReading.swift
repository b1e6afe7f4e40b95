import Connectors
package import Domain

/// How the processors spent their time since the machine started, in clock ticks.
package struct ProcessorReading: Sendable, Hashable {
    package let busy: UInt64
    package let all: UInt64

    /// Reads the first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal, …
    package init?(procStat text: String) {
        let fields = text.prefix { $0 != "\n" }.split(separator: " ")
        guard fields.first == "cpu" else { return nil }
        // The two behind steal are counted within user and nice already.
        let times = fields.dropFirst().prefix(8).compactMap { UInt64($0) }
        guard times.count >= 4 else { return nil }
        all = times.reduce(0, &+)
        let idle = times[3] &+ (times.count > 4 ? times[4] : 0)
        busy = all &- idle
    }

    package static func now() -> ProcessorReading? {
        Files.text("/proc/stat", limitBytes: 16_777_216).flatMap(ProcessorReading.init(procStat:))
    }

    /// The busy share between two readings; `nil` where no time has passed.
    package func share(since earlier: ProcessorReading) -> Double? {
        guard all > earlier.all, busy >= earlier.busy else { return nil }
        return min(1, Double(busy - earlier.busy) / Double(all - earlier.all))
    }
}

package struct MemoryReading: Sendable, Hashable {
    package let totalBytes: Int64
    package let availableBytes: Int64

    /// Reads `/proc/meminfo`, whose "kB" are 1,024 bytes.
    package init?(procMeminfo text: String) {
        var values: [Substring: Int64] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == ":" })
            if words.count >= 2, let value = Int64(words[1]) { values[words[0]] = value }
        }
        guard let total = values["MemTotal"], let available = values["MemAvailable"], total > 0 else { return nil }
        totalBytes = total * 1_024
        availableBytes = available * 1_024
    }

    package static func now() -> MemoryReading? {
        Files.text("/proc/meminfo").flatMap(MemoryReading.init(procMeminfo:))
    }

    package var share: Double { min(1, max(0, 1 - Double(availableBytes) / Double(totalBytes))) }
}

/// What `nvidia-smi` says of the machine's graphics processors.
package struct GPUReading: Sendable, Hashable {
    package let names: [String]
    /// The mean over all.
    package let share: Double?
    /// Used of all that there is.
    package let memoryShare: Double?

    package static let arguments = [
        "nvidia-smi", "--query-gpu=name,utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits",
    ]

    /// A line for each: `NVIDIA RTX A4000, 37, 1024, 16376`; what it does not know it calls `[N/A]`.
    package init?(csv text: String) {
        var names: [String] = []
        var shares: [Double] = []
        var (used, total) = (0.0, 0.0)
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingSpaces }
            guard fields.count == 4 else { continue }
            names.append(fields[0])
            if let share = Double(fields[1]) { shares.append(min(1, max(0, share / 100))) }
            if let usedHere = Double(fields[2]), let totalHere = Double(fields[3]), totalHere > 0 {
                used += usedHere
                total += totalHere
            }
        }
        guard !names.isEmpty else { return nil }
        self.names = names
        share = shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
        memoryShare = total > 0 ? min(1, used / total) : nil
    }
}

extension Utilisation {
    /// What is told after `measured`, when this was told before: a value that has hardly moved stays as it was.
    ///
    /// A beat that says nothing new costs the server nothing; a machine at rest should be silent for hours.
    package func settled(_ measured: Utilisation) -> Utilisation {
        Utilisation(
            cpu: Self.settle(cpu, measured.cpu), memory: Self.settle(memory, measured.memory),
            gpu: Self.settle(gpu, measured.gpu), gpuMemory: Self.settle(gpuMemory, measured.gpuMemory),
            diskFreeBytes: Self.settle(diskFreeBytes, measured.diskFreeBytes)
        )
    }

    private static let shareStep = 0.03
    private static let diskStepBytes: Int64 = 64 * 1_024 * 1_024

    private static func settle(_ told: Double?, _ measured: Double?) -> Double? {
        guard let measured else { return nil }
        if let told, abs(told - measured) < shareStep { return told }
        return (measured * 100).rounded() / 100
    }

    /// Moves by a hundredth of itself or 64 MiB, whichever is more.
    private static func settle(_ told: Int64?, _ measured: Int64?) -> Int64? {
        guard let measured else { return nil }
        if let told, abs(told - measured) < max(diskStepBytes, told / 100) { return told }
        return measured / 1_048_576 * 1_048_576
    }
}

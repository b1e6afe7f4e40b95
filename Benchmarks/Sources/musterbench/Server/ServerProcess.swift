import Glibc

/// The real server as a child process, on a free port of loopback, with a data folder of its own.
final class ServerProcess: LoadedServer {
    let port: UInt16
    let processID: pid_t
    private var isStopped = false

    private static let startMilliseconds = 20_000

    /// Starts `muster serve` and waits until it is healthy.
    ///
    /// - Parameters:
    ///   - folder: removed and made anew, so that every start begins with nothing.
    ///   - options: further words for `muster serve`.
    ///   - core: the one core that it may compute on; `nil` for all.
    init(binary: String, folder: String, options: [String] = [], core: Int? = nil) throws {
        try Files.removeTree(folder)
        try Files.makeFolder(folder)
        port = try Socket.freePort()
        processID = try ChildProcess.spawn(
            (core.map { [Cores.taskset, "--cpu-list", "\($0)"] } ?? [])
                + [binary, "serve", "--data", folder, "--port", "\(port)", "--log-level", "error"] + options,
            log: folder + "/server.log"
        )
        try waitForHealth(log: folder + "/server.log")
    }

    private func waitForHealth(log: String) throws {
        let deadline = Clock.now() + UInt64(Self.startMilliseconds) * 1_000_000
        while Clock.now() < deadline {
            if let connection = try? Connection(port: port),
                let reply = try? connection.call(RequestHead.get("/healthz")), reply.status == 200
            {
                return
            }
            var status: Int32 = 0
            if unsafe waitpid(processID, &status, WNOHANG) == processID {
                isStopped = true
                throw BenchError("The server ended at its start: \(Files.text(log) ?? "it said nothing").")
            }
            Clock.pause(milliseconds: 20)
        }
        stop()
        throw BenchError("The server did not answer within \(Self.startMilliseconds / 1_000) seconds.")
    }

    /// SIGTERM, and if that does not help SIGKILL: to this process alone.
    func stop() {
        guard !isStopped else { return }
        isStopped = true
        ChildProcess.stop(processID)
    }

    // MARK: - What the kernel knows of it

    /// What all its threads have computed so far.
    func computedNanoseconds() -> UInt64 { ProcessFacts.computedNanoseconds(of: "\(processID)") }

    /// Resident memory in bytes.
    func residentBytes() -> Int { ProcessFacts.residentBytes(of: "\(processID)") }
}

/// Read from `/proc`.
enum ProcessFacts {
    static func computedNanoseconds(of process: String) -> UInt64 {
        var sum: UInt64 = 0
        for thread in Files.names("/proc/\(process)/task") {
            guard let line = Files.text("/proc/\(process)/task/\(thread)/schedstat") else { continue }
            sum += line.split(separator: " ").first.flatMap { UInt64($0) } ?? 0
        }
        return sum
    }

    static func residentBytes(of process: String) -> Int {
        for line in (Files.text("/proc/\(process)/status") ?? "").split(separator: "\n")
        where line.hasPrefix("VmRSS:") {
            return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
                .map { $0 * 1_024 } ?? 0
        }
        return 0
    }
}

import Glibc

/// The real server as a child process, on a free port of loopback, with a data folder of its own.
final class ServerProcess {
    let port: UInt16
    let processID: pid_t
    private var isStopped = false

    private static let startMilliseconds = 20_000
    private static let stopMilliseconds = 20_000

    /// Starts `muster serve` and waits until it is healthy.
    ///
    /// - Parameters:
    ///   - folder: removed and made anew, so that every start begins with nothing.
    ///   - options: further words for `muster serve`.
    init(binary: String, folder: String, options: [String] = []) throws {
        try Files.removeTree(folder)
        try Files.makeFolder(folder)
        port = try Socket.freePort()
        processID = try Self.spawn(
            [binary, "serve", "--data", folder, "--port", "\(port)", "--log-level", "error"] + options,
            log: folder + "/server.log"
        )
        try waitForHealth(log: folder + "/server.log")
    }

    private static func spawn(_ arguments: [String], log: String) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 1, log, O_CREAT | O_WRONLY | O_APPEND, 0o644)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Nothing of this environment decides how the server runs: a MUSTER_… of the shell would.
        let environment = ["PATH=/usr/bin:/bin", "HOME=/nonexistent"]
        var processID: pid_t = 0
        let binary = arguments[0]
        let code = unsafe withCStrings(arguments) { arguments in
            unsafe withCStrings(environment) { environment in
                unsafe posix_spawn(&processID, binary, &actions, nil, arguments, environment)
            }
        }
        guard code == 0 else {
            throw BenchError(
                "\(binary) can't be started: \(unsafe String(cString: strerror(code))). "
                    + "Build it with: swift build -c release --product muster"
            )
        }
        return processID
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
        kill(processID, SIGTERM)
        let deadline = Clock.now() + UInt64(Self.stopMilliseconds) * 1_000_000
        var status: Int32 = 0
        while Clock.now() < deadline {
            if unsafe waitpid(processID, &status, WNOHANG) == processID { return }
            Clock.pause(milliseconds: 20)
        }
        kill(processID, SIGKILL)
        unsafe waitpid(processID, &status, 0)
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

/// Calls `body` with the texts as a list that ends in NULL, as `execve` wants it.
@unsafe private func withCStrings(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
) -> Int32 {
    var pointers = unsafe texts.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe pointers.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return EINVAL }
        return unsafe body(start)
    }
}

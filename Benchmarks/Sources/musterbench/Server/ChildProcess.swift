import Glibc

/// Servers under measurement, as children of this process.
enum ChildProcess {
    private static let stopMilliseconds = 20_000

    /// - Parameter log: a file that gets what the child says.
    static func spawn(_ arguments: [String], log: String) throws -> pid_t {
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
            throw BenchError("\(binary) can't be started: \(unsafe String(cString: strerror(code))).")
        }
        return processID
    }

    /// SIGTERM, and if that does not help SIGKILL: to this process alone.
    static func stop(_ processID: pid_t) {
        kill(processID, SIGTERM)
        let deadline = Clock.now() + UInt64(stopMilliseconds) * 1_000_000
        var status: Int32 = 0
        while Clock.now() < deadline {
            if unsafe waitpid(processID, &status, WNOHANG) == processID { return }
            Clock.pause(milliseconds: 20)
        }
        kill(processID, SIGKILL)
        unsafe waitpid(processID, &status, 0)
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

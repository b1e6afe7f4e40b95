/// What the end of a child means for its attempt.
package struct ExitReading: Sendable, Hashable {
    /// Exit codes by which a program asks to be tried again.
    package var retryableExitCodes: Set<Int>

    package init(retryableExitCodes: Set<Int>) {
        self.retryableExitCodes = retryableExitCodes
    }

    package func meaning(of end: ChildEnd, before: MemoryKills, after: MemoryKills) -> AttemptEnd {
        guard end.stop == .none else { return .stopped(exitCode: end.status.shellCode) }
        let memory = Self.memory(before: before, after: after)
        switch end.status {
        case .exited(0):
            return .completed
        case .exited(let code):
            let code = Int(code)
            if retryableExitCodes.contains(code) {
                return .retryable(reason: "exit code \(code), to be tried again", exitCode: code)
            }
            // A shell in between tells of its child's kill by this number.
            let hint = code == Self.shellKillCode ? memory.ofInner : ""
            return .failed(reason: "exit code \(code)\(hint)", exitCode: code)
        case .signalled(let signal):
            let reason = signal == 9 ? memory.ofLeader : "killed by signal \(Self.name(of: signal))"
            return .failed(reason: reason, exitCode: end.status.shellCode)
        }
    }

    private static let shellKillCode = 137

    /// How sure we can be that it was the kernel, in words: only its own count is proof.
    private static func memory(before: MemoryKills, after: MemoryKills) -> (ofLeader: String, ofInner: String) {
        if let was = before.ofGroup, let now = after.ofGroup, now > was {
            return ("killed by the kernel for memory", "; a process of it was killed by the kernel for memory")
        }
        guard let was = before.ofMachine, let now = after.ofMachine else {
            return ("killed (SIGKILL), possibly out of memory", "; possibly out of memory")
        }
        if now > was {
            return (
                "killed (SIGKILL) while the kernel was killing for memory",
                "; meanwhile the kernel was killing for memory"
            )
        }
        return ("killed by signal SIGKILL", "")
    }

    private static let names: [Int32: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
        9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
        16: "SIGSTKFLT", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
    ]

    /// The name of a signal on Linux.
    package static func name(of signal: Int32) -> String { names[signal] ?? "number \(signal)" }
}

extension ProcessStatus {
    /// As a shell says it: 128 and the signal, for one that a signal ended.
    package var shellCode: Int {
        switch self {
        case .exited(let code): Int(code)
        case .signalled(let signal): 128 + Int(signal)
        }
    }
}

import Testing

@testable import Connectors

@Suite struct ExitReadingTests {
    private static let unread = MemoryKills(ofGroup: nil, ofMachine: nil)
    private static let quiet = MemoryKills(ofGroup: 0, ofMachine: 3)

    private func meaning(
        _ status: ProcessStatus, stop: ChildPlan.Stop = .none, before: MemoryKills = quiet, after: MemoryKills = quiet
    ) -> AttemptEnd {
        ExitReading(retryableExitCodes: [42, 75])
            .meaning(of: ChildEnd(status: status, stop: stop), before: before, after: after)
    }

    @Test func readsExitCodes() {
        #expect(meaning(.exited(0)) == .completed)
        #expect(meaning(.exited(3)) == .failed(reason: "exit code 3", exitCode: 3))
        #expect(meaning(.exited(42)) == .retryable(reason: "exit code 42, to be tried again", exitCode: 42))
        #expect(meaning(.exited(75)).exitCode == 75)
    }

    @Test func readsSignals() {
        #expect(meaning(.signalled(11)) == .failed(reason: "killed by signal SIGSEGV", exitCode: 139))
        #expect(meaning(.signalled(9)) == .failed(reason: "killed by signal SIGKILL", exitCode: 137))
        #expect(meaning(.signalled(40)) == .failed(reason: "killed by signal number 40", exitCode: 168))
    }

    @Test func isStoppedWhateverTheCodeWhenItWasTold() {
        #expect(meaning(.exited(0), stop: .asked) == .stopped(exitCode: 0))
        #expect(meaning(.signalled(15), stop: .asked) == .stopped(exitCode: 143))
        #expect(meaning(.signalled(9), stop: .killed) == .stopped(exitCode: 137))
    }

    @Test func saysMemoryOnlyAsSurelyAsItIsKnown() {
        func reason(_ before: MemoryKills, _ after: MemoryKills, _ status: ProcessStatus = .signalled(9)) -> String? {
            guard case .failed(let reason, _) = meaning(status, before: before, after: after) else { return nil }
            return reason
        }
        let ofGroup = MemoryKills(ofGroup: 1, ofMachine: 4)
        let ofMachine = MemoryKills(ofGroup: 0, ofMachine: 4)
        #expect(reason(Self.quiet, ofGroup) == "killed by the kernel for memory")
        #expect(reason(Self.quiet, ofMachine) == "killed (SIGKILL) while the kernel was killing for memory")
        #expect(reason(Self.unread, Self.unread) == "killed (SIGKILL), possibly out of memory")
        #expect(
            reason(Self.quiet, ofGroup, .exited(137))
                == "exit code 137; a process of it was killed by the kernel for memory"
        )
        #expect(reason(Self.quiet, Self.quiet, .exited(137)) == "exit code 137")
        #expect(reason(Self.quiet, ofGroup, .signalled(11)) == "killed by signal SIGSEGV")
    }

    @Test func findsTheCountsOfBothKindsOfGroups() {
        let text = "4:memory:/batch/one\n3:cpuset:/\n0::/user.slice/x\n"
        #expect(
            MemoryKills.paths(ofGroups: text) == [
                "/sys/fs/cgroup/memory/batch/one/memory.oom_control",
                "/sys/fs/cgroup/user.slice/x/memory.events",
            ]
        )
        #expect(MemoryKills.paths(ofGroups: "0::/\nrubbish\n") == ["/sys/fs/cgroup/memory.events"])
        #expect(MemoryKills.count(in: "oom 3\noom_kill 2\noom_group_kill 0\n") == 2)
        #expect(MemoryKills.count(in: "low 0\n") == nil)
    }

    @Test(
        arguments: [
            (0, ProcessStatus.exited(0)), (3 << 8, .exited(3)), (255 << 8, .exited(255)), (9, .signalled(9)),
            (11 | 0x80, .signalled(11)),
        ] as [(Int32, ProcessStatus)])
    func readsTheStatusOfTheSystem(raw: Int32, status: ProcessStatus) {
        #expect(ProcessStatus(waitStatus: raw) == status)
    }
}

import Glibc
import Synchronization

/// How a process ended, as its system says it.
package enum ProcessStatus: Sendable, Hashable {
    case exited(Int32)
    case signalled(Int32)

    /// From what `waitpid` gives: the low seven bits are the signal, the next byte the exit code.
    package init(waitStatus: Int32) {
        let signal = waitStatus & 0x7F
        self = signal == 0 ? .exited((waitStatus >> 8) & 0xFF) : .signalled(signal)
    }
}

/// What is known when nothing of a child is left.
package struct ChildEnd: Sendable, Hashable {
    package let status: ProcessStatus
    /// Whether we told it to end before it did.
    package let stop: ChildPlan.Stop

    package init(status: ProcessStatus, stop: ChildPlan.Stop) {
        self.status = status
        self.stop = stop
    }
}

/// Where a child wrote to: one of its two outputs, or the channel that it was given.
package enum ChildStream: Sendable, Hashable, CaseIterable {
    case output, error, channel
}

/// A child of ours and its process group, from its start until nothing of it is left.
///
/// It has two threads of its own: one waits for the leader's end, the other reads the pipes and keeps the times of the
/// ``ChildPlan``. So a child is read, stopped and reaped however busy the rest of the program is, and one that writes
/// faster than its words are taken is held up by its own pipe.
package final class ChildProcess: Sendable {
    package let mark: ProcessMark
    private let output: OpenFile
    private let error: OpenFile
    private let channel: OpenFile?
    private let wake: Pipe
    private let state: Mutex<State>

    private struct State {
        var plan: ChildPlan
        var hasLeaderEnded = false
        var isReaped = false
    }

    /// What a child says goes to these, on the child's reading thread, one call after another; they may block.
    package struct Listener: Sendable {
        /// The first call, before anything is read, on the thread of whoever starts the child.
        package var started: @Sendable (ProcessMark) -> Void
        package var heard: @Sendable (ChildStream, [UInt8]) -> Void
        /// The last call. Nothing of the process group is left.
        package var ended: @Sendable (ChildEnd) -> Void

        package init(
            started: @escaping @Sendable (ProcessMark) -> Void = { _ in },
            heard: @escaping @Sendable (ChildStream, [UInt8]) -> Void,
            ended: @escaping @Sendable (ChildEnd) -> Void
        ) {
            self.started = started
            self.heard = heard
            self.ended = ended
        }
    }

    private static let readBytes = 65_536
    /// At the end what lies in the channel is read, and no more than it can hold: somebody may write for ever.
    private static let lastReadLimit = 16

    private init(_ child: SpawnedChild, channel: OpenFile?, plan: ChildPlan, wake: Pipe) {
        state = Mutex(State(plan: plan))
        // A child that has just been started can be looked up: until it is reaped its entry stays.
        mark = ProcessTable.entry(child.pid)?.mark ?? ProcessMark(pid: child.pid, startTicks: 0)
        output = child.output
        error = child.error
        self.channel = channel
        self.wake = wake
        // A full pipe has rung already.
        _ = fcntl(wake.write.descriptor, F_SETFL, O_NONBLOCK)
    }

    /// Starts the program. If this throws, nothing runs and `listener` hears of no end.
    ///
    /// - Parameters:
    ///   - channel: read beside the outputs. It comes to no end of its own, so nothing waits for one.
    ///   - plan: a new one; a test gives it times of its own.
    package static func start(
        _ command: ChildCommand, channel: OpenFile? = nil, plan: ChildPlan = ChildPlan(), listener: Listener
    ) throws(SystemError) -> ChildProcess {
        let wake = try Pipe()
        let child = ChildProcess(try ChildSpawn.start(command), channel: channel, plan: plan, wake: wake)
        listener.started(child.mark)
        do throws(SystemError) {
            try DetachedThread.start { child.awaitLeader() }
            try DetachedThread.start { child.follow(listener) }
        } catch {
            // The machine has no threads left. The waiting thread, if it came to be, only ever looks.
            Glibc.kill(-child.mark.pid, SIGKILL)
            var status: Int32 = 0
            unsafe waitpid(child.mark.pid, &status, 0)
            throw error
        }
        return child
    }

    /// Asks the group to end; it is killed after the grace.
    package func stop(graceMilliseconds: Int64) {
        act { $0.ask(graceMilliseconds: graceMilliseconds, now: Self.now) }
    }

    /// Ends the group now. The signal is sent when this returns.
    package func kill() {
        act { $0.kill(now: Self.now) }
    }

    /// Ends the group if it is still there after so long, without asking.
    package func killAfter(milliseconds: Int64) {
        act { $0.killLater(at: Self.now + milliseconds) }
    }

    private static var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Takes a decision and sends its signals at once; the reading thread does the rest.
    private func act(_ decide: (inout ChildPlan) -> [ChildPlan.Step]) {
        state.withLock { state in
            for step in decide(&state.plan) { signal(step, isReaped: state.isReaped) }
        }
        ring()
    }

    private func signal(_ step: ChildPlan.Step, isReaped: Bool) {
        guard !isReaped else { return }
        switch step {
        case .askToEnd:
            Glibc.kill(-mark.pid, SIGTERM)
            Glibc.kill(-mark.pid, SIGCONT)
        case .kill: Glibc.kill(-mark.pid, SIGKILL)
        case .finish: break
        }
    }

    private func ring() {
        var byte: UInt8 = 1
        _ = unsafe write(wake.write.descriptor, &byte, 1)
    }

    /// Sees the leader end without reaping it.
    private func awaitLeader() {
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(mark.pid), &information, WEXITED | WNOWAIT) != 0 {
            guard errno == EINTR else { break }
        }
        state.withLock { $0.hasLeaderEnded = true }
        ring()
    }

    private func follow(_ listener: Listener) {
        var open: [ChildStream: OpenFile] = [.output: output, .error: error]
        open[.channel] = channel
        var buffer = [UInt8](repeating: 0, count: Self.readBytes)
        repeat {
            waitForNews(open, deadline: state.withLock { $0.plan.deadline })
            for stream in ChildStream.allCases {
                guard let file = open[stream] else { continue }
                switch take(file, into: &buffer) {
                case .bytes(let count): listener.heard(stream, Array(buffer[..<count]))
                case .nothing: break
                case .end: open[stream] = nil
                }
            }
        } while !advance(isAtEnd: open[.output] == nil && open[.error] == nil)
        if let channel { finish(channel, listener, &buffer) }
        listener.ended(reap())
    }

    /// Whoever wrote on the channel did so before it ended, so all of it is there now.
    private func finish(_ channel: OpenFile, _ listener: Listener, _ buffer: inout [UInt8]) {
        for _ in 0..<Self.lastReadLimit {
            guard case .bytes(let count) = take(channel, into: &buffer) else { return }
            listener.heard(.channel, Array(buffer[..<count]))
        }
    }

    /// Tells the plan what has happened and does what it says. True when all is over.
    private func advance(isAtEnd: Bool) -> Bool {
        state.withLock { state in
            let now = Self.now
            var steps: [ChildPlan.Step] = []
            if isAtEnd { steps += state.plan.pipesClosed() }
            if state.hasLeaderEnded { steps += state.plan.leaderEnded(now: now) }
            steps += state.plan.due(now: now)
            for step in steps { signal(step, isReaped: state.isReaped) }
            return state.plan.isFinished
        }
    }

    private func reap() -> ChildEnd {
        state.withLock { state in
            var status: Int32 = 0
            while unsafe waitpid(mark.pid, &status, 0) < 0, errno == EINTR {}
            state.isReaped = true
            return ChildEnd(status: ProcessStatus(waitStatus: status), stop: state.plan.stop)
        }
    }

    private func waitForNews(_ open: [ChildStream: OpenFile], deadline: Int64?) {
        var entries = [pollfd(fd: wake.read.descriptor, events: Int16(POLLIN), revents: 0)]
        for file in open.values { entries.append(pollfd(fd: file.descriptor, events: Int16(POLLIN), revents: 0)) }
        let timeout = deadline.map { Int32(clamping: max(0, $0 - Self.now)) } ?? -1
        let count = unsafe poll(&entries, nfds_t(entries.count), timeout)
        guard count > 0, entries[0].revents != 0 else { return }
        var rung = [UInt8](repeating: 0, count: 64)
        while unsafe read(wake.read.descriptor, &rung, rung.count) == rung.count {}
    }

    private enum Taken { case bytes(Int), nothing, end }

    private func take(_ file: OpenFile, into buffer: inout [UInt8]) -> Taken {
        let count = unsafe read(file.descriptor, &buffer, buffer.count)
        if count == 0 { return .end }
        if count < 0 { return errno == EAGAIN || errno == EINTR ? .nothing : .end }
        return .bytes(count)
    }
}

package import Connectors
import Glibc
import Synchronization
package import Wire

/// Reports on their way to the server: on disk before they are sent, gone when the server has them on its own.
///
/// One session's, in order of their numbers. Written by the threads that read the children, read by the sender; calls
/// are short, and a sync of the disk is made outside the lock.
package final class Spool: Sendable {
    /// How dear a report is.
    package enum Weight: Sendable, Hashable {
        /// May be refused by a full disk.
        case light
        /// Must be kept: the start and the end of an attempt. The reserve is for these; where even that is gone they
        /// wait in memory.
        case essential
        /// The same, and it is on the disk when the call returns.
        case result
    }

    private struct State: Sendable {
        var segments: [SpoolSegment] = []
        /// Where the oldest report that is not acknowledged begins, in the first segment.
        var head = SpoolSegment.headBytes
        var nextNumber: Int64 = 1
        /// Reports that no disk would take, by number; all of them essential.
        var unwritten: [SpoolFrame] = []
        var reserve: OpenFile?
        var isDirty = false
    }

    package let folder: String
    private let policy: SpoolPolicy
    private let state: Mutex<State>
    /// Rings when there is something to send.
    let arrived = Bell()

    /// Begins the spool of a new session in an empty folder, or takes up one that was left in it.
    package init(folder: String, policy: SpoolPolicy) throws(SystemError) {
        self.folder = folder
        self.policy = policy
        try Files.makeFolder(folder, mode: 0o700)
        var state = State()
        for index in SpoolSegment.indices(in: folder) {
            guard let segment = try SpoolSegment.open(in: folder, index: index) else { continue }
            state.segments.append(segment)
        }
        state.nextNumber = try Self.lastNumber(of: state.segments) + 1
        self.state = Mutex(state)
        refillReserve()
    }

    private static func lastNumber(of segments: [SpoolSegment]) throws(SystemError) -> Int64 {
        var last: Int64 = 0
        for segment in segments {
            var position = SpoolSegment.headBytes
            while let frame = try segment.frame(at: position) {
                last = max(last, frame.number)
                position += Int64(frame.byteCount)
            }
        }
        return last
    }

    /// Everything was acknowledged.
    package var isEmpty: Bool {
        state.withLock { $0.unwritten.isEmpty && Self.usedBytes($0) == 0 }
    }

    /// What the disk and the limit allow now.
    package var pressure: SpoolPressure {
        policy.pressure(usedBytes: state.withLock { Self.usedBytes($0) }, freeBytes: Files.freeBytes(folder))
    }

    /// The bytes of reports that wait, and of acknowledged ones that still share a file with them.
    private static func usedBytes(_ state: State) -> Int64 {
        let all = state.segments.reduce(0) { $0 + $1.size - SpoolSegment.headBytes }
        return all - (state.head - SpoolSegment.headBytes)
    }

    /// Gives the report the next number and keeps it. `nil` where there was no room for it, which only a light one is
    /// told; the number is then given to the next.
    @discardableResult
    package func append(_ weight: Weight, _ make: (_ number: Int64) -> Report) -> Int64? {
        let (number, file) = state.withLock { state -> (Int64?, OpenFile?) in
            let number = state.nextNumber
            if weight == .light, Self.usedBytes(state) >= policy.limitBytes { return (nil, nil) }
            let frame = SpoolFrame(number: number, json: make(number).body)
            if !write(frame, weight, &state) {
                guard weight != .light else { return (nil, nil) }
                state.unwritten.append(frame)
            }
            state.nextNumber += 1
            state.isDirty = true
            return (number, weight == .result ? state.segments.last?.file : nil)
        }
        if number != nil { arrived.ring() }
        try? file?.synchronize()
        return number
    }

    private func write(_ frame: SpoolFrame, _ weight: Weight, _ state: inout State) -> Bool {
        do throws(SystemError) {
            try write(frame, &state)
            return true
        } catch {
            guard weight != .light, state.reserve != nil else { return false }
        }
        // The room that was kept for this.
        state.reserve = nil
        try? Files.remove(reservePath)
        return (try? write(frame, &state)) != nil
    }

    private func write(_ frame: SpoolFrame, _ state: inout State) throws(SystemError) {
        if state.segments.last.map({ $0.size >= SpoolSegment.limitBytes }) ?? true {
            let index = (state.segments.last?.index ?? 0) + 1
            do throws(SystemError) {
                state.segments.append(try SpoolSegment.create(in: folder, index: index))
            } catch {
                try? Files.remove(SpoolSegment.path(in: folder, index: index))
                throw error
            }
        }
        try state.segments[state.segments.count - 1].append(frame)
    }

    private var reservePath: String { "\(folder)/reserve" }

    /// Claims the reserve where it is missing and the disk has plenty again.
    package func refillReserve() {
        guard policy.reserveBytes > 0, state.withLock({ $0.reserve == nil }),
            let free = Files.freeBytes(folder), free > policy.reserveBytes * 2
        else { return }
        guard let file = try? OpenFile.open(reservePath, O_RDWR | O_CREAT),
            (try? file.reserve(policy.reserveBytes)) != nil
        else {
            try? Files.remove(reservePath)
            return
        }
        state.withLock { $0.reserve = file }
    }

    /// What was written since the last call is on the disk when this returns.
    package func synchronize() {
        let file = state.withLock { state -> OpenFile? in
            defer { state.isDirty = false }
            return state.isDirty ? state.segments.last?.file : nil
        }
        try? file?.synchronize()
    }
}

// MARK: - The way out

extension Spool {
    /// The oldest reports that are not acknowledged, in order, within both limits but at least one.
    package func next(countLimit: Int, bytesLimit: Int) -> [SpoolFrame] {
        state.withLock { state in
            var frames: [SpoolFrame] = []
            var bytes = 0
            var isFull: Bool { !frames.isEmpty && (frames.count >= countLimit || bytes >= bytesLimit) }
            var position = state.head
            // Few: those that found no room on the disk are as many as attempts that ended meanwhile.
            var unwritten = state.unwritten[...]
            for segment in state.segments where !isFull {
                while !isFull, let frame = try? segment.frame(at: position) {
                    while let earlier = unwritten.first, earlier.number < frame.number {
                        frames.append(earlier)
                        unwritten.removeFirst()
                    }
                    let isReplaced = unwritten.first?.number == frame.number
                    frames.append(isReplaced ? unwritten.removeFirst() : frame)
                    bytes += frame.byteCount
                    position += Int64(frame.byteCount)
                }
                if !isFull { position = SpoolSegment.headBytes }
            }
            if !isFull { frames += unwritten }
            return Array(frames.prefix(countLimit))
        }
    }

    /// The server has everything up to `number`: let go of it.
    package func acknowledge(upTo number: Int64) {
        state.withLock { state in
            state.unwritten.removeAll { $0.number <= number }
            while let segment = state.segments.first {
                while let frame = try? segment.frame(at: state.head), frame.number <= number {
                    state.head += Int64(frame.byteCount)
                }
                guard state.head >= segment.size else { return }
                state.head = SpoolSegment.headBytes
                if state.segments.count == 1 {
                    // If this fails the file begins with what was acknowledged, which the server passes over.
                    if (try? state.segments[0].empty()) == nil { state.head = segment.size }
                    return
                }
                try? Files.remove(SpoolSegment.path(in: folder, index: segment.index))
                state.segments.removeFirst()
            }
        }
    }

    /// Puts `frame` in the place of the report of its number, which the server will not take as it is.
    package func replace(_ frame: SpoolFrame) {
        state.withLock { state in
            state.unwritten.removeAll { $0.number == frame.number }
            let place = state.unwritten.firstIndex { $0.number > frame.number } ?? state.unwritten.endIndex
            state.unwritten.insert(frame, at: place)
        }
    }
}

package import Connectors
package import Domain
import Glibc
import Wire

/// Where an agent keeps what must outlive it: the machine's id, the names of its workers, what they have not delivered.
///
///     machine-id                      made once, the same for every worker of this machine
///     names/NAME.lock                 held by the worker of that name as long as it lives
///     names/NAME.d/holder             who held it last: gone after a clean stop
///     names/NAME.d/children           its child processes
///     names/NAME.d/sessions/KEY/      a session's id and token, and its spool
package struct StateFolder: Sendable {
    package let path: String

    /// Makes the folder where it is missing, for our user alone.
    package init(_ path: String) throws(AgentError) {
        self.path = path
        do throws(SystemError) {
            try Files.makeFolder("\(path)/names", mode: 0o700)
        } catch {
            throw .state(error)
        }
    }

    private var machineIDPath: String { "\(path)/machine-id" }

    /// The machine's id. Of several workers that start for the first time side by side one makes it, all have it.
    package func machineID() throws(AgentError) -> MachineID {
        if Files.status(machineIDPath) == nil {
            do throws(SystemError) {
                try makeMachineID()
            } catch {
                throw .state(error)
            }
        }
        guard let text = Files.text(machineIDPath, limitBytes: 1_024)?.trimmingSpaces, RandomID.isOne(text) else {
            throw .damagedMachineID(path: machineIDPath)
        }
        return MachineID(text)
    }

    /// Written whole beside its place and then linked there, which fails where another was quicker.
    private func makeMachineID() throws(SystemError) {
        let temporary = "\(machineIDPath).\(getpid()).\(RandomID.make())"
        defer { unsafe unlink(temporary) }
        let file = try OpenFile.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
        try file.write(Array("\(RandomID.make())\n".utf8), at: 0)
        try file.synchronize()
        guard unsafe link(temporary, machineIDPath) == 0 || errno == EEXIST else {
            throw SystemError("making", machineIDPath)
        }
        try Files.synchronizeFolder(above: machineIDPath)
    }

    /// Takes a name for the life of this process: `wanted`, or the first free one of `HOSTNAME`, `HOSTNAME-2` …
    ///
    /// - Parameter passingOver: names that are free, but not to be had (see ``Leftovers``).
    package func takeName(
        wanted: String?, hostname: String, passingOver: Set<String> = []
    ) throws(AgentError) -> HeldName {
        if let wanted {
            guard let held = try take(wanted) else { throw .nameTaken(wanted) }
            return held
        }
        for number in 1...Self.nameLimit {
            let name = number == 1 ? hostname : "\(hostname)-\(number)"
            if !passingOver.contains(name), let held = try take(name) { return held }
        }
        throw .nameTaken(hostname)
    }

    private func take(_ name: String) throws(AgentError) -> HeldName? {
        do throws(SystemError) {
            return try HeldName(name, in: "\(path)/names")
        } catch {
            throw .state(error)
        }
    }

    /// More workers side by side than any machine has.
    private static let nameLimit = 10_000
}

/// A name that this process holds, and the folder that comes with it. The lock ends with the process, however it ends.
package final class HeldName: Sendable {
    package let name: String
    package let folder: String
    private let lock: OpenFile

    /// `nil` where another process holds it. The file of a lock is never removed: two processes could then hold one
    /// name.
    fileprivate init?(_ name: String, in names: String) throws(SystemError) {
        let file = "\(names)/\(APIPath.escape(name))"
        let lock = try OpenFile.open("\(file).lock", O_RDWR | O_CREAT)
        guard try lock.tryLock() else { return nil }
        self.name = name
        self.lock = lock
        folder = "\(file).d"
        try Files.makeFolder("\(folder)/sessions", mode: 0o700)
    }

    package var childrenPath: String { "\(folder)/children" }
    private var holderPath: String { "\(folder)/holder" }

    /// Whether the last holder left without saying goodbye. It is dead: we have its lock.
    package var hasDeadHolder: Bool { Files.status(holderPath) != nil }

    /// From here on whoever takes this name after us knows that we were here.
    package func noteHolder(processKey: String) throws(SystemError) {
        try Files.replace(holderPath, with: Array("\(getpid()) \(processKey)\n".utf8))
    }

    /// We leave nothing behind.
    package func noteCleanEnd() throws(SystemError) {
        try Files.remove(holderPath)
    }

    /// The folders of sessions of this name that are not wholly delivered, the oldest first.
    package func sessionFolders() -> [String] {
        Files.list("\(folder)/sessions").map { "\(folder)/sessions/\($0)" }
            .sorted { Files.status($0)?.changedAt ?? [] < Files.status($1)?.changedAt ?? [] }
    }

    package func sessionFolder(processKey: String) -> String { "\(folder)/sessions/\(processKey)" }
}

extension [Int] {
    fileprivate static func < (left: [Int], right: [Int]) -> Bool { left.lexicographicallyPrecedes(right) }
}

/// Random names of 122 bits in the usual spelling.
package enum RandomID {
    package static func make() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        var text = ""
        for (position, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(position) { text += "-" }
            text += String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        return text
    }

    package static func isOne(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12] && parts.joined().allSatisfy { $0.isHexDigit && $0.isASCII }
    }
}

import Glibc

/// beanstalkd, where it is installed: a lean work queue in C, told to sync its log before every answer, so that it
/// promises what we promise. Measured in turns with our own rounds, it says how fast this machine is today.
final class YardstickProcess: LoadedServer {
    let port: UInt16
    private let processID: pid_t
    private let folder: String

    private static let places = ["/usr/bin/beanstalkd", "/usr/local/bin/beanstalkd", "/opt/homebrew/bin/beanstalkd"]
    private static let startMilliseconds = 5_000

    /// `nil` where it is not installed.
    ///
    /// - Parameter folder: removed and made anew, and removed at the end.
    static func start(folder: String) throws -> YardstickProcess? {
        guard let binary = places.first(where: { unsafe access($0, X_OK) == 0 }) else { return nil }
        return try YardstickProcess(binary: binary, folder: folder)
    }

    private init(binary: String, folder: String) throws {
        self.folder = folder
        try Files.removeTree(folder)
        try Files.makeFolder(folder)
        port = try Socket.freePort()
        processID = try ChildProcess.spawn(
            [binary, "-l", "127.0.0.1", "-p", "\(port)", "-b", folder, "-f", "0"], log: folder + "/server.log"
        )
        let deadline = Clock.now() + UInt64(Self.startMilliseconds) * 1_000_000
        while (try? Connection(port: port)) == nil {
            guard Clock.now() < deadline else {
                stop()
                let words = Files.text(folder + "/server.log") ?? "it said nothing"
                throw BenchError("beanstalkd did not start: \(words).")
            }
            Clock.pause(milliseconds: 20)
        }
    }

    func stop() {
        ChildProcess.stop(processID)
        try? Files.removeTree(folder)
    }

    func computedNanoseconds() -> UInt64 { ProcessFacts.computedNanoseconds(of: "\(processID)") }
}

/// Its protocol: one line a command, one line an answer, and a body after some.
private enum Yardstick {
    static let end = Array("\r\n".utf8)

    /// The position behind the first line.
    static func lineEnd(_ bytes: [UInt8], count: Int) -> Int? {
        guard count >= 2 else { return nil }
        for position in 1..<count where bytes[position] == 10 && bytes[position - 1] == 13 { return position + 1 }
        return nil
    }

    static func begins(_ bytes: [UInt8], with word: StaticString) -> Bool {
        Bytes.after(word, bytes, 0..<min(bytes.count, word.utf8CodeUnitCount)) != nil
    }
}

/// Puts one job after the other.
struct YardstickPuts: Workload {
    private let request: [UInt8]
    /// How many are still to be put.
    private var left: Int

    init(count: Int = .max) {
        let job = #"{"phantom":"sphere","frequency":5800,"direction":[0,1]}"#
        request = Array("put 0 0 600 \(job.utf8.count)\r\n\(job)\r\n".utf8)
        left = count
    }

    mutating func write(_ client: Int, isClosing: Bool, to request: inout [UInt8]) throws -> Bool {
        guard !isClosing, left > 0 else { return false }
        left -= 1
        request += self.request
        return true
    }

    func reply(in bytes: [UInt8], count: Int) throws -> Reply? {
        guard let end = Yardstick.lineEnd(bytes, count: count) else { return nil }
        return Reply(status: Yardstick.begins(bytes, with: "INSERTED") ? 200 : 500, body: 0..<end)
    }

    func take(_ client: Int, _ reply: Reply, _ bytes: [UInt8]) throws -> Int {
        guard reply.status == 200 else { throw BenchError.refused("beanstalkd's put", reply, bytes) }
        return 1
    }
}

/// Each client reserves a job and deletes it: what claiming and completing is there.
struct YardstickCycles: Workload {
    private var held: [[UInt8]]

    init(clientCount: Int) {
        held = Array(repeating: [], count: clientCount)
    }

    mutating func write(_ client: Int, isClosing: Bool, to request: inout [UInt8]) throws -> Bool {
        if held[client].isEmpty {
            if isClosing { return false }
            request += Array("reserve\r\n".utf8)
        } else {
            request += Array("delete ".utf8) + held[client] + Yardstick.end
        }
        return true
    }

    func reply(in bytes: [UInt8], count: Int) throws -> Reply? {
        guard let line = Yardstick.lineEnd(bytes, count: count) else { return nil }
        guard Yardstick.begins(bytes, with: "RESERVED ") else {
            return Reply(status: Yardstick.begins(bytes, with: "DELETED") ? 200 : 500, body: 0..<line)
        }
        let space = 9 + Bytes.untilSpace(bytes, from: 9).count
        guard let length = Bytes.number(bytes, from: space) else { return Reply(status: 500, body: 0..<line) }
        return count < line + length + 2 ? nil : Reply(status: 201, body: 0..<line + length + 2)
    }

    mutating func take(_ client: Int, _ reply: Reply, _ bytes: [UInt8]) throws -> Int {
        switch reply.status {
        case 201:
            held[client] = Array(bytes[Bytes.untilSpace(bytes, from: 9)])
            return 0
        case 200:
            held[client].removeAll(keepingCapacity: true)
            return 1
        default: throw BenchError.refused("beanstalkd's reserve or delete", reply, bytes)
        }
    }
}

extension YardstickProcess {
    /// Puts so many jobs.
    func put(_ count: Int) throws {
        var puts = YardstickPuts(count: count)
        _ = try ClosedLoop(server: self, clientCount: 16).run(&puts)
    }
}

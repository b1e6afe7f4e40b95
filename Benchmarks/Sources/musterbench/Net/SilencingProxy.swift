import Glibc
import Synchronization

/// Stands between a server and PostgreSQL and passes everything on except what `NOTIFY` sends: what the server behind
/// it hears of others, it has looked for.
///
/// It listens on a socket in a folder of its own, in a thread of its own, and is gone with `stop`.
final class SilencingProxy {
    /// What a server is told as the host.
    let folder: String
    private let socket: String
    private let relay: Relay
    private var thread: pthread_t

    init(to address: PostgresAddress) throws {
        folder = try Files.makeTemporaryFolder()
        socket = address.socket(in: folder)
        do {
            relay = Relay(listener: try Socket.listen(path: socket), target: address.socket)
        } catch {
            try? Files.removeTree(folder)
            throw error
        }
        thread = 0
        let context = unsafe Unmanaged.passRetained(relay).toOpaque()
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Relay>.fromOpaque(context).takeRetainedValue().serve()
                return nil
            }, context
        )
        guard code == 0 else {
            try? Files.removeTree(folder)
            throw BenchError("A thread can't be started: \(unsafe String(cString: strerror(code))).")
        }
    }

    /// How many notifications it has kept back so far.
    var silencedCount: Int { relay.silencedCount.load(ordering: .relaxed) }

    /// To be called once, after the server behind it has ended.
    func stop() {
        relay.isEnding.store(true, ordering: .relaxed)
        pthread_join(thread, nil)
        try? Files.removeTree(folder)
    }
}

/// All connections of the proxy, on one thread.
private final class Relay {
    let isEnding = Atomic<Bool>(false)
    let silencedCount = Atomic<Int>(0)

    private let listener: Int32
    private let target: String
    private var pairs: [Pair] = []

    private static let lookMilliseconds: Int32 = 50

    init(listener: Int32, target: String) {
        self.listener = listener
        self.target = target
    }

    deinit { close(listener) }

    func serve() {
        while !isEnding.load(ordering: .relaxed) {
            var entries = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
            for pair in pairs { entries += pair.entries }
            guard unsafe poll(&entries, nfds_t(entries.count), Self.lookMilliseconds) > 0 else { continue }
            for pair in pairs { silencedCount.add(pair.move(), ordering: .relaxed) }
            pairs.removeAll(where: \.isOver)
            if entries[0].revents != 0 { accept() }
        }
    }

    private func accept() {
        let client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { return }
        guard fcntl(client, F_SETFD, FD_CLOEXEC) == 0, fcntl(client, F_SETFL, O_NONBLOCK) == 0,
            let server = try? Socket.connect(path: target)
        else {
            close(client)
            return
        }
        _ = fcntl(server, F_SETFL, O_NONBLOCK)
        pairs.append(Pair(client: client, server: server))
    }
}

/// One connection of the server and what it became towards PostgreSQL.
private final class Pair {
    private var toServer: Lane
    private var toClient: Lane
    private var sieve = NotificationSieve()

    init(client: Int32, server: Int32) {
        toServer = Lane(source: client, sink: server)
        toClient = Lane(source: server, sink: client)
    }

    deinit {
        close(toServer.source)
        close(toServer.sink)
    }

    /// One of them has ended its side, and all that it said is told.
    var isOver: Bool { toServer.isOver || toClient.isOver }

    /// What to wait for.
    var entries: [pollfd] {
        [
            pollfd(fd: toServer.source, events: toServer.readEvents | toClient.writeEvents, revents: 0),
            pollfd(fd: toServer.sink, events: toClient.readEvents | toServer.writeEvents, revents: 0),
        ]
    }

    /// Passes on what can be; returns how many notifications were among it.
    func move() -> Int {
        let before = sieve.silencedCount
        toServer.move { $1 += $0 }
        toClient.move { sieve.pass($0, to: &$1) }
        return sieve.silencedCount - before
    }
}

/// One direction of a pair.
private struct Lane {
    let source: Int32
    let sink: Int32
    private var waiting: [UInt8] = []
    private var hasEnded = false
    private var isBroken = false

    /// With so much not yet taken by the sink, the source has to wait.
    private static let highestCount = 1 << 20

    init(source: Int32, sink: Int32) {
        self.source = source
        self.sink = sink
    }

    var isOver: Bool { isBroken || hasEnded && waiting.isEmpty }
    var readEvents: Int16 { hasEnded || waiting.count >= Self.highestCount ? 0 : Int16(POLLIN) }
    var writeEvents: Int16 { waiting.isEmpty ? 0 : Int16(POLLOUT) }

    mutating func move(_ pass: (ArraySlice<UInt8>, inout [UInt8]) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !hasEnded, waiting.count < Self.highestCount {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(source, $0.baseAddress, $0.count, 0) }
            guard count > 0 else {
                if count == 0 || errno != EAGAIN && errno != EINTR { hasEnded = true }
                break
            }
            pass(buffer[..<count], &waiting)
        }
        while !waiting.isEmpty {
            let count = unsafe waiting.withUnsafeBytes {
                unsafe send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                if errno != EAGAIN && errno != EINTR { isBroken = true }
                return
            }
            waiting.removeFirst(count)
        }
    }
}

/// Takes the notifications out of what PostgreSQL sends: messages of a type in one byte, and a length in four that
/// counts itself, in whatever pieces they come.
private struct NotificationSieve {
    private(set) var silencedCount = 0
    private var head: [UInt8] = []
    private var left = 0
    private var isSilenced = false

    private static let notification = UInt8(ascii: "A")
    private static let headCount = 5

    mutating func pass(_ bytes: ArraySlice<UInt8>, to sink: inout [UInt8]) {
        var rest = bytes
        while !rest.isEmpty {
            if left == 0 {
                let piece = rest.prefix(Self.headCount - head.count)
                head += piece
                rest = rest.dropFirst(piece.count)
                guard head.count == Self.headCount else { return }
                left = Bytes.big(head[1...]) - 4
                isSilenced = head[0] == Self.notification
                if isSilenced { silencedCount += 1 } else { sink += head }
                head.removeAll(keepingCapacity: true)
            }
            let piece = rest.prefix(left)
            if !isSilenced { sink += piece }
            left -= piece.count
            rest = rest.dropFirst(piece.count)
        }
    }
}

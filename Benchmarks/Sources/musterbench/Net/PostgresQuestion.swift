import Glibc

/// A connection to PostgreSQL for a question now and then, in its own protocol: for what no server of ours tells.
final class PostgresQuestion {
    /// 3.0, as two numbers of 16 bits.
    private static let protocolVersion: UInt32 = 3 << 16

    private let descriptor: Int32

    /// Comes in without a password, or not at all.
    init(_ address: PostgresAddress) throws {
        descriptor = try Socket.connect(path: address.socket)
        var words: [UInt8] = Bytes.big(Self.protocolVersion)
        for word in ["user", address.user, "database", address.database] { words += Array(word.utf8) + [0] }
        try send(nil, words + [0])
        while true {
            let message = try receive()
            switch message.type {
            // Authentication: nothing but "you are in" is understood.
            case UInt8(ascii: "R"):
                guard message.body.allSatisfy({ $0 == 0 }) else {
                    throw BenchError("PostgreSQL asks for a password, which is not understood here.")
                }
            case UInt8(ascii: "Z"): return
            default: continue
            }
        }
    }

    deinit { close(descriptor) }

    /// How many transactions have been given a number so far, in all databases of this PostgreSQL: those that write,
    /// and no others. Asking takes none.
    func writeTransactions() throws -> UInt64 {
        let text = try ask("SELECT pg_snapshot_xmax(pg_current_snapshot())")
        guard let number = UInt64(text) else { throw BenchError("PostgreSQL told no number but \(text).") }
        return number
    }

    /// The first field of the first row.
    private func ask(_ statement: String) throws -> String {
        try send(UInt8(ascii: "Q"), Array(statement.utf8) + [0])
        var answer: String?
        while true {
            let message = try receive()
            switch message.type {
            // A row: how many fields in two bytes, then each with its length in four.
            case UInt8(ascii: "D"):
                if answer == nil { answer = String(decoding: message.body.dropFirst(6), as: UTF8.self) }
            case UInt8(ascii: "Z"):
                guard let answer else { throw BenchError("PostgreSQL has no answer to: \(statement)") }
                return answer
            default: continue
            }
        }
    }

    /// - Parameter type: none for the very first message.
    private func send(_ type: UInt8?, _ body: [UInt8]) throws {
        let bytes = (type.map { [$0] } ?? []) + Bytes.big(UInt32(body.count + 4)) + body
        let count = unsafe bytes.withUnsafeBytes { bytes in
            unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
        guard count == bytes.count else { throw BenchError("PostgreSQL can't be asked: \(Socket.reason()).") }
    }

    private func receive() throws -> (type: UInt8, body: [UInt8]) {
        let head = try receive(5)
        let message = (type: head[0], body: try receive(Bytes.big(head[1...]) - 4))
        guard message.type != UInt8(ascii: "E") else {
            let words = message.body.split(separator: 0).map { String(decoding: $0.dropFirst(), as: UTF8.self) }
            throw BenchError("PostgreSQL refuses: \(words.joined(separator: ", ")).")
        }
        return message
    }

    private func receive(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(count, 0))
        var filled = 0
        while filled < count {
            let more = unsafe bytes.withUnsafeMutableBytes { bytes in
                unsafe recv(descriptor, bytes.baseAddress?.advanced(by: filled), bytes.count - filled, 0)
            }
            guard more > 0 else { throw BenchError("PostgreSQL has ended the connection.") }
            filled += more
        }
        return bytes
    }
}

extension Bytes {
    /// Four bytes, the highest first.
    static func big(_ number: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }

    /// The number that such bytes are.
    static func big(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}

import Dispatch
import Foundation
import Storage
import StoragePostgres
import TestKit
import Testing

/// A host that takes the call and then says nothing, as one that is frozen does, is given up in one line.
@Suite(.timeLimit(.minutes(10))) struct ConnectTimeTests {
    /// In a process of its own, since its environment belongs to all that runs in it.
    @Test func aHostThatSaysNothingIsGivenUpAfterTheSecondsThatWereSaid() async throws {
        await #expect(processExitsWith: .success) {
            // An hour, where nobody has said less.
            var patient = PostgresLimits()
            patient.connectSeconds = 3_600
            var brief = PostgresLimits()
            brief.connectSeconds = 2
            try ConnectTimeTests.expectGivenUp(brief)
            try ConnectTimeTests.expectGivenUp(patient, words: "&connect_timeout=2")
            unsafe setenv("PGCONNECT_TIMEOUT", "2", 1)
            try ConnectTimeTests.expectGivenUp(patient)
        }
    }

    private static func expectGivenUp(_ limits: PostgresLimits, words: String = "") throws {
        let port = try silentPort()
        let url = "postgres://muster:secret@127.0.0.1:\(port)/postgres?sslmode=disable&gssencmode=disable\(words)"
        let target = PostgresTarget(url: url)
        let error = #expect(throws: StoreError.self) { _ = try PostgresDriver(target, limits: limits) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.hasPrefix("The database at \(target.shownURL) does not answer: ") == true)
        // Whoever waits for longer is told that the server closed the connection.
        #expect(error?.message.hasSuffix("timeout expired. Is the server running?") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("\n") == false)
        #expect(error?.message.contains("secret") == false)
    }

    /// The port of a listener that lets one caller in, hears it and answers nothing. After a minute without a word of
    /// the caller it hangs up.
    private static func silentPort() throws -> Int {
        let (descriptor, port) = try Loopback.boundSocket()
        try #require(listen(descriptor, 1) == 0)
        DispatchQueue.global().async { hear(descriptor) }
        return port
    }

    private static func hear(_ descriptor: Int32) {
        let caller = accept(descriptor, nil, nil)
        close(descriptor)
        guard caller >= 0 else { return }
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        unsafe setsockopt(caller, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var heard = [UInt8](repeating: 0, count: 4_096)
        while unsafe recv(caller, &heard, heard.count, 0) > 0 {}
        close(caller)
    }
}

import Domain
import Foundation
import Storage
import StoragePostgres
import StorageSQLite
import TestKit
import Testing

@testable import muster

/// Where the doctor draws the line, over what a real database said, with one figure changed.
@Suite("What the doctor decides of a database's figures", .timeLimit(.minutes(3)))
struct DatabaseDecisionTests {
    private static let target = PostgresTarget(url: "postgres://db/muster")
    private static let now = Instant(milliseconds: 1_772_366_407_000)

    /// - Returns: what is said under that name of a database in which nothing is wrong but the change.
    private static func finding(
        _ name: String, asked: Instant = now, answered: Instant = now, _ change: (inout PostgresHealth) -> Void
    ) throws -> Finding? {
        var health = try PostgresHealth.look(try TemporaryPostgres.shared().newTarget())
        health.clockMilliseconds = now.milliseconds
        health.longestTransactionSeconds = 0
        change(&health)
        return DatabaseChecks.findings(of: health, target, asked: asked, answered: answered)
            .first { $0.name == name }
    }

    @Test("A transaction may be open for a minute", arguments: [(0, true), (60, true), (61, false), (90_000, false)])
    func transactions(seconds: Int64, isWell: Bool) throws {
        let finding = try #require(try Self.finding("transactions") { $0.longestTransactionSeconds = seconds })
        #expect(finding.level == (isWell ? .ok : .warn))
        #expect(finding.detail == "The longest transaction runs for \(seconds) s.")
        #expect(finding.next?.contains("pg_stat_activity") == (isWell ? nil : true))
    }

    @Test("A role that does not see the others' transactions does not speak of them")
    func hiddenTransactions() throws {
        let finding = try Self.finding("transactions") { $0.seesOthersTransactions = false }
        #expect(finding?.detail.hasSuffix("those of others are hidden from it.") == true)
    }

    @Test("A standby is told before what it may not write")
    func standby() throws {
        let finding = try Self.finding("rights") {
            $0.isStandby = true
            $0.mayWrite = false
        }
        #expect(finding?.level == .fail)
        #expect(finding?.detail == "This server is a standby and takes no writes.")
        #expect(finding?.next == "name the primary, or add target_session_attrs=read-write to the URL")
    }

    @Test(
        "Clocks may differ by a second, and the time that the answer took is no difference",
        arguments: [
            (0, 0, 0, true), (-1_000, 0, 0, true), (-1_001, 0, 0, false), (1_000, 0, 0, true), (1_001, 0, 0, false),
            // Asked ten seconds before, answered twenty after.
            (0, -10_000, 20_000, true), (-11_000, -10_000, 20_000, true), (-11_001, -10_000, 20_000, false),
            (21_000, -10_000, 20_000, true), (21_001, -10_000, 20_000, false),
        ] as [(Int64, Int64, Int64, Bool)]
    )
    func clock(ahead: Int64, asked: Int64, answered: Int64, isWell: Bool) throws {
        let finding = try #require(
            try Self.finding(
                "clock of the database", asked: Self.now.adding(milliseconds: asked),
                answered: Self.now.adding(milliseconds: answered)
            ) { $0.clockMilliseconds += ahead }
        )
        #expect(finding.level == (isWell ? .ok : .warn), "\(finding.detail)")
        #expect(finding.next?.contains("timedatectl") == (isWell ? nil : true))
    }

    @Test("A WAL may hold 256 MB", arguments: [(0, true), (268_435_456, true), (268_435_457, false)])
    func wal(bytes: Int64, isWell: Bool) async throws {
        try await withTemporaryFolder { folder in
            let url = URL(fileURLWithPath: folder)
            let test = try await TestStore.open(folder: url, clock: ManualClock())
            await test.store.close()
            var health = try #require(try SQLiteHealth.look(url))
            health.unmergedBytes = bytes
            let finding = DatabaseChecks.findings(of: health, folder: folder).first { $0.name == "WAL" }
            #expect(finding?.level == (isWell ? .ok : .warn))
            #expect(finding?.next?.contains("restart the server") == (isWell ? nil : true))
        }
    }

    @Test("What is not merged of a database in use is read from it, and warned of past the limit")
    func walInUse() async throws {
        try await withTemporaryFolder { folder in
            func finding(limit: Int64) -> Finding? {
                DatabaseChecks.findings(folder: folder, unmergedLimitBytes: limit).first { $0.name == "WAL" }
            }
            let test = try await TestStore.open(folder: URL(fileURLWithPath: folder), clock: ManualClock())
            try await test.submit(10)
            #expect(finding(limit: 4_096)?.level == .warn)
            #expect(finding(limit: DatabaseChecks.unmergedLimitBytes)?.level == .ok)
            await test.store.close()
            #expect(finding(limit: 0)?.level == .ok)
        }
    }
}

import Domain
import Foundation
import Storage
import StorageSQLite
import TestKit
import Testing

@Suite struct MigrationTests {
    private func inFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("muster-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    private func change(_ folder: URL, _ statement: Statement) async throws {
        let test = try await TestStore.open(folder: folder, clock: ManualClock())
        _ = try await test.store.write { try $0.run(statement, []) }
        await test.store.close()
    }

    private func openingError(_ folder: URL) async -> StoreError? {
        do {
            let test = try await TestStore.open(folder: folder, clock: ManualClock())
            await test.store.close()
            return nil
        } catch {
            return error as? StoreError
        }
    }

    @Test func aDatabaseIsOpenedAgainAsItWas() async throws {
        try await inFolder { folder in
            let first = try await TestStore.open(folder: folder, clock: ManualClock())
            let jobs = try await first.submit(2)
            let epoch = first.store.epoch
            await first.store.close()
            let second = try await TestStore.open(folder: folder, clock: ManualClock())
            #expect(second.store.epoch == epoch)
            #expect(second.store.urlSecret == first.store.urlSecret)
            #expect(try await second.job(jobs[1]) != nil)
            await second.store.close()
        }
    }

    @Test func aDatabaseOfANewerProgramIsRefused() async throws {
        try await inFolder { folder in
            try await change(
                folder,
                Statement(
                    "test.newer",
                    "INSERT INTO migration (number, name, checksum, applied_at) VALUES (99, 'later', 'x', 0)"
                )
            )
            let error = await openingError(folder)
            #expect(error?.code == .incompatible)
            #expect(error?.message.contains("99") == true)
        }
    }

    @Test func aStepThatWasChangedIsRefused() async throws {
        try await inFolder { folder in
            try await change(
                folder, Statement("test.changed", "UPDATE migration SET checksum = 'x' WHERE number = 1")
            )
            #expect(await openingError(folder)?.code == .incompatible)
        }
    }

    @Test func aFileThatIsNoDatabaseIsRefusedAndLeftAlone() async throws {
        try await inFolder { folder in
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let file = folder.appendingPathComponent("muster.sqlite")
            let text = Data(String(repeating: "a letter to a friend\n", count: 500).utf8)
            try text.write(to: file)
            #expect(await openingError(folder)?.code == .incompatible)
            #expect(try Data(contentsOf: file) == text)
        }
    }

    @Test func aFolderInUseIsRefusedUntilItIsFree() async throws {
        try await inFolder { folder in
            let first = try await TestStore.open(folder: folder, clock: ManualClock())
            let error = await openingError(folder)
            #expect(error?.code == .inUse)
            #expect(error?.message.contains("pid") == true)
            await first.store.close()
            #expect(await openingError(folder) == nil)
        }
    }

    @Test func aStepThatFailsLeavesNothingOfItself() async throws {
        try await inFolder { folder in
            let driver = try SQLiteDriver(folder: folder)
            let broken = [
                Migration(
                    number: 1, name: "half", script: "CREATE TABLE one (id @int) @table; CREATE TABLE one (id @int);"
                )
            ]
            let whole = [Migration(number: 1, name: "whole", script: "CREATE TABLE one (id @int) @table;")]
            func migrate(_ migrations: [Migration]) async throws {
                try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                    driver.withWriter { connection in
                        continuation.resume(
                            with: Result {
                                try Migrator.migrate(
                                    connection, dialect: .sqlite, migrations: migrations,
                                    now: Instant(milliseconds: 0)
                                )
                            }
                        )
                    }
                }
            }
            await #expect(throws: StoreError.self) { try await migrate(broken) }
            try await migrate(whole)
            try await migrate(whole)
            await driver.close()
        }
    }

    @Test func theNumbersOfTheStepsAreInOrderAndGivenOnce() {
        #expect(Migration.all.map(\.number) == Array(1...Migration.all.count))
    }
}

import Domain
import Foundation
import Storage
import TestKit
import Testing

@Suite(.timeLimit(.minutes(3))) struct MigrationTests {
    private static let numbers = Statement("test.numbers", "SELECT number FROM migration ORDER BY number")
    private static let add99 = Statement(
        "test.add_99", "INSERT INTO migration (number, name, checksum, applied_at) VALUES (99, 'later', 'x', 0)"
    )
    private static let drop99 = Statement("test.drop_99", "DELETE FROM migration WHERE number = 99")
    private static let change = Statement("test.change", "UPDATE migration SET checksum = $1 WHERE number = 1")

    private func inPlace(_ engine: Engine, _ body: (TestPlace) async throws -> Void) async throws {
        let place = try TestPlace(engine)
        defer { place.remove() }
        try await body(place)
    }

    /// Does something with the connection that writes, of a driver of its own.
    @discardableResult
    private func onWriter<Value: Sendable>(
        _ place: TestPlace, _ body: @escaping @Sendable (any WriteConnection, Dialect) throws -> Value
    ) async throws -> Value {
        let driver = try place.makeDriver()
        let result = await withCheckedContinuation { continuation in
            driver.withWriter { connection in
                continuation.resume(returning: Result { try body(connection, driver.dialect) })
            }
        }
        await driver.close()
        return try result.get()
    }

    private func run(_ place: TestPlace, _ statement: Statement, _ values: [SQLValue] = []) async throws {
        try await onWriter(place) { connection, _ in
            try connection.begin(.careful)
            try connection.run(statement, values)
            try connection.commit()
        }
    }

    private func openingError(_ place: TestPlace) async -> StoreError? {
        do {
            let test = try await TestStore.open(place, clock: ManualClock())
            await test.store.close()
            return nil
        } catch {
            return error as? StoreError
        }
    }

    @Test(arguments: Engine.all) func aDatabaseIsOpenedAgainAsItWas(engine: Engine) async throws {
        try await inPlace(engine) { place in
            let first = try await TestStore.open(place, clock: ManualClock())
            let jobs = try await first.submit(2)
            let epoch = first.store.epoch
            await first.store.close()
            let second = try await TestStore.open(place, clock: ManualClock())
            #expect(second.store.epoch == epoch)
            #expect(second.store.urlSecret == first.store.urlSecret)
            #expect(try await second.job(jobs[1]) != nil)
            await second.store.close()
        }
    }

    @Test(arguments: Engine.all) func aDatabaseOfANewerProgramIsRefused(engine: Engine) async throws {
        try await inPlace(engine) { place in
            #expect(await openingError(place) == nil)
            try await run(place, Self.add99)
            let error = await openingError(place)
            #expect(error?.code == .incompatible)
            #expect(error?.message.contains("99") == true)
            try await run(place, Self.drop99)
            #expect(await openingError(place) == nil)
        }
    }

    @Test(arguments: Engine.all) func aStepThatWasChangedIsRefused(engine: Engine) async throws {
        try await inPlace(engine) { place in
            #expect(await openingError(place) == nil)
            try await run(place, Self.change, [.text("x")])
            let error = await openingError(place)
            #expect(error?.code == .incompatible)
            #expect(error?.message.hasPrefix("Schema step 1 (") == true)
            #expect(error?.message.contains("\n") == false)
            // The checksum is of the text before it is an engine's own.
            try await run(place, Self.change, [.text(try #require(Migration.all.first).checksum)])
            #expect(await openingError(place) == nil)
        }
    }

    @Test func aFileThatIsNoDatabaseIsRefusedAndLeftAlone() async throws {
        try await inPlace(.sqlite) { place in
            try FileManager.default.createDirectory(at: place.folder, withIntermediateDirectories: true)
            let file = place.folder.appendingPathComponent("muster.sqlite")
            let text = Data(String(repeating: "a letter to a friend\n", count: 500).utf8)
            try text.write(to: file)
            #expect(await openingError(place)?.code == .incompatible)
            #expect(try Data(contentsOf: file) == text)
        }
    }

    @Test func aFolderInUseIsRefusedUntilItIsFree() async throws {
        try await inPlace(.sqlite) { place in
            let first = try await TestStore.open(place, clock: ManualClock())
            let error = await openingError(place)
            #expect(error?.code == .inUse)
            #expect(error?.message.contains("pid") == true)
            await first.store.close()
            #expect(await openingError(place) == nil)
        }
    }

    @Test(arguments: Engine.all) func aStepThatFailsLeavesNothingOfItself(engine: Engine) async throws {
        try await inPlace(engine) { place in
            func migrate(_ migrations: [Migration]) async throws {
                try await onWriter(place) { connection, dialect in
                    try Migrator.migrate(
                        connection, dialect: dialect, migrations: migrations, now: Instant(milliseconds: 0)
                    )
                }
            }
            func numbers() async throws -> [Int] {
                try await onWriter(place) { connection, _ in
                    try connection.rows(Self.numbers, []).map { $0.int(0) }
                }
            }
            // Named as ours are: a schema with a stranger's tables is refused before the first step.
            let makeOne = "CREATE TABLE fact (id @int) @table;"
            let makeTwo = "CREATE TABLE sequence (id @int) @table;"
            let half = Migration(number: 1, name: "half", script: makeOne + makeOne)
            let one = Migration(number: 1, name: "one", script: makeOne)
            await #expect(throws: StoreError.self) { try await migrate([half]) }
            #expect(try await numbers().isEmpty)
            // What the second makes is made, and then it can't be recorded under a number that is taken.
            let again = Migration(number: 1, name: "again", script: makeTwo)
            await #expect {
                try await migrate([one, again])
            } throws: { ($0 as? StoreError)?.code == .constraint }
            #expect(try await numbers() == [1])
            let two = Migration(number: 2, name: "two", script: makeTwo)
            try await migrate([one, two])
            try await migrate([one, two])
            #expect(try await numbers() == [1, 2])
        }
    }

    @Test func theNumbersOfTheStepsAreInOrderAndGivenOnce() {
        #expect(Migration.all.map(\.number) == Array(1...Migration.all.count))
    }
}

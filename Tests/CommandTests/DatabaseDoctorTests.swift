import Foundation
import Storage
import StoragePostgres
import TestKit
import Testing

/// What the doctor says of a database, on either engine.
@Suite("The doctor and the database", .timeLimit(.minutes(15)))
struct DatabaseDoctorTests {
    @Test("PostgreSQL before and after the first start, and one that is not there")
    func postgres() async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        try await withTemporaryFolder { folder in
            func said() async -> String {
                let environment = ["HOME": folder, "MUSTER_DATABASE_SCHEMA": target.schema]
                let stage = Stage(environment: environment, folder: folder)
                _ = await stage.run("doctor", "--database", target.url)
                return stage.output
            }
            let before = await said()
            #expect(before.contains("PostgreSQL 1"))
            #expect(before.contains("\(target.schema) is made at the first start."))
            #expect(before.contains("The role muster may write in database postgres."))
            #expect(before.contains("The longest transaction runs for"))
            await (try await TestStore.open(TestPlace(target), clock: ManualClock())).store.close()
            #expect(await said().contains("\(target.schema), step 1 of 1, "))
            try server.execute("INSERT INTO \"\(target.schema)\".migration VALUES (99, 'later', 'x', 1)")
            #expect(await said().contains("\(target.schema) has step 99; this program knows up to 1."))
            let away = Stage(environment: ["HOME": folder], folder: folder)
            #expect(await away.run("doctor", "--database", "postgres://muster:secret@127.0.0.1:1/x") == 1)
            #expect(away.output.contains("fail  database"))
            #expect(away.output.contains("does not answer"))
            #expect(!away.output.contains("secret"))
        }
    }

    @Test("SQLite before and after the first start, and a file that is none")
    func sqlite() async throws {
        try await withTemporaryFolder { folder in
            func said() async -> String {
                let stage = Stage(environment: ["HOME": folder], folder: folder)
                _ = await stage.run("doctor", "--data", "data")
                return stage.output
            }
            #expect(await said().contains("None yet in"))
            let data = URL(fileURLWithPath: "\(folder)/data")
            let test = try await TestStore.open(folder: data, clock: ManualClock())
            // Looked at while a server has it open, and after.
            #expect(await said().contains("SQLite 3."))
            await test.store.close()
            #expect(await said().contains("The database, step 1 of 1, "))
            try write(
                "not a database at all, though it is long enough to look like one\n", to: "\(folder)/data/muster.sqlite"
            )
            #expect(await said().contains("fail  database"))
        }
    }
}

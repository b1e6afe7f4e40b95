import Domain
import Storage
import TestKit
import Testing

/// Many machines that claim, move, restart, die and share addresses at random, in any order: what a worker shows is of
/// one machine, and what an assignment shows is of the machine that claimed it.
@Suite("GOLIAT's clients: many machines", .timeLimit(.minutes(15)))
struct LegacyFleetTests {
    @Test("Never another machine's data on a worker", arguments: [1, 2, 3, 4] as [UInt64])
    func many(_ seed: UInt64) async throws {
        try await TestStore.with { test in
            var fleet = LegacyFleet(test: test, machineCount: 60, seed: seed)
            try await fleet.run(steps: 2_500)
            try await fleet.check()
        }
    }

    @Test("Never on PostgreSQL either")
    func onPostgres() async throws {
        try await TestStore.with(.postgres) { test in
            var fleet = LegacyFleet(test: test, machineCount: 60, seed: 5)
            try await fleet.run(steps: 2_500)
            try await fleet.check()
        }
    }

    @Test("Of three hundred machines")
    func threeHundred() async throws {
        try await TestStore.with { test in
            var fleet = LegacyFleet(test: test, machineCount: 300, seed: 300)
            try await fleet.run(steps: 5_000)
            try await fleet.check()
            #expect(fleet.completedCount > 50)
        }
    }
}

package import Foundation
package import Storage
package import StoragePostgres
import StorageSQLite

/// The engines that everything the store promises is tried on.
package enum Engine: String, Sendable, CaseIterable {
    case sqlite, postgres

    package static var all: [Engine] { allCases }
}

/// Where one test's database is.
package struct TestPlace: Sendable {
    package let engine: Engine
    /// Of the database on SQLite, of the artifacts on both.
    package let folder: URL
    package let target: PostgresTarget?
    private var limits = PostgresLimits()

    package init(_ engine: Engine) throws {
        self.engine = engine
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("muster-\(UUID().uuidString)")
        target = engine == .postgres ? try TemporaryPostgres.shared().newTarget() : nil
    }

    package init(folder: URL) {
        engine = .sqlite
        self.folder = folder
        target = nil
    }

    package init(_ target: PostgresTarget, limits: PostgresLimits = PostgresLimits()) {
        self.limits = limits
        engine = .postgres
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("muster-\(UUID().uuidString)")
        self.target = target
    }

    package func makeDriver() throws -> any StoreDriver {
        if let target { return try PostgresDriver(target, limits: limits) }
        return try SQLiteDriver(folder: folder)
    }

    package func remove() {
        try? FileManager.default.removeItem(at: folder)
        if let target { try? TemporaryPostgres.shared().drop(target) }
    }
}

import Domain
import Logging
import StoragePostgres

/// One setting as `muster settings` shows it.
struct SettingRow: Sendable, Hashable {
    let key: SettingKey
    /// Absent where nothing is set and there is no default.
    let value: JSON?
    let origin: SettingOrigin

    /// For people; a text without its quotes.
    var shown: String {
        switch value {
        case nil: "–"
        case .string(let text): text
        case .array(let elements) where elements.isEmpty: "–"
        case .object(let object) where object.isEmpty: "–"
        case .object(let object): object.members.map { "\($0.key)=\($0.value.text)" }.joined(separator: ", ")
        case .array(let elements): elements.map { $0.stringValue ?? $0.text }.joined(separator: ", ")
        case let value?: value.text
        }
    }
}

extension Settings {
    /// In the order of ``SettingKey``. A token is never shown, only that there is one.
    var rows: [SettingRow] {
        SettingKey.allCases.map { key in
            switch key {
            case .url: row(key, url) { .string($0.text) }
            case .token: row(key, token) { $0.map { _ in .string("(hidden)") } }
            case .state: row(key, state) { .string($0) }
            case .logLevel: row(key, logLevel) { .string($0.rawValue) }
            case .data: row(key, data) { .string($0) }
            case .database: row(key, database) { $0.map { .string(PostgresTarget(url: $0).shownURL) } }
            case .databaseSchema: row(key, databaseSchema) { .string($0) }
            case .host: row(key, host) { .string($0) }
            case .port: row(key, port) { JSON($0) }
            case .insecure: row(key, insecure) { .bool($0) }
            case .requireTokens: row(key, requireTokens) { .bool($0) }
            case .trustedProxies: row(key, trustedProxies) { .array($0.map { .string($0.description) }) }
            case .goliatFrom: row(key, goliatFrom) { .array($0.map { .string($0.description) }) }
            case .keepLogDays: row(key, keepLogDays) { JSON($0) }
            case .keepLogMegabytes: row(key, keepLogMegabytes) { JSON($0) }
            case .keepWorkerDays: row(key, keepWorkerDays) { JSON($0) }
            case .keepJobDays: row(key, keepJobDays) { JSON($0) }
            case .dashboardFrom: row(key, dashboardFrom) { $0.map(JSON.string) }
            case .workerName: row(key, workerName) { $0.map(JSON.string) }
            case .slots: row(key, slots) { JSON($0) }
            case .queues: row(key, queues) { .array($0.map(JSON.string)) }
            case .exec: row(key, exec) { .array($0.map(JSON.string)) }
            case .retryableExitCodes: row(key, retryableExitCodes) { .array($0.map { JSON($0) }) }
            case .graceSeconds: row(key, graceSeconds) { JSON($0) }
            case .killGraceSeconds: row(key, killGraceSeconds) { JSON($0) }
            case .allowJobCommands: row(key, allowJobCommands) { .bool($0) }
            case .capabilities: row(key, capabilities) { .object($0) }
            case .workFolder: row(key, workFolder) { $0.map(JSON.string) }
            case .inWorkFolder: row(key, inWorkFolder) { .bool($0) }
            case .keepWorkFolders: row(key, keepWorkFolders) { .bool($0) }
            }
        }
    }

    private func row<Value>(
        _ key: SettingKey, _ setting: Setting<Value>, _ json: (Value) -> JSON?
    ) -> SettingRow {
        SettingRow(key: key, value: json(setting.value), origin: setting.origin)
    }
}

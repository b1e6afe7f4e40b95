import Foundation

/// How an agent's state folder is laid out, as far as the doctor looks into it. `Agent/State` decides.
enum AgentFolder {
    static func machineID(in state: String) -> String? {
        guard let data = FileManager.default.contents(atPath: "\(state)/machine-id") else { return nil }
        let text = String(decoding: data, as: UTF8.self).trimmingSpaces
        return text.isEmpty ? nil : text
    }

    /// A name that was ever held here.
    struct Name: Sendable, Hashable {
        let name: String
        /// Its lock is held: a worker of this name is alive.
        let isHeld: Bool
        /// The process that held it last. It stays after a death and is gone after a clean end.
        let holder: String?
    }

    static func names(in state: String) -> [Name] {
        let folder = "\(state)/names"
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".lock") }.sorted().map { file in
            let escaped = String(file.dropLast(".lock".count))
            let holder = FileManager.default.contents(atPath: "\(folder)/\(escaped).d/holder").flatMap {
                String(decoding: $0, as: UTF8.self).split(separator: " ").first.map(String.init)
            }
            return Name(
                name: escaped.removingPercentEncoding ?? escaped,
                isHeld: FolderChecks.isLocked("\(folder)/\(file)"), holder: holder)
        }
    }
}

/// How a server's data folder is laid out, as far as the doctor looks into it. `StorageSQLite/FolderLock` decides.
enum ServerFolder {
    /// The process that has it open; `nil` where none has.
    static func holder(of data: String) -> String? {
        let path = "\(data)/server.lock"
        guard FolderChecks.isLocked(path) else { return nil }
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self).trimmingSpaces }
        return text.flatMap { $0.isEmpty ? nil : $0 } ?? "unknown"
    }
}

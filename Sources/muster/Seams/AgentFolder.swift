import Foundation

/// How an agent's state folder is laid out, as far as the doctor looks into it. The agent's own sources decide.
enum AgentFolder {
    static func machineID(in state: String) -> String? {
        guard let data = FileManager.default.contents(atPath: "\(state)/machine-id") else { return nil }
        let text = String(decoding: data, as: UTF8.self).trimmingSpaces
        return text.isEmpty ? nil : text
    }

    /// The names that were ever held here, each with the process that holds it now.
    static func names(in state: String) -> [(name: String, holder: String?)] {
        let folder = "\(state)/names"
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".lock") }.sorted().map { file in
            (String(file.dropLast(".lock".count)), FolderChecks.holder(ofLock: "\(folder)/\(file)"))
        }
    }
}

/// How a server's data folder is laid out, as far as the doctor looks into it.
enum ServerFolder {
    static func holder(of data: String) -> String? {
        FolderChecks.holder(ofLock: "\(data)/server.lock")
    }
}

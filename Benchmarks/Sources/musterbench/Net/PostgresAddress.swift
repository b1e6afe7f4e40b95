/// A PostgreSQL that is reached by a socket in a folder, as its URL names it.
struct PostgresAddress {
    let user: String
    let database: String
    private let folder: String
    private let port: String
    private let items: [Substring]

    /// `nil` where the URL names anything but a folder and a user: `postgresql:///NAME?host=FOLDER&user=NAME`, with
    /// `port=` where it is not 5432. What goes through such a socket is not encrypted, and so can be looked at.
    init?(_ url: String) {
        let parts = url.split(separator: "?", maxSplits: 1)
        let scheme = "postgresql:///"
        guard parts.count == 2, parts[0].hasPrefix(scheme) else { return nil }
        items = parts[1].split(separator: "&")
        let items = items
        func value(_ name: String) -> String? {
            items.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
        }
        guard let folder = value("host"), folder.hasPrefix("/"), !folder.contains("%"), let user = value("user")
        else { return nil }
        let name = String(parts[0].dropFirst(scheme.count))
        database = name.isEmpty ? user : name
        self.user = user
        self.folder = folder
        port = value("port") ?? "5432"
    }

    /// Where its socket lies.
    var socket: String { socket(in: folder) }

    /// Where a client looks for it when it is told this folder.
    func socket(in folder: String) -> String { "\(folder)/.s.PGSQL.\(port)" }

    /// The same with the socket in another folder.
    func url(in folder: String) -> String {
        let items = items.map { $0.hasPrefix("host=") ? "host=\(folder)" : $0 }
        return "postgresql:///\(database)?\(items.joined(separator: "&"))"
    }
}

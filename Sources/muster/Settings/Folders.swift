/// The folders of the person who runs the command, as the XDG Base Directory Specification has them; on macOS, below
/// `Library/Application Support`.
struct Folders: Sendable, Hashable {
    let working: String
    let home: String
    /// Where `muster.toml` is looked for.
    let configuration: String
    /// Where an agent keeps its machine id, locks and spool, unless it is told otherwise.
    let state: String
    /// Where a server keeps its database and files, unless it is told otherwise.
    let data: String

    init(working: String, home: String, environment: [String: String]) {
        self.working = working
        self.home = home
        // The specification: a path that is not absolute is to be ignored.
        func base(_ name: String, _ standard: String) -> String {
            guard let path = environment[name], path.hasPrefix("/") else { return "\(home)/\(standard)" }
            return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        }
        #if os(macOS)
            let support = "Library/Application Support"
            configuration = base("XDG_CONFIG_HOME", support) + "/muster"
            state = base("XDG_STATE_HOME", support) + "/muster/state"
            data = base("XDG_DATA_HOME", support) + "/muster/data"
        #else
            configuration = base("XDG_CONFIG_HOME", ".config") + "/muster"
            state = base("XDG_STATE_HOME", ".local/state") + "/muster"
            data = base("XDG_DATA_HOME", ".local/share") + "/muster"
        #endif
    }

    /// - Parameter from: the folder that a relative path starts at; the working one unless said.
    func absolute(_ path: String, from folder: String? = nil) -> String {
        if path == "~" { return home }
        if path.hasPrefix("~/") { return home + path.dropFirst() }
        if path.hasPrefix("/") { return path }
        let folder = folder ?? working
        var relative = path[...]
        while relative.hasPrefix("./") { relative = relative.dropFirst(2) }
        return folder.hasSuffix("/") ? folder + relative : "\(folder)/\(relative)"
    }
}

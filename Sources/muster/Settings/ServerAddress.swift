import Domain

/// Where a server is: `http://127.0.0.1:7117`, with a path before the API's own where a proxy or a session put one.
struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    /// Without a slash at the end.
    let text: String
    let host: String
    /// Where one is written.
    let port: Int?

    /// Takes `http://host:port/path` and what people write for it: `host`, `host:port`, `:port`.
    init?(_ text: String) {
        var rest = text[...]
        var scheme = "http"
        if let mark = rest.firstRange(of: "://") {
            scheme = rest[..<mark.lowerBound].lowercased()
            rest = rest[mark.upperBound...]
        }
        guard scheme == "http" || scheme == "https" else { return nil }
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = String(rest[..<end])
        var path = rest[end...]
        while path.hasSuffix("/") { path = path.dropLast() }
        if authority.hasPrefix(":") { authority = "127.0.0.1" + authority }
        guard let (host, port) = Self.parts(of: authority), Self.isPlain(path) else { return nil }
        self.host = host
        self.port = port
        self.text = "\(scheme)://\(authority)\(path)"
    }

    init(loopbackPort port: Int) {
        host = "127.0.0.1"
        self.port = port
        text = "http://127.0.0.1:\(port)"
    }

    var description: String { text }

    /// Whether it names this machine and no other.
    var isLoopback: Bool { NetworkAddress.isThisMachine(host) }

    private static func parts(of authority: String) -> (host: String, port: Int?)? {
        var host = authority[...]
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[...end]
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
        }
        let tail = authority[host.endIndex...]
        guard !host.isEmpty, isPlain(host) else { return nil }
        guard !tail.isEmpty else { return (String(host), nil) }
        guard tail.hasPrefix(":"), let port = Int(tail.dropFirst()), (1...65_535).contains(port) else { return nil }
        return (String(host), port)
    }

    private static func isPlain(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) } && !text.contains(where: { "@?#\"<>\\^`{|}".contains($0) })
    }
}

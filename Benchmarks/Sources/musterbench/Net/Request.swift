/// Requests written by hand. The head is made once for a client and path; only length and body differ.
struct RequestHead {
    private let bytes: [UInt8]

    /// - Parameter token: the bearer token of a session; none where this machine is trusted.
    init(post path: String, token: String? = nil) {
        let authorization = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        bytes = Array(
            """
            POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(authorization)\
            Content-Type: application/json\r\nContent-Length:\u{20}
            """.utf8
        )
    }

    func append(body: [UInt8], to request: inout [UInt8]) {
        request += bytes
        Bytes.append(body.count, to: &request)
        request += Self.end
        request += body
    }

    func with(_ body: String) -> [UInt8] {
        var request: [UInt8] = []
        append(body: Array(body.utf8), to: &request)
        return request
    }

    private static let end = Array("\r\n\r\n".utf8)

    static func get(_ path: String) -> [UInt8] {
        Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8)
    }
}

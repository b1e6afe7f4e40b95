import CLibPQ
import Storage

/// What libpq calls a connection.
enum PostgresHandle {
    /// - Returns: one that is connected; whoever has it ends it.
    static func connect(
        _ target: PostgresTarget, _ limits: PostgresLimits
    ) throws(StoreError) -> OpaquePointer {
        try LibPQ.require()
        // Later words stand over earlier ones: what the URL says stands over what is said here before it.
        var words = [
            ("fallback_application_name", "muster"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "15000"), ("client_encoding", "UTF8"),
        ]
        if !PostgresSetup.environmentSays("connect_timeout") {
            words.append(("connect_timeout", "\(limits.connectSeconds)"))
        }
        words.append(("dbname", target.url))
        let names = words.map { Array($0.0.utf8CString) }
        let values = words.map { Array($0.1.utf8CString) }
        let handle = unsafe CText.withAddresses(names) { names in
            unsafe CText.withAddresses(values) { values in unsafe PQconnectdbParams(names, values, 1) }
        }
        guard let handle = unsafe handle else { throw StoreError(.unavailable, "libpq has no memory left.") }
        guard unsafe PQstatus(handle) == CONNECTION_OK else {
            let message = unsafe String(cString: PQerrorMessage(handle))
            unsafe PQfinish(handle)
            throw PostgresFailure.connecting(message, target: target)
        }
        unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
        return unsafe handle
    }
}

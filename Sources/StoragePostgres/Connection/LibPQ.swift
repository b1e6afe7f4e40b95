import CLibPQ
package import Storage

/// PostgreSQL's client library, which is loaded when the first connection is made: `muster` starts without it.
package enum LibPQ {
    #if canImport(Darwin)
        /// Homebrew does not link its own to where the system looks.
        package static let names = [
            "libpq.5.dylib", "/opt/homebrew/opt/libpq/lib/libpq.5.dylib", "/usr/local/opt/libpq/lib/libpq.5.dylib",
        ]
        private static let advice = "brew install libpq"
    #else
        package static let names = ["libpq.so.5"]
        private static let advice = "apt-get install libpq5"
    #endif

    private static let loaded = Result<Void, StoreError> { () throws(StoreError) in try load(names) }

    /// Makes sure that it is there, before anything else of it is called.
    ///
    /// - Throws: `unavailable`, with the package to install.
    static func require() throws(StoreError) { try loaded.get() }

    /// Loads the first of these that is there.
    package static func load(_ names: [String]) throws(StoreError) {
        var reasons: [String] = []
        for name in names {
            var isMissing = false
            let reason = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer -> String? in
                if unsafe libpq_load(name, buffer.baseAddress, buffer.count, &isMissing) { return nil }
                return unsafe buffer.baseAddress.map { unsafe String(cString: $0) } ?? ""
            }
            guard let reason else { return }
            if isMissing {
                throw StoreError(
                    .unavailable,
                    "PostgreSQL's client library \(name) is too old: it has no \(reason). Install 14 or newer: \(advice)"
                )
            }
            reasons.append(reason)
        }
        throw StoreError(
            .unavailable,
            "PostgreSQL's client library is not on this machine (\(reasons.first ?? "no name")). Install it: \(advice)"
        )
    }
}

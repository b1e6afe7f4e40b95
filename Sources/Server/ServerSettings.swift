package import Domain
package import Foundation
package import Storage

/// What one server is started with. Built once at the entry point; nothing else reads flags or the environment.
package struct ServerSettings: Sendable {
    package var host: String
    /// 0 takes a free port.
    package var port: Int
    /// Serve without tokens on an address that others reach.
    package var isInsecure: Bool
    /// Ask for tokens even on loopback.
    package var requiresTokens: Bool
    /// Proxies whose word on where a request comes from is believed (`X-Forwarded-For`).
    package var trustedProxies: [AddressRange]
    /// From where programs of a guest's protocol need no token.
    package var guestAddresses: [AddressRange]
    /// Holds the artifacts' bytes; the database lies beside.
    package var dataFolder: URL
    /// Where the dashboard's files are read from at every request, instead of those in the program.
    package var dashboardFolder: String?
    package var version: String
    package var retention: Retention
    /// How often what is too old is looked for.
    package var prunePeriod: Duration

    package init(
        host: String = "127.0.0.1", port: Int = 7117, isInsecure: Bool = false, requiresTokens: Bool = false,
        trustedProxies: [AddressRange] = [], guestAddresses: [AddressRange] = [], dataFolder: URL,
        dashboardFolder: String? = nil, version: String, retention: Retention = Retention(),
        prunePeriod: Duration = .seconds(60)
    ) {
        self.host = host
        self.port = port
        self.isInsecure = isInsecure
        self.requiresTokens = requiresTokens
        self.trustedProxies = trustedProxies
        self.guestAddresses = guestAddresses
        self.dataFolder = dataFolder
        self.dashboardFolder = dashboardFolder
        self.version = version
        self.retention = retention
        self.prunePeriod = prunePeriod
    }

    /// Only this machine reaches the address.
    package var isLoopback: Bool { NetworkAddress.isThisMachine(host) }
}

/// Bounds of what a request may bring.
package enum RequestLimit {
    static let bodyBytes = 8 * 1_048_576
    /// A heartbeat of 10,000 held jobs fits.
    static let heartbeatBytes = 4 * 1_048_576
    /// 1,000 jobs with payloads, a configuration, or a million ready-made assignments.
    static let bulkBytes = 256 * 1_048_576
    static let artifactBytes: Int64 = 64 * 1_073_741_824
    static let listDefault = 100
    package static let listMaximum = 500
}

import Crypto
import Storage

/// A bearer token: 256 random bits, shown once, kept as its SHA-256.
package enum TokenSecret {
    package static func make() -> String { "mst_" + hexadecimal(randomBytes(32)) }

    package static func hash(_ token: String) -> String { hexadecimal(SHA256.hash(data: Array(token.utf8))) }

    /// From the system's generator, which is good for secrets.
    @Sendable package static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}

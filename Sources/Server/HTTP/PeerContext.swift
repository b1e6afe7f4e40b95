import Domain
package import Hummingbird
import NIOCore

/// What comes with a request beside it: the address of whoever connected.
package struct PeerContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Of the connection, which a proxy may have made.
    let address: NetworkAddress?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.channel.remoteAddress?.ipAddress.flatMap { NetworkAddress($0) }
    }
}

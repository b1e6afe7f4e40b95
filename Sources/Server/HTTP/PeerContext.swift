import Domain
package import Hummingbird
import NIOCore

/// What comes with a request beside it: the address of whoever connected.
package struct PeerContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    private let remote: SocketAddress?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        remote = source.channel.remoteAddress
    }

    /// Of the connection, which a proxy may have made. Few requests ask for it, so it is read when they do.
    var address: NetworkAddress? { remote?.ipAddress.flatMap { NetworkAddress($0) } }
}

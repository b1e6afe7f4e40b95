import Hummingbird
import NIOCore

/// What comes with a request beside it: the address of whoever connected.
struct PeerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let remote: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        remote = source.channel.remoteAddress
    }

    /// Absent where it tells nothing: a connection from this machine is a program here or a proxy.
    var peer: String? {
        guard let address = remote?.ipAddress, !address.hasPrefix("127."), address != "::1",
            !address.hasPrefix("::ffff:127.")
        else { return nil }
        return address
    }
}

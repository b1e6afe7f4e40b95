import Domain
import HTTPTypes
package import Hummingbird
import Wire

extension ServerContext {
    private static let forwardedFor = HTTPField.Name("X-Forwarded-For")

    /// The address of whoever sent a request: of the connection, or where that comes from a trusted proxy, the one that
    /// the proxy heard it from.
    func sender(of request: Request, _ context: PeerContext) -> NetworkAddress? {
        guard let address = context.address else { return nil }
        return ForwardedAddress.of(
            peer: address, forwarded: Self.forwardedFor.map { request.headers[values: $0] } ?? [],
            proxies: settings.trustedProxies
        )
    }

    /// The sender's address as a trace of who it is; absent where it tells nothing: on this machine it is a program
    /// here, or a proxy.
    package func trace(of ask: Ask) -> String? {
        guard let sender = sender(of: ask.request, ask.context), !sender.isLoopback else { return nil }
        return sender.description
    }

    /// Who asks in a guest's protocol, whose programs may be unable to send a token: from addresses that the operator
    /// named for them they may what a worker may.
    ///
    /// A page of any site that is open in a browser there is no such program: browsers name the page with whatever
    /// they write, and these programs never do.
    ///
    /// - Throws: 401 for a token that is not known, or for none where one is asked for; 403 where only this machine is
    ///   trusted and the request is not made to it.
    package func guest(_ request: Request, _ context: PeerContext) async throws -> Principal {
        do {
            return try await access.principal(of: request)
        } catch let problem as Problem {
            guard Access.token(of: request.headers) == nil, request.headers[.origin] == nil,
                let sender = sender(of: request, context), settings.guestAddresses.contains(sender)
            else { throw problem }
            return .token(.worker)
        }
    }
}

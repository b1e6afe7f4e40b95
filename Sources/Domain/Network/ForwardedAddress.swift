/// Who is at the other end of a connection, where proxies stand between.
package enum ForwardedAddress {
    /// - Parameters:
    ///   - peer: the address that connected.
    ///   - forwarded: the values of `X-Forwarded-For`, in the order of their lines: each proxy adds at the end whom it
    ///     heard itself, and what stands before it is what it was told.
    ///   - proxies: whose word is believed.
    /// - Returns: the last address that no trusted proxy has; `nil` where a trusted proxy names something that is no
    ///   address.
    package static func of(
        peer: NetworkAddress, forwarded: [String], proxies: [AddressRange]
    ) -> NetworkAddress? {
        var sender = peer
        let named = forwarded.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        for text in named.reversed() {
            guard proxies.contains(sender) else { return sender }
            guard let next = NetworkAddress(bare(text)) else { return nil }
            sender = next
        }
        return sender
    }

    /// ` "[2001:db8::1]:4711"` → `2001:db8::1`: some proxies add the port.
    private static func bare(_ text: Substring) -> Substring {
        var bare = text
        while let first = bare.first, first == " " || first == "\t" || first == "\"" { bare = bare.dropFirst() }
        while let last = bare.last, last == " " || last == "\t" || last == "\"" { bare = bare.dropLast() }
        if bare.hasPrefix("[") { return bare.dropFirst().prefix { $0 != "]" } }
        let colons = bare.count { $0 == ":" }
        return colons == 1 ? bare.prefix { $0 != ":" } : bare
    }
}

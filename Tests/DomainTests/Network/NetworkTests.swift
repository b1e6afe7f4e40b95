import Domain
import Testing

@Suite("Addresses")
struct NetworkTests {
    @Test(
        "An address is read as it may be written, and told in one way",
        arguments: [
            ("10.0.0.1", "10.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("::ffff:10.0.0.1", "10.0.0.1"),
            ("::FFFF:0a00:0001", "10.0.0.1"), ("::", "0:0:0:0:0:0:0:0"), ("::1", "0:0:0:0:0:0:0:1"),
            ("2001:DB8::1", "2001:db8:0:0:0:0:0:1"), ("2001:db8:0:0:0:0:0:1", "2001:db8:0:0:0:0:0:1"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("fe80::1%eth0", "fe80:0:0:0:0:0:0:1"),
            ("64:ff9b::192.0.2.33", "64:ff9b:0:0:0:0:c000:221"),
        ])
    func reading(_ text: String, _ told: String) {
        #expect(NetworkAddress(text)?.description == told)
    }

    @Test(
        "What is no address is none",
        arguments: [
            "", "lab.example", "10.0.0", "10.0.0.0.1", "10.0.0.256", "010.0.0.1", "10.0.0.1 ", "+1.0.0.1", "1e1.0.0.1",
            ":", ":1", "1:", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::",
            "g::1", "::10.0.0.256", "10.0.0.1::", "::+1",
        ])
    func malformed(_ text: String) {
        #expect(NetworkAddress(text) == nil)
    }

    @Test("Loopback is loopback in either form")
    func loopback() {
        for text in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            #expect(NetworkAddress(text)?.isLoopback == true, "\(text)")
        }
        for text in ["128.0.0.1", "::2", "::", "1::1"] { #expect(NetworkAddress(text)?.isLoopback == false, "\(text)") }
    }

    @Test("A host is this machine by address or by localhost, and by no other name")
    func thisMachine() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "::ffff:127.0.0.1"] {
            #expect(NetworkAddress.isThisMachine(host), "\(host)")
        }
        for host in ["127.example.org", "127.0.0.1.example.org", "127.", "127.1", "localhost.example.org", "[::2]", ""]
        {
            #expect(!NetworkAddress.isThisMachine(host), "\(host)")
        }
    }

    struct Case: Sendable {
        let range: String
        let inside: [String]
        let outside: [String]
    }

    @Test(
        "A range has what begins as it does, to the bit",
        arguments: [
            Case(
                range: "10.0.0.0/8", inside: ["10.0.0.0", "10.255.1.2", "::ffff:10.1.1.1"],
                outside: ["11.0.0.0", "::1"]),
            Case(
                range: "192.168.6.0/23", inside: ["192.168.7.255", "192.168.6.0"],
                outside: ["192.168.8.0", "192.168.5.9"]),
            Case(range: "10.0.0.5", inside: ["10.0.0.5"], outside: ["10.0.0.4"]),
            Case(range: "10.0.0.4/31", inside: ["10.0.0.4", "10.0.0.5"], outside: ["10.0.0.6"]),
            Case(range: "0.0.0.0/0", inside: ["1.2.3.4"], outside: ["::1"]),
            Case(range: "2001:db8::/33", inside: ["2001:db8:7fff::1"], outside: ["2001:db8:8000::", "10.0.0.1"]),
            Case(range: "::/0", inside: ["2001:db8::1"], outside: ["10.0.0.1"]),
        ])
    func ranges(_ case: Case) throws {
        let range = try AddressRange(`case`.range)
        for text in `case`.inside { #expect(range.contains(try #require(NetworkAddress(text))), "\(text)") }
        for text in `case`.outside { #expect(!range.contains(try #require(NetworkAddress(text))), "\(text)") }
    }

    @Test(
        "What is no range is refused, also where it is one with a slip in it",
        arguments: [
            "", "lab", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.5/8", "10.0.0.0/-1", "10.0.0.0/+8",
            "2001:db8::/129", "2001:db8::1/64", "fe80::1%eth0", "10.0.0.0 /8", "*",
        ])
    func noRange(_ text: String) {
        #expect(throws: AddressRange.Malformed.self) { try AddressRange(text) }
    }

    struct Chain: Sendable {
        let peer: String
        var forwarded: [String] = []
        let sender: String?
    }

    @Test(
        "Behind proxies the sender is the last one whom no trusted proxy has, and nobody else's word counts",
        arguments: [
            Chain(peer: "203.0.113.7", forwarded: ["10.0.0.1"], sender: "203.0.113.7"),
            Chain(peer: "10.9.0.1", sender: "10.9.0.1"),
            Chain(peer: "10.9.0.1", forwarded: ["203.0.113.7"], sender: "203.0.113.7"),
            Chain(peer: "10.9.0.1", forwarded: ["1.1.1.1, 203.0.113.7"], sender: "203.0.113.7"),
            Chain(peer: "10.9.0.1", forwarded: ["1.1.1.1, 203.0.113.7, 10.9.0.2"], sender: "203.0.113.7"),
            Chain(peer: "10.9.0.1", forwarded: ["1.1.1.1", "203.0.113.7"], sender: "203.0.113.7"),
            Chain(peer: "10.9.0.1", forwarded: ["1.1.1.1, unknown"], sender: nil),
            Chain(peer: "10.9.0.1", forwarded: [""], sender: nil),
            Chain(peer: "10.9.0.1", forwarded: ["203.0.113.7:4711"], sender: "203.0.113.7"),
            Chain(peer: "10.9.0.1", forwarded: ["\"[2001:db8::7]:4711\""], sender: "2001:db8::7"),
            Chain(peer: "10.9.0.1", forwarded: ["2001:db8::7"], sender: "2001:db8::7"),
            Chain(peer: "10.9.0.1", forwarded: ["10.9.0.3,10.9.0.2"], sender: "10.9.0.3"),
        ])
    func proxies(_ chain: Chain) throws {
        let proxies = [try AddressRange("10.9.0.0/16")]
        let peer = try #require(NetworkAddress(chain.peer))
        let sender = ForwardedAddress.of(peer: peer, forwarded: chain.forwarded, proxies: proxies)
        #expect(sender == chain.sender.flatMap { NetworkAddress($0) })
    }
}

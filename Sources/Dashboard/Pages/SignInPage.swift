/// Asks for a token. It posts `token` and `next` to `/signin`.
package struct SignInPage: Page {
    package var frame: PageFrame
    package var next: String
    package var isRefused: Bool

    /// - Parameters:
    ///   - next: the path to go on to, as the request said it; anything but a path of this server becomes `/`.
    ///   - isRefused: the token just given isn't valid.
    package init(frame: PageFrame, next: String, isRefused: Bool) {
        self.frame = frame
        self.next = Self.safeNext(next)
        self.isRefused = isRefused
    }

    /// A path of this server, so that signing in is no way to be sent elsewhere: `/workers?q=1`, not `//evil` or
    /// `/\evil`, which browsers take for another host.
    package static func safeNext(_ path: String) -> String {
        let bytes = Array(path.utf8)
        let isPlain = bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
        guard isPlain, bytes.first == UInt8(ascii: "/"), bytes.count < 2 || bytes[1] != UInt8(ascii: "/")
        else { return Links.fleet }
        return path
    }

    package var content: PageContent {
        let (next, isRefused) = (next, isRefused)
        return PageContent(title: "Sign in", place: nil, template: "signin", isBare: true) {
            [
                "next": .text(next), "isRefused": .flag(isRefused),
                "command": .markup(Commands.block("muster token create NAME --role operator")),
            ]
        }
    }
}

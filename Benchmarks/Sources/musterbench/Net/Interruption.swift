import Glibc
import Synchronization

/// Ctrl-C and SIGTERM are noted; the loops look, and the server is stopped on the way out.
enum Interruption {
    private static let asked = Atomic<Bool>(false)

    static var isAsked: Bool { asked.load(ordering: .relaxed) }

    static func listen() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in Interruption.asked.store(true, ordering: .relaxed) }
        }
    }
}

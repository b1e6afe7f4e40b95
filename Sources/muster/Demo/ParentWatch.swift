import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ends a child of a demo when the demo is gone, however it went: its standard input is a pipe that nobody writes to
/// and whose other end only the demo holds, so that the kernel closes it with the demo.
enum ParentWatch {
    /// Between the signal that asks and the one that means now: enough for the first to be heard by itself.
    private static let secondSignalMicroseconds: UInt32 = 500_000

    /// - Parameter signals: how many; a worker gives back what it runs at the second.
    static func endWithInput(signals: Int) {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = unsafe read(STDIN_FILENO, &byte, 1)
                if count == 0 || count < 0 && errno != EINTR { break }
            }
            for number in 0..<signals {
                if number > 0 { usleep(secondSignalMicroseconds) }
                kill(getpid(), SIGTERM)
            }
        }
    }
}

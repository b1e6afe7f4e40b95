import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension Terminal {
    /// The streams of this process.
    static func process(environment: [String: String]) -> Terminal {
        Terminal(
            isOutputWatched: isatty(STDOUT_FILENO) == 1,
            isErrorWatched: isatty(STDERR_FILENO) == 1,
            isInputTyped: isatty(STDIN_FILENO) == 1,
            allowsColour: (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb",
            columns: { windowColumns() ?? environment["COLUMNS"].flatMap { Int($0) } ?? defaultColumns },
            writeOutput: { write($0, to: STDOUT_FILENO) },
            writeError: { write($0, to: STDERR_FILENO) },
            writeLog: { write($0, to: STDERR_FILENO, endsUnread: false) },
            readLine: { Swift.readLine() },
            readInput: { Array(try FileHandle.standardInput.readToEnd() ?? Data()) }
        )
    }

    /// Where neither the terminal nor the environment says.
    private static let defaultColumns = 100

    /// Whether the reader has gone. Whoever reads us has then seen what it wanted (`muster watch | head`), so that this
    /// is the end of the work and no error: the process leaves with 0 and says nothing.
    ///
    /// - Parameter endsUnread: false for a process whose work is not for its reader: what it would say is dropped.
    private static func write(_ text: String, to descriptor: Int32, endsUnread: Bool = true) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                #if canImport(Darwin)
                    unsafe Darwin.write(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
                #elseif canImport(Glibc)
                    unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
                #else
                    unsafe Musl.write(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
                #endif
            }
            if count > 0 {
                start += count
            } else if errno == EPIPE {
                if endsUnread { exit(0) }
                return
            } else if errno != EINTR && errno != EAGAIN {
                return
            }
        }
    }

    /// As wide as the window is now, where standard output or standard error is one.
    private static func windowColumns() -> Int? {
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            var size = winsize()
            if unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        }
        return nil
    }
}

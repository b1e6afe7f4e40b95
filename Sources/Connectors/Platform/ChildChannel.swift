import Glibc

/// A named pipe in an attempt's folder on which its programs tell how far they are, apart from what they print.
///
/// Whoever writes a line of at most 4,096 bytes (`PIPE_BUF`) at once writes it whole, however many processes write.
/// What was written stays there when its writer dies, and whoever writes faster than it is read is held up.
enum ChildChannel {
    /// Makes it and opens our end, which doesn't block and never comes to an end: it holds the other end, too.
    static func make(_ path: String) throws(SystemError) -> OpenFile {
        guard unsafe mkfifo(path, 0o600) == 0 else { throw SystemError("making the pipe", path) }
        return try OpenFile.open(path, O_RDWR | O_NONBLOCK)
    }
}

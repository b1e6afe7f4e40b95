package import Glibc

/// A file descriptor with an owner: closed when the last reference goes.
package final class OpenFile: Sendable {
    package let descriptor: Int32
    package let path: String

    /// Takes `descriptor` over.
    package init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        close(descriptor)
    }

    /// Opens a file, never passed on to children. `flags` as of `open(2)`.
    package static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(SystemError) -> OpenFile {
        while true {
            let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
            if descriptor >= 0 { return OpenFile(descriptor: descriptor, path: path) }
            guard errno == EINTR else { throw SystemError("opening", path) }
        }
    }

    /// Writes all of it or throws; `offset` is where in the file.
    package func write(_ bytes: [UInt8], at offset: Int64) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    descriptor, buffer.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset) + done)
            }
            if count < 0 {
                guard errno == EINTR else { throw SystemError("writing", path) }
            } else {
                done += count
            }
        }
    }

    /// Up to `count` bytes from `offset` on; fewer only at the end of the file.
    package func read(_ count: Int, at offset: Int64) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(descriptor, buffer.baseAddress?.advanced(by: done), count - done, off_t(offset) + done)
            }
            if got < 0 {
                guard errno == EINTR else { throw SystemError("reading", path) }
            } else if got == 0 {
                break
            } else {
                done += got
            }
        }
        bytes.removeLast(count - done)
        return bytes
    }

    package func size() throws(SystemError) -> Int64 {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError("looking at", path) }
        return Int64(status.st_size)
    }

    package func truncate(to size: Int64) throws(SystemError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw SystemError("shortening", path) }
    }

    /// What was written is on the disk when this returns.
    package func synchronize() throws(SystemError) {
        guard fdatasync(descriptor) == 0 else { throw SystemError("syncing", path) }
    }

    /// Claims `size` bytes of disk for this file now, so that they are there later.
    package func reserve(_ size: Int64) throws(SystemError) {
        let code = posix_fallocate(descriptor, 0, off_t(size))
        guard code == 0 else { throw SystemError("reserving room for", path, code: code) }
    }

    /// Takes the exclusive lock that ends with this process, however that ends; false where another process has it.
    package func tryLock() throws(SystemError) -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw SystemError("locking", path) }
        }
        return true
    }
}

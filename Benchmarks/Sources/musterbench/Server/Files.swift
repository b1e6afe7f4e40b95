import Glibc

/// Files and folders, as far as they are needed here.
enum Files {
    static func text(_ path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func write(_ text: String, to path: String) throws {
        let descriptor = unsafe open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw BenchError("\(path) can't be written: \(Socket.reason()).") }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw BenchError("\(path) can't be written: \(Socket.reason()).") }
            rest = rest.dropFirst(count)
        }
    }

    /// The entries of a folder, without `.` and `..`.
    static func names(_ folder: String) -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// With all above it.
    static func makeFolder(_ path: String) throws {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/\(part)"
            if unsafe mkdir(made, 0o755) != 0 && errno != EEXIST {
                throw BenchError("The folder \(made) can't be made: \(Socket.reason()).")
            }
        }
    }

    /// A new folder with a short name, as sockets need one.
    static func makeTemporaryFolder() throws -> String {
        var name = Array("/tmp/muster-bench-XXXXXX".utf8CString)
        guard let made = unsafe mkdtemp(&name).map({ unsafe String(cString: $0) }) else {
            throw BenchError("No folder can be made: \(Socket.reason()).")
        }
        return made
    }

    /// A folder of the server, which has files and one level of folders.
    static func removeTree(_ path: String) throws {
        for name in names(path) {
            let entry = "\(path)/\(name)"
            if unsafe unlink(entry) != 0 && (errno == EISDIR || errno == EPERM) { try removeTree(entry) }
        }
        if unsafe rmdir(path) != 0 && errno != ENOENT {
            throw BenchError("The folder \(path) can't be removed: \(Socket.reason()).")
        }
    }

    /// How long this disk takes to make 4 KiB durable: the middle of many tries, in nanoseconds.
    static func syncNanoseconds(in folder: String) throws -> UInt64 {
        let path = folder + "/sync-probe"
        let descriptor = unsafe open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw BenchError("\(path) can't be written: \(Socket.reason()).") }
        defer {
            close(descriptor)
            unsafe unlink(path)
        }
        let block = [UInt8](repeating: 1, count: 4_096)
        var lengths = Histogram()
        for turn in 0..<200 {
            let start = Clock.now()
            _ = unsafe block.withUnsafeBytes { bytes in
                unsafe pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(turn) * 4_096)
            }
            fdatasync(descriptor)
            lengths.record(Clock.now() - start)
        }
        return lengths.quantile(0.5)
    }
}

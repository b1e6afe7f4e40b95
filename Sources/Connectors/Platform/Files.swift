package import Glibc

/// What a path leads to.
package struct FileStatus: Sendable, Hashable {
    package enum Kind: Sendable, Hashable { case file, folder, link, other }
    package let kind: Kind
    package let sizeBytes: Int64
    /// Changes when the contents do: seconds and nanoseconds of the last change.
    package let changedAt: [Int]
}

/// The few things that the agent does with files, each a call or two of the system.
package enum Files {
    /// Makes a folder and those above it; one that is there is fine.
    package static func makeFolder(_ path: String, mode: mode_t = 0o755) throws(SystemError) {
        if unsafe mkdir(path, mode) == 0 { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeFolder(String(path[..<slash]), mode: mode)
            if unsafe mkdir(path, mode) == 0 { return }
        }
        let code = errno
        if code == EEXIST, status(path)?.kind == .folder { return }
        throw SystemError("making the folder", path, code: code)
    }

    /// What `path` leads to, through links; `nil` where there is nothing.
    package static func status(_ path: String, followingLink: Bool = true) -> FileStatus? {
        var status = stat()
        let code = followingLink ? unsafe stat(path, &status) : unsafe lstat(path, &status)
        guard code == 0 else { return nil }
        let kind: FileStatus.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        return FileStatus(
            kind: kind, sizeBytes: Int64(status.st_size), changedAt: [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        )
    }

    /// The whole file, or `nil` where there is none, or it can't be read, or it is larger than `limitBytes`.
    package static func contents(_ path: String, limitBytes: Int = 16 * 1_024 * 1_024) -> [UInt8]? {
        // Without O_NONBLOCK a pipe in the place of a file would hold us up for ever.
        guard let file = try? OpenFile.open(path, O_RDONLY | O_NONBLOCK) else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(file.descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return nil }
            if count == 0 { return bytes }
            guard bytes.count + count <= limitBytes else { return nil }
            bytes += buffer[..<count]
        }
    }

    package static func text(_ path: String, limitBytes: Int = 1_048_576) -> String? {
        contents(path, limitBytes: limitBytes).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Writes a file that need not outlive the machine.
    package static func write(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o644) throws(SystemError) {
        try OpenFile.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: mode).write(bytes, at: 0)
    }

    /// Puts `bytes` at `path` in one step: whoever looks sees the old file or the new one, also after a power cut.
    package static func replace(_ path: String, with bytes: [UInt8], mode: mode_t = 0o600) throws(SystemError) {
        let temporary = "\(path).\(getpid()).new"
        do throws(SystemError) {
            let file = try OpenFile.open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
            try file.write(bytes, at: 0)
            try file.synchronize()
            guard unsafe rename(temporary, path) == 0 else { throw SystemError("renaming", temporary) }
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        try synchronizeFolder(above: path)
    }

    /// Makes what was created, renamed or removed beside `path` last.
    package static func synchronizeFolder(above path: String) throws(SystemError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let file = try OpenFile.open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY)
        guard fsync(file.descriptor) == 0 else { throw SystemError("syncing", folder) }
    }

    /// Removes one file; that there is none is fine.
    package static func remove(_ path: String) throws(SystemError) {
        guard unsafe unlink(path) != 0, errno != ENOENT else { return }
        throw SystemError("removing", path)
    }

    /// The names in a folder, sorted; empty where there is none.
    package static func list(_ folder: String) -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a folder with all that is in it. Links are removed, not followed. What can't be removed stays.
    package static func removeTree(_ path: String, depth: Int = 0) {
        // Deeper than any program means it: a stack must not end by what a job left behind.
        guard depth < 256 else { return }
        for name in list(path) {
            let inner = "\(path)/\(name)"
            if status(inner, followingLink: false)?.kind == .folder {
                removeTree(inner, depth: depth + 1)
            } else {
                unsafe unlink(inner)
            }
        }
        unsafe rmdir(path)
    }

    /// The bytes that are free where `path` lies, for programs without privileges.
    package static func freeBytes(_ path: String) -> Int64? {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return nil }
        return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }

    /// The path without links, `.` and `..`; `nil` where it leads nowhere.
    package static func realPath(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// The folder this process works in.
    package static var currentFolder: String { realPath(".") ?? "/" }

    /// `path` as it is seen from `folder`.
    package static func absolute(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }

    package static func isExecutable(_ path: String) -> Bool {
        unsafe access(path, X_OK) == 0 && status(path)?.kind == .file
    }
}

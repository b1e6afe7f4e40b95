import Foundation
import Storage
import Synchronization

/// The lock that a server holds on its data folder. The kernel gives it free when the process dies, however it dies.
final class FolderLock: Sendable {
    private let descriptor: Mutex<Int32?>

    init(folder: URL) throws(StoreError) {
        let path = folder.appendingPathComponent("server.lock").path
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard opened >= 0 else {
            throw StoreError(.unavailable, "The data folder \(folder.path) can't be written: \(Self.reason).")
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            let holder = (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .newlines)
            throw StoreError(
                .inUse,
                "The data folder \(folder.path) is in use by another server (pid \(holder ?? "unknown")). Stop it, or name another folder with --data."
            )
        }
        ftruncate(opened, 0)
        let text = Array("\(getpid())\n".utf8)
        _ = unsafe text.withUnsafeBytes { unsafe write(opened, $0.baseAddress, $0.count) }
        descriptor = Mutex(opened)
    }

    func release() {
        descriptor.withLock { descriptor in
            if let descriptor {
                // A child that is just being started has a copy for a moment: closing ours alone would leave it locked.
                flock(descriptor, LOCK_UN)
                close(descriptor)
            }
            descriptor = nil
        }
    }

    private static var reason: String { unsafe String(cString: strerror(errno)) }
}

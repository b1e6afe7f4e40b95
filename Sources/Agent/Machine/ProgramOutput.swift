import Connectors
import Synchronization

/// Runs a small helper program (git, nvidia-smi) for what it prints.
enum ProgramOutput {
    private static let limitBytes = 65_536
    /// One that hangs is given up after this.
    private static let timeoutMilliseconds: Int64 = 5_000

    private final class Gathered: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    /// What it printed, where it could be started, ended in time and ended well.
    static func of(_ arguments: [String], in folder: String, environment: [String: String]) async -> String? {
        guard let program = arguments.first,
            let executable = ChildCommand.resolve(program, searchPath: environment["PATH"], folder: folder)
        else { return nil }
        let gathered = Gathered()
        let end = await withCheckedContinuation { (continuation: CheckedContinuation<ChildEnd?, Never>) in
            let listener = ChildProcess.Listener(
                heard: { stream, bytes in
                    guard stream == .output else { return }
                    gathered.bytes.withLock { if $0.count < limitBytes { $0 += bytes } }
                },
                ended: { continuation.resume(returning: $0) }
            )
            do throws(SystemError) {
                let command = ChildCommand(
                    executable: executable, arguments: arguments, environment: environment, folder: folder
                )
                try ChildProcess.start(command, listener: listener).killAfter(milliseconds: timeoutMilliseconds)
            } catch {
                continuation.resume(returning: nil)
            }
        }
        guard let end, end.stop == .none, end.status == .exited(0) else { return nil }
        return gathered.bytes.withLock { String(decoding: $0, as: UTF8.self) }
    }
}

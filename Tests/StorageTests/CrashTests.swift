import Dispatch
import Domain
import Foundation
import Storage
import TestKit
import Testing

/// A process that writes without a pause and is killed with SIGKILL in the middle: everything that it was answered is
/// there (law 2).
@Suite(.serialized) struct CrashTests {
    /// After so many answers it is killed, at whatever the writer is doing then.
    private static let answersBeforeTheEnd = 300

    @Test(arguments: 0..<3)
    func whatWasAnsweredIsThereAfterAKill(round: Int) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("muster-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            try await Self.writeUntilKilled(URL(fileURLWithPath: path))
        }
        let answered = try String(contentsOf: folder.appendingPathComponent("answered.txt"), encoding: .utf8)
            .split(separator: "\n").compactMap { JobID(text: String($0)) }
        #expect(answered.count >= Self.answersBeforeTheEnd)
        let test = try await TestStore.open(folder: folder, clock: ManualClock())
        let stored = try await test.store.read { connection in
            try ListReads.jobs(queue: nil, status: nil, before: ListReads.end, limit: 1_000_000, connection)
        }
        #expect(Set(answered).subtracting(stored.map(\.id)).isEmpty)
        try await test.store.read { try StoreLaws.check($0) }
        // It goes on from there.
        #expect(try await test.submit(1)[0] > answered.max() ?? JobID(number: 0))
        await test.store.close()
    }

    private static func writeUntilKilled(_ folder: URL) async throws {
        let test = try await TestStore.open(folder: folder, clock: ManualClock())
        let file = folder.appendingPathComponent("answered.txt")
        try Data().write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        let answered = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            for _ in 0..<answersBeforeTheEnd { answered.wait() }
            kill(getpid(), SIGKILL)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    while true {
                        let id = try await test.submit(1)[0]
                        // One call of the system a line: what was written is there, whoever is killed.
                        try handle.write(contentsOf: Data("\(id)\n".utf8))
                        answered.signal()
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

import Foundation
package import Storage
import Wire

/// The newest pictures of windows, beside the database: all of one upload in one file, so that one sync is enough. A
/// file that shows nothing any more is removed.
package struct PictureStore: Sendable {
    private let folder: URL

    init(dataFolder: URL) throws {
        folder = dataFolder.appendingPathComponent("pictures", isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Writes bytes to a file of a new name and syncs it.
    package func put(_ bytes: [UInt8]) throws -> String {
        let name = hexadecimal(TokenSecret.randomBytes(12))
        let place = folder.appendingPathComponent(name)
        let data = Data(bytes)
        do {
            guard FileManager.default.createFile(atPath: place.path, contents: nil) else {
                throw CocoaError(.fileWriteUnknown)
            }
            let handle = try FileHandle(forWritingTo: place)
            defer { try? handle.close() }
            try handle.write(contentsOf: data)
            try handle.synchronize()
        } catch {
            try? FileManager.default.removeItem(at: place)
            throw Problem(
                code: "disk-full", title: "Disk full", status: 503,
                detail: "The pictures could not be written to the data folder."
            )
        }
        return name
    }

    /// The bytes of one picture; `nil` where they are gone.
    package func bytes(of picture: LegacyReads.Screenshot) -> [UInt8]? {
        guard let handle = try? FileHandle(forReadingFrom: folder.appendingPathComponent(picture.file)) else {
            return nil
        }
        defer { try? handle.close() }
        guard (try? handle.seek(toOffset: UInt64(picture.firstByte))) != nil,
            let data = try? handle.read(upToCount: picture.byteCount), data.count == picture.byteCount
        else { return nil }
        return Array(data)
    }

    package func remove(_ names: some Sequence<String>) {
        for name in names { try? FileManager.default.removeItem(at: folder.appendingPathComponent(name)) }
    }

    /// The names of all files.
    var names: Set<String> {
        Set((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    }
}

import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What can be told of a folder by looking at it, changing nothing.
enum FolderChecks {
    /// Below this a study's results may not fit any more.
    private static let lowFreeBytes: Int64 = 2 * 1_024 * 1_024 * 1_024
    /// Below this even the database is at risk.
    private static let leastFreeBytes: Int64 = 256 * 1_024 * 1_024

    /// - Parameter setting: the flag that names another folder.
    static func space(_ name: String, path: String, setting: SettingKey) -> Finding {
        guard let place = nearestFolder(path) else {
            return .fail(name, "\(path) can't be looked at.", next: "name another with \(setting.flag)")
        }
        guard unsafe access(place, W_OK) == 0 else {
            return .fail(name, "\(place) can't be written.", next: "name another with \(setting.flag)")
        }
        guard let free = freeBytes(place) else {
            return .warn(name, "How much is free at \(place) is not known.", next: "df \(place)")
        }
        let made = place == path ? "" : " (made at the first start)"
        let text = "\(path)\(made), \(Spoken.bytes(free)) free."
        if free < leastFreeBytes { return .fail(name, text, next: "free some, or name another with \(setting.flag)") }
        if free < lowFreeBytes { return .warn(name, text, next: "free some, or name another with \(setting.flag)") }
        return .ok(name, text)
    }

    /// The folder itself or, where it is not there yet, the one that it would be made in.
    private static func nearestFolder(_ path: String) -> String? {
        var place = path
        while !place.isEmpty {
            var isFolder: ObjCBool = false
            if unsafe FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) {
                return isFolder.boolValue ? place : nil
            }
            guard let slash = place.lastIndex(of: "/") else { return nil }
            place = slash == place.startIndex ? "/" : String(place[..<slash])
        }
        return nil
    }

    private static func freeBytes(_ path: String) -> Int64? {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
        return (attributes?[.systemFreeSize] as? NSNumber)?.int64Value
    }

    /// Whether another process holds the lock on a file. Asked by a shared lock that is let go at once, since there is
    /// no way to look without one.
    static func isLocked(_ path: String) -> Bool {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }
}

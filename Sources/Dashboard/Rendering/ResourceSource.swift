import Foundation

/// Where templates, modules and styles come from: the binary itself, or the folder of this target's sources while one
/// works on them.
enum ResourceSource {
    case embedded
    /// The path of the folder that holds `Templates`, `Modules` and `Styles`.
    case folder(String)

    func bytes(folder: String, name: String) throws -> [UInt8] {
        switch self {
        case .embedded:
            guard let bytes = ResourceNames.embedded[name] else {
                throw ResourceError(path: "\(folder)/\(name)", reason: "is not in the program")
            }
            return bytes()
        case .folder(let root):
            let path = "\(root)/\(folder)/\(name)"
            guard let data = FileManager.default.contents(atPath: path) else {
                throw ResourceError(path: path, reason: "can't be read")
            }
            return Array(data)
        }
    }

    func text(folder: String, name: String) throws -> String {
        String(decoding: try bytes(folder: folder, name: name), as: UTF8.self)
    }
}

/// A file of the dashboard that isn't where it should be.
package struct ResourceError: Error, CustomStringConvertible {
    package let path: String
    package let reason: String

    package var description: String { "The dashboard's file \(path) \(reason)." }
}

import Foundation
import TOMLKit

/// `muster.toml`, read and understood as far as its keys: what is in it that nobody knows is an error, since a
/// misspelt key would otherwise be a setting that silently does not hold.
struct SettingsFile: Sendable, Hashable {
    let path: String
    let values: [SettingKey: RawSetting]

    /// - Parameter path: absolute; paths in the file are taken from its folder.
    init(path: String, text: String) throws(CommandError) {
        self.path = path
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let place = "line \(error.source.begin.line), column \(error.source.begin.column)"
            throw CommandError(.wrongUse, "\(path) is not TOML: \(place): \(error.description)")
        } catch {
            throw CommandError(.wrongUse, "\(path) is not TOML: \(error)")
        }
        var values: [SettingKey: RawSetting] = [:]
        try Self.read(table, under: "", path: path, into: &values)
        self.values = values
    }

    /// The file that holds: the one that was named, else `muster.toml` in the working folder, else in the user's
    /// configuration folder. `nil` where none was named and none is there.
    static func find(named: String?, folders: Folders) throws(CommandError) -> SettingsFile? {
        if let named {
            let path = folders.absolute(named)
            guard let text = contents(path) else {
                throw CommandError(
                    .wrongUse, "The settings file \(path) can't be read: name one that is there, or leave --config out."
                )
            }
            return try SettingsFile(path: path, text: text)
        }
        for path in [folders.absolute("muster.toml"), folders.configuration + "/muster.toml"] {
            if let text = contents(path) { return try SettingsFile(path: path, text: text) }
        }
        return nil
    }

    private static func contents(_ path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return String(decoding: data, as: UTF8.self)
    }

    private static func read(
        _ table: TOMLTable, under prefix: String, path: String, into values: inout [SettingKey: RawSetting]
    ) throws(CommandError) {
        let tables = Set(SettingKey.allCases.compactMap { $0.rawValue.split(separator: ".").dropLast().first })
        for (name, value) in table {
            let key = prefix.isEmpty ? name : "\(prefix).\(name)"
            if value.type == .table, let inner = value.table, tables.contains(key[...]) {
                try read(inner, under: key, path: path, into: &values)
            } else if let setting = SettingKey(rawValue: key) {
                values[setting] = try raw(value, key: key, path: path)
            } else {
                throw unknown(key, path: path)
            }
        }
    }

    private static func raw(
        _ value: any TOMLValueConvertible, key: String, path: String
    ) throws(CommandError) -> RawSetting {
        if let text = value.string { return .text(text) }
        if let number = value.int { return .number(number) }
        if let flag = value.bool { return .flag(flag) }
        if let array = value.array {
            var list: [String] = []
            for element in array {
                guard let text = element.string ?? element.int.map(String.init) else {
                    throw CommandError(.wrongUse, "\(path): \(key) must be a list of strings or whole numbers.")
                }
                list.append(text)
            }
            return .list(list)
        }
        throw CommandError(.wrongUse, "\(path): \(key) can't be \(value.type.description); see muster settings --help.")
    }

    private static func unknown(_ key: String, path: String) -> CommandError {
        let known = SettingKey.allCases.map(\.rawValue)
        if let nearest = NearestName.of(key, among: known) {
            return CommandError(.wrongUse, "\(path): there is no setting \(key); did you mean \(nearest)?")
        }
        return CommandError(
            .wrongUse, "\(path): there is no setting \(key); there are \(known.joined(separator: ", "))."
        )
    }
}

import Domain
import Foundation

/// A JSON document from a file or, as `-`, from standard input.
enum ConfigurationInput {
    static func read(_ path: String, context: CommandContext) throws(CommandError) -> JSON {
        let name = path == "-" ? "standard input" : path
        let bytes: [UInt8]
        if path == "-" {
            do {
                bytes = try context.terminal.readInput()
            } catch {
                throw CommandError(.wrongUse, "Standard input can't be read: \(error)")
            }
        } else {
            guard let data = FileManager.default.contents(atPath: context.folders.absolute(path)) else {
                throw CommandError(.wrongUse, "The file \(path) is not there or can't be read")
            }
            bytes = Array(data)
        }
        return try parse(bytes, name: name)
    }

    static func parse(_ bytes: [UInt8], name: String) throws(CommandError) -> JSON {
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw CommandError(
                .wrongUse, "\(name) is not JSON: line \(error.line), column \(error.column): \(error.reason).")
        }
    }

    /// `phantoms` of `configs/phantoms.json`: the name of a study that was given none.
    static func stem(_ path: String) -> String? {
        guard path != "-", let file = path.split(separator: "/").last else { return nil }
        let stem = file.firstIndex(of: ".").map { file[..<$0] } ?? file
        return stem.isEmpty ? nil : String(stem)
    }
}

extension SplitOptions {
    /// - Parameter required: the answer to a missing `--split-by`, one sentence.
    func specification() throws(CommandError) -> SplitSpecification {
        guard let text = splitBy ?? splits.map({ _ in "auto" }) else {
            throw CommandError(
                .wrongUse, "Say by what to split: --split-by KEYPATH[,KEYPATH], or --splits N to have it chosen")
        }
        do {
            return try SplitSpecification(commandLine: text, splits: splits)
        } catch {
            throw CommandError(.wrongUse, error.message)
        }
    }

    func split(_ configuration: JSON) throws(CommandError) -> Split {
        let specification = try specification()
        do {
            return try Split(of: configuration, by: specification)
        } catch {
            throw CommandError(.wrongUse, error.message)
        }
    }
}

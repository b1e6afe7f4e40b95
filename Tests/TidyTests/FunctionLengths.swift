/// Where functions begin and end, in code whose comments and quotes are blanked out.
enum FunctionLengths {
    struct Function: Equatable {
        let line: Int
        let name: String
        let lineCount: Int
    }

    private static let words: Set<Substring> = ["func", "init", "deinit", "subscript"]

    static func of(_ code: [String]) -> [Function] {
        var functions: [Function] = []
        for (number, line) in code.enumerated() {
            guard let name = declared(in: line), let last = end(of: code, from: number) else { continue }
            functions.append(Function(line: number + 1, name: name, lineCount: last - number + 1))
        }
        return functions
    }

    /// The name where a function is declared in this line; a call of an initialiser has a dot or a word before it.
    private static func declared(in line: String) -> String? {
        let parts = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "@") }
        for (position, part) in parts.enumerated() where words.contains(part) {
            guard parts[..<position].allSatisfy(isModifier) else { return nil }
            return part == "func" && position + 1 < parts.count ? String(parts[position + 1]) : String(part)
        }
        return nil
    }

    private static let modifiers: Set<Substring> = [
        "package", "public", "internal", "private", "fileprivate", "open", "static", "class", "mutating", "override",
        "required", "convenience", "final", "consuming", "borrowing", "nonisolated", "isolated", "unsafe",
        "nonmutating",
    ]

    private static func isModifier(_ word: Substring) -> Bool { modifiers.contains(word) || word.hasPrefix("@") }

    /// The line of the brace that closes the body; `nil` for a requirement of a protocol, which has none.
    private static func end(of code: [String], from start: Int) -> Int? {
        var round = 0
        var curly = 0
        for number in start..<code.count {
            let line = code[number]
            if number > start, curly == 0, round == 0, !goesOn(line) { return nil }
            for character in line {
                switch character {
                case "(", "[": round += 1
                case ")", "]": round -= 1
                case "{": curly += 1
                case "}":
                    curly -= 1
                    if curly == 0 && round == 0 { return number }
                    if curly < 0 { return nil }
                default: break
                }
            }
        }
        return nil
    }

    /// Whether a line can be the rest of a declaration whose parentheses are closed.
    private static func goesOn(_ line: String) -> Bool {
        let rest = line.drop { $0 == " " }
        return ["{", "->", "where", "async", "throws", ")", "&&", ":"].contains { rest.hasPrefix($0) }
    }
}

import Foundation
import Testing

/// The manner of this repository, where a program can check it (CONTRIBUTING.md says what a person has to).
@Suite("Tidy")
struct TidyTests {
    private static let fileLines = 400
    private static let functionLines = 70
    private static let columns = 120

    /// Code: what a person reads line by line. Templates have long lines, tables and prose have their own measure.
    private static let codeEndings = [".swift", ".py", ".js", ".mjs", ".css", ".sh"]

    private static func isCode(_ file: TidyFile) -> Bool {
        codeEndings.contains { file.path.hasSuffix($0) } || file.text.hasPrefix("#!")
    }

    private static func report(_ file: TidyFile, _ line: Int, _ message: String) {
        Issue.record(Comment(rawValue: "\(file.path):\(line): \(message)"))
    }

    @Test("A file has at most 400 lines")
    func fileLength() {
        for file in Repository.files where Self.isCode(file) && file.lines.count - 1 > Self.fileLines {
            Self.report(file, file.lines.count - 1, "more than \(Self.fileLines) lines")
        }
    }

    /// What stands in quotes counts for nothing: a message is easier to find whole. Styles have one rule a line.
    @Test("A line has at most 120 columns")
    func lineLength() {
        for file in Repository.files where Self.isCode(file) && !file.path.hasSuffix(".css") {
            let long = file.lines.enumerated().filter { $1.utf8.count > Self.columns && $1.count > Self.columns }
            guard !long.isEmpty else { continue }
            let quoted = file.swift.quoted
            for (number, line) in long {
                let inQuotes = number < quoted.count ? quoted[number].count { $0 != " " } : 0
                if line.count - inQuotes > Self.columns { Self.report(file, number + 1, "\(line.count) columns") }
            }
        }
    }

    @Test("A function has at most 70 lines")
    func functionLength() {
        for file in Repository.swift where file.lines.count > Self.functionLines {
            let functions = FunctionLengths.of(file.swift.code)
            for function in functions where function.lineCount > Self.functionLines {
                Self.report(file, function.line, "\(function.name) has \(function.lineCount) lines")
            }
        }
    }

    /// Golden files are what was printed, to the letter.
    @Test("Lines end without blanks, files with one line's end, and nothing is indented by tabs")
    func blanks() {
        for file in Repository.files where !file.path.contains("/Golden/") && !file.text.isEmpty {
            if !file.text.hasSuffix("\n") || file.text.hasSuffix("\n\n") {
                Self.report(file, file.lines.count, "must end with one line's end")
            }
            for (number, line) in file.lines.enumerated() {
                if line.last?.isWhitespace == true { Self.report(file, number + 1, "ends with a blank") }
                if line.hasPrefix("\t") && file.path != "Makefile" {
                    Self.report(file, number + 1, "begins with a tab")
                }
            }
        }
    }

    @Test("SQL keeps to what both engines take: CAST, never ::")
    func casts() {
        for file in Repository.swift(in: "Sources/Storage") {
            for (number, line) in file.swift.quoted.enumerated() where line.contains("::") {
                if line.contains(/[A-Za-z0-9_)'$]::[a-z]/) { Self.report(file, number + 1, "use CAST(… AS …)") }
            }
        }
    }

    @Test("Nothing prints but the command line")
    func printing() {
        let files = Repository.swift(
            in: "Sources", "Examples", except: ["Sources/muster/", "Examples/FDTD/Command/"])
        for file in files {
            for (number, line) in file.swift.code.enumerated() where line.contains("rint(") {
                if line.contains(/(^|[^.\w])(debugP|p)rint\(/) { Self.report(file, number + 1, "prints") }
            }
        }
    }

    @Test("No input can end the process: no try!, as!, fatalError, force unwrap")
    func deaths() {
        for file in Repository.swift(in: "Sources", "Examples") {
            for (number, line) in file.swift.code.enumerated() {
                if line.contains("!"), line.contains(/\btry!|\bas!|[A-Za-z0-9_)\]]!(?![=A-Za-z])/) {
                    Self.report(file, number + 1, "try!, as! or a force unwrap")
                }
                if line.contains("fatalError(") { Self.report(file, number + 1, "fatalError") }
            }
        }
    }

    @Test("What the compiler is asked to trust has its reason in the comment above")
    func trusted() {
        for file in Repository.swift(in: "Sources", "Examples") {
            let code = file.swift.code
            for (number, line) in code.enumerated()
            where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
                var above = number - 1
                while above >= 0, code[above].drop(while: \.isWhitespace).hasPrefix("@") { above -= 1 }
                let isSaid = above >= 0 && file.lines[above].drop(while: \.isWhitespace).hasPrefix("//")
                if !isSaid { Self.report(file, number + 1, "say above why this is safe") }
            }
        }
    }

    @Test("Work belongs to a task group: no Task on its own")
    func tasks() {
        for file in Repository.swift(in: "Sources") {
            for (number, line) in file.swift.code.enumerated() where line.contains("Task") {
                if line.contains(/(^|[^.\w])Task(\.detached)?(\([^)]*\))? *\{/) {
                    Self.report(file, number + 1, "a task without a group: nobody waits for it")
                }
            }
        }
    }

    @Test("One clock (law 10): rules are told the time")
    func clocks() {
        let files = Repository.swift(
            in: "Sources/Domain/", "Sources/Wire/", "Sources/Storage", "Sources/Dashboard/", "Sources/Server/")
        for file in files {
            for (number, line) in file.swift.code.enumerated() where line.contains("Date") || line.contains("time") {
                if line.contains(/\bDate\(\)|\bDate\.now|\bgettimeofday\(|\bclock_gettime\(/) {
                    Self.report(file, number + 1, "reads the wall clock")
                }
            }
        }
    }
}

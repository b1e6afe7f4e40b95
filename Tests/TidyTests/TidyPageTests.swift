import Foundation
import Testing

/// The same for pages, prose and the repository as a whole.
@Suite("Tidy: pages and prose")
struct TidyPageTests {
    @Test("Templates have no script, style or handler of their own: the page's policy refuses them")
    func inline() {
        for file in Repository.templates {
            for (number, line) in file.lines.enumerated() {
                for match in line.matches(of: /<script\b[^>]*>/) where !match.output.contains("src=") {
                    Issue.record("\(file.path):\(number + 1): a script without src")
                }
                if line.contains(/<style\b|\sstyle=|\son[a-z]+="|javascript:/) {
                    Issue.record("\(file.path):\(number + 1): a style or a handler of its own")
                }
            }
        }
    }

    @Test("Nothing is left over")
    func leftovers() {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
        for file in Repository.files {
            for (number, line) in file.lines.enumerated() {
                for word in words where line.contains(word) && isWord(word, in: line) {
                    Issue.record("\(file.path):\(number + 1): \(word)")
                }
            }
        }
    }

    private func isWord(_ word: String, in line: Substring) -> Bool {
        line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { $0 == word }
    }

    @Test("No path of somebody's machine")
    func paths() {
        let beginnings = ["/wo" + "rk/main", "/wo" + "rk/shared", "/ro" + "ot/", "/tm" + "p/helpers"]
        for file in Repository.files {
            for (number, line) in file.lines.enumerated() where line.contains("/") {
                for beginning in beginnings where line.contains(beginning) {
                    Issue.record("\(file.path):\(number + 1): \(beginning)")
                }
            }
        }
    }

    @Test("Each target has a page that says what it is and why it is so")
    func designs() {
        let targets = Set(Repository.swift(in: "Sources").compactMap(\.target))
        for target in targets.sorted() where !Repository.exists("Sources/\(target)/DESIGN.md") {
            Issue.record("Sources/\(target) has no DESIGN.md")
        }
    }

    @Test("Links between our pages lead somewhere")
    func links() {
        for file in Repository.markdown {
            let folder = file.path.split(separator: "/").dropLast().joined(separator: "/")
            for (number, line) in file.lines.enumerated() {
                for match in line.matches(of: /\]\(([^)#\s]+)[^)]*\)/) where !match.output.1.contains("://") {
                    let target = folder.isEmpty ? String(match.output.1) : "\(folder)/\(match.output.1)"
                    if !Repository.exists(target) {
                        Issue.record("\(file.path):\(number + 1): \(match.output.1) is not there")
                    }
                }
            }
        }
    }

    @Test("Every variable that is read is told of in the documentation")
    func settings() throws {
        let keys = try #require(TidyFile("Sources/muster/Settings/SettingKey.swift"))
        let told = Repository.markdown.map(\.text).joined()
        let names = Set(keys.text.matches(of: /MUSTER_[A-Z_]+/).map { String($0.output) })
        #expect(names.count > 10)
        for name in names.sorted() where !told.contains("`\(name)`") {
            Issue.record("\(name) is in no page of the documentation")
        }
    }
}

/// A command to copy, in empty states and hints.
enum Commands {
    static func block(_ command: String) -> Markup {
        """
        <div class="command"><code>\(command)</code>\
        <button type="button" class="quiet" data-copy="\(command)" aria-label="Copy the command">\
        \(Marks.icon(.copy))<span>Copy</span></button></div>
        """
    }

    static let createStudy = "muster study create config.json --name NAME --split-by KEYPATH"
    static let work = "muster work --study NAME -- COMMAND {config}"
    static let preview = "muster study split config.json --split-by KEYPATH --dry-run"

    static func work(study: String) -> String {
        "muster work --study \(shellWord(study)) -- COMMAND {config}"
    }

    /// Quoted for a POSIX shell where it has to be; what is copied is run.
    static func shellWord(_ text: String) -> String {
        if !text.isEmpty, text.first != "-", text.utf8.allSatisfy({ QueryText.isUnreserved($0) && $0 != 0x7E }) {
            return text
        }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}

/// What the doctor found of one thing.
struct Finding: Sendable, Hashable {
    enum Level: String, Sendable, CaseIterable {
        case ok, warn, fail
    }

    /// The thing, in a word or two: `server`, `data folder`.
    let name: String
    let level: Level
    /// A sentence with the value in it.
    let detail: String
    /// The way out, where something is wrong.
    let next: String?

    static func ok(_ name: String, _ detail: String) -> Finding {
        Finding(name: name, level: .ok, detail: detail, next: nil)
    }

    static func warn(_ name: String, _ detail: String, next: String) -> Finding {
        Finding(name: name, level: .warn, detail: detail, next: next)
    }

    static func fail(_ name: String, _ detail: String, next: String) -> Finding {
        Finding(name: name, level: .fail, detail: detail, next: next)
    }
}

import Domain

/// How it is told that a session ended.
enum EndWords {
    static func sentence(_ reason: String) -> String {
        switch DeathCause(rawValue: reason) {
        case .goodbye: "said goodbye"
        case .replaced: "its process is gone; a new one has its name"
        case .reboot: "its machine was started anew"
        case .reaped: "its process died and was cleared away"
        case .silence: "not heard for too long"
        case .hungStop: "never finished stopping"
        case .forced: "ended by a person"
        case nil: reason
        }
    }
}

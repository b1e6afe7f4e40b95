package import Connectors
package import Wire

/// Why a worker did not come to serve. What happens to it later is logged and told in its summary, not thrown.
package enum AgentError: Error, Sendable, CustomStringConvertible {
    /// The settings contradict themselves or lack something.
    case settings(String)
    /// Another process holds the name on this machine.
    case nameTaken(String)
    /// Processes that the last worker of the wanted name left behind would not end.
    case haunted(String)
    /// The task was cancelled before there was a session.
    case cancelled
    /// The state folder can't be used.
    case state(SystemError)
    /// The machine's id in the state folder is no id.
    case damagedMachineID(path: String)
    /// The server understood and said no.
    case refused(Problem)

    package var description: String {
        switch self {
        case .settings(let text): text
        case .nameTaken(let name):
            "A worker named \(name) is alive on this machine. Choose another name, or none to get the next free one."
        case .haunted(let name):
            "Processes of the last worker named \(name) would not end. End them, or choose another name."
        case .cancelled: "The worker was cancelled."
        case .state(let error): "The state folder can't be used: \(error)."
        case .damagedMachineID(let path):
            "\(path) does not hold a machine id. Restore it, or remove it to be a new machine."
        case .refused(let problem): problem.detail.isEmpty ? problem.title : problem.detail
        }
    }
}

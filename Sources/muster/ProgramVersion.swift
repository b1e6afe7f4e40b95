/// The version of this program, as `--version`, the server and the agent say it.
enum ProgramVersion {
    static let text = "0.1.0"
}

/// What it takes to run GOLIAT's studies as programs of this worker.
///
/// GOLIAT's window reports to an address that is built into it. ``environment(_:stateFolder:)`` puts a module of ours
/// on the path of every Python that a study starts; it sends those requests to the worker's own session instead, and
/// touches no file of GOLIAT. The variables that GOLIAT reads itself every program gets.
package enum GOLIATPreset {
    /// The study that a configuration describes, in a window that closes when it is done. `--auto-close` came after
    /// version 1.4.0; for older ones the operator writes the command.
    package static let command = [
        "goliat", "study", "{config}", "--auto-close", "--title", "[Worker {index}] {study}",
    ]

    /// Where the module lies, within the state folder.
    private static let folderName = "python"
    private static let moduleName = "sitecustomize.py"

    /// Writes the module into the state folder and puts that on Python's path, before what is there.
    ///
    /// - Returns: the environment with it.
    package static func environment(
        _ environment: [String: String], stateFolder: String
    ) throws(SystemError) -> [String: String] {
        let folder = "\(Files.absolute(stateFolder, in: Files.currentFolder))/\(folderName)"
        try Files.makeFolder(folder, mode: 0o700)
        try Files.replace("\(folder)/\(moduleName)", with: PackageResources.sitecustomize_py)
        var environment = environment
        // An empty entry would be the folder that a program is started in.
        let others = environment["PYTHONPATH"].flatMap { $0.isEmpty ? nil : $0 }
        environment["PYTHONPATH"] = others.map { "\(folder):\($0)" } ?? folder
        return environment
    }
}

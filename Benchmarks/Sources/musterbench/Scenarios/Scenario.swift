/// A group of measurements that share a server and a run.
protocol Scenario {
    /// What `--only` calls it.
    static var name: String { get }
    /// One line for `--list`.
    static var summary: String { get }
    static func run(_ bench: Bench) throws
}

/// What a scenario is given: how to start a server, how long to measure, and where figures go.
struct Bench {
    let binary: String
    let dataFolder: String
    let isQuick: Bool
    let report: Report

    /// Rounds of one measurement; the middle of them counts.
    var roundCount: Int { isQuick ? 3 : 7 }
    var roundSeconds: Double { isQuick ? 0.7 : 2 }
    /// Connections, caches and the writer's memory are warm after this.
    let warmSeconds = 0.5

    /// Starts a server with an empty data folder, and stops it whatever happens.
    func withServer<Value>(_ name: String, _ body: (ServerProcess) throws -> Value) throws -> Value {
        let folder = "\(dataFolder)/\(name)"
        let server = try ServerProcess(binary: binary, folder: folder)
        report.note("\(name): server \(server.processID) on port \(server.port)")
        defer {
            server.stop()
            try? Files.removeTree(folder)
        }
        return try body(server)
    }
}

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
    /// A PostgreSQL, for the group that compares, and for all where `isOnPostgres`.
    let database: String?
    let isOnPostgres: Bool
    let isQuick: Bool
    let report: Report

    /// Rounds of one measurement; the middle of them counts.
    var roundCount: Int { isQuick ? 3 : 7 }
    var roundSeconds: Double { isQuick ? 0.7 : 2 }
    /// Connections, caches and the writer's memory are warm after this.
    let warmSeconds = 0.5

    enum Engine {
        case sqlite
        /// Servers that name the same schema share it.
        ///
        /// - Parameter url: another way to the same PostgreSQL than `--database`.
        case postgres(schema: String, url: String? = nil)
    }

    /// Starts a server with an empty database, on SQLite unless all is measured on PostgreSQL, and stops it whatever
    /// happens.
    func withServer<Value>(_ name: String, _ body: (ServerProcess) throws -> Value) throws -> Value {
        let schema = "bench_" + name.split(separator: "-").joined(separator: "_")
        return try withServer(name, on: isOnPostgres ? .postgres(schema: schema) : .sqlite, body)
    }

    /// Several of them, on one database.
    ///
    /// - Parameters:
    ///   - engine: without it the one that is measured.
    ///   - hasCores: whether each has a core to itself, as far as there are cores.
    func withServers(
        _ name: String, count: Int, on engine: Engine? = nil, hasCores: Bool, _ body: ([ServerProcess]) throws -> Void
    ) throws {
        let engine = engine ?? (isOnPostgres ? .postgres(schema: "bench_\(name)") : .sqlite)
        var servers: [ServerProcess] = []
        func start() throws {
            guard servers.count < count else { return try body(servers) }
            let core = hasCores ? Cores.number(servers.count) : nil
            try withServer("\(name)-\(servers.count + 1)", on: engine, core: core) { server in
                servers.append(server)
                try start()
            }
        }
        try start()
    }

    func withServer<Value>(
        _ name: String, on engine: Engine, core: Int? = nil, _ body: (ServerProcess) throws -> Value
    ) throws -> Value {
        var options: [String] = []
        if case .postgres(let schema, let url) = engine {
            guard let database = url ?? database else {
                throw BenchError("PostgreSQL is to be measured, but there is no --database.")
            }
            options = ["--database", database, "--database-schema", schema]
        }
        let folder = "\(dataFolder)/\(name)"
        let server = try ServerProcess(binary: binary, folder: folder, options: options, core: core)
        report.note("\(name): server \(server.processID) on port \(server.port)")
        defer {
            server.stop()
            try? Files.removeTree(folder)
        }
        return try body(server)
    }

    /// Starts the yardstick, if it is installed, and stops it whatever happens.
    func withYardstick<Value>(_ body: (YardstickProcess?) throws -> Value) throws -> Value {
        let yardstick = try YardstickProcess.start(folder: "\(dataFolder)/yardstick")
        if yardstick == nil {
            report.note("beanstalkd is not installed (apt-get install beanstalkd): rates are judged by themselves")
        }
        defer { yardstick?.stop() }
        return try body(yardstick)
    }
}

/// What beanstalkd did on the two-core machine where the rates that are to be reached were set, with a sync before
/// every answer, as here. A target divided by these is one that holds on any machine.
enum YardstickRate {
    static let cycles = 9_100.0
    static let puts = 9_900.0
}

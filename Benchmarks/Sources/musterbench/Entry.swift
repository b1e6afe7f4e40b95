import Glibc

@main
enum Entry {
    private static let scenarios: [any (Scenario & SendableMetatype).Type] = [
        BeatsScenario.self, CyclesScenario.self, SubmitsScenario.self, DepthScenario.self, WaitingScenario.self,
        MemoryScenario.self, NodesScenario.self, GoliatScenario.self,
    ]

    static func main() {
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()), names: scenarios.map { $0.name })
            guard !options.asksForHelp else { return help() }
            exit(try run(options) ? 0 : 1)
        } catch {
            Output.write("musterbench: \(error)\n", to: 2)
            exit(2)
        }
    }

    private static func help() {
        Output.write(Options.help, to: 1)
        for scenario in scenarios {
            let space = String(repeating: " ", count: 10 - scenario.name.count)
            Output.write("  \(scenario.name)\(space)\(scenario.summary)\n", to: 1)
        }
    }

    /// False where a target was not met and that was to matter.
    private static func run(_ options: Options) throws -> Bool {
        Interruption.listen()
        raiseFileLimit()
        try Files.makeFolder(options.dataFolder)
        let report = Report()
        let sync = Double(try Files.syncNanoseconds(in: options.dataFolder)) / 1e6
        report.note(
            "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores, shared by server, load and whatever else runs here; "
                + "a sync of 4 KiB takes \(Figure.text(sync)) ms. Ratios hold from machine to machine, rates do not."
        )
        report.title()
        let bench = Bench(
            binary: options.binary, dataFolder: options.dataFolder, database: options.database,
            isOnPostgres: options.isOnPostgres, isQuick: options.isQuick, report: report
        )
        if let part = options.profiled {
            guard options.profiledServers == 1 || options.isOnPostgres else {
                throw BenchError("Several servers need --on-postgres.")
            }
            try bench.withServers(
                "profile", count: options.profiledServers, hasCores: options.profiledServers > 1
            ) { servers in
                try ProfileRun.run(part, seconds: options.profileSeconds, servers, bench)
            }
            return true
        }
        for scenario in scenarios where options.only.isEmpty || options.only.contains(scenario.name) {
            try scenario.run(bench)
        }
        if let file = options.jsonFile { try Files.write(report.json(), to: file) }
        return !(options.isStrict && report.hasMissed)
    }

    /// Ten thousand sessions are as many connections, here and in the server, which inherits the limit.
    private static func raiseFileLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

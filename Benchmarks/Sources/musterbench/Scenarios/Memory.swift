/// How much memory the server holds, idle and with ten thousand sessions.
enum MemoryScenario: Scenario {
    static let name = "memory"
    static let summary = "resident memory, idle and with 10,000 sessions that beat every 10 s"

    private static let idleTargetMegabytes = 60.0
    private static let busyTargetMegabytes = 300.0
    private static let sessionCount = 10_000
    private static let beatSeconds = 10.0
    private static let idleMilliseconds = 3_000

    static func run(_ bench: Bench) throws {
        try bench.withServer(name) { server in
            Clock.pause(milliseconds: idleMilliseconds)
            bench.report.memory("idle", server.residentBytes(), below: idleTargetMegabytes)
            let workers = try server.makeWorkers(sessionCount)
            bench.report.note("memory: \(Figure.text(megabytes(server))) MB with the sessions, without connections")
            let pace = try Pace(
                server: server, workers: workers, periodSeconds: beatSeconds, isChanging: true
            )
            Clock.pause(milliseconds: 1_000)
            bench.report.note("memory: \(Figure.text(megabytes(server))) MB with the connections, before their beats")
            try pace.run(seconds: bench.isQuick ? 12 : 40)
            bench.report.memory(
                "\(sessionCount) sessions", pace.highestBytes, below: busyTargetMegabytes,
                note: "each on its connection, changing with every beat; p50 "
                    + "\(Figure.text(pace.latencies.milliseconds(0.5))) ms, "
                    + "p99 \(Figure.text(pace.latencies.milliseconds(0.99))) ms"
            )
        }
    }

    private static func megabytes(_ server: ServerProcess) -> Double { Double(server.residentBytes()) / 1e6 }
}

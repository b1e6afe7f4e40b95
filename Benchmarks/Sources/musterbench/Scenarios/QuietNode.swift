/// What ten thousand agents that have nothing new to say cost PostgreSQL; a part of the group `nodes`.
enum QuietNode {
    private static let sessionCount = 10_000
    private static let beatSeconds = 10.0
    private static let measuredSeconds = 20.0
    private static let targetPerSecond = 2.0

    static func run(_ address: PostgresAddress, _ bench: Bench) throws {
        guard let question = try? PostgresQuestion(address) else {
            return bench.report.note("nodes: quiet beats left out: PostgreSQL lets nobody in without a password")
        }
        try bench.withServer("nodes-quiet", on: .postgres(schema: "bench_quiet")) { server in
            let workers = try server.makeWorkers(sessionCount)
            let pace = try Pace(server: server, workers: workers, periodSeconds: beatSeconds, isChanging: false)
            // Each has said it once before, and is known by it.
            try pace.run(seconds: beatSeconds)
            let before = (count: try question.writeTransactions(), moment: Clock.now())
            try pace.run(seconds: measuredSeconds)
            let after = (count: try question.writeTransactions(), moment: Clock.now())
            bench.report.frequency(
                "transactions that write, 10,000 quiet agents",
                Double(after.count - before.count) * 1e9 / Double(after.moment - before.moment),
                atMost: targetPerSecond,
                note: "all that PostgreSQL gave a number to; each agent beats every 10 s; beats p99 "
                    + "\(Figure.text(pace.latencies.milliseconds(0.99))) ms"
            )
        }
    }
}

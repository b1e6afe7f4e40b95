/// One kind of work alone for a while, so that a profiler sees nothing else.
enum ProfileRun {
    static let parts = ["empty", "changing", "quiet", "single", "batch", "submit", "bulk"]

    private static let clientCount = 64
    private static let submitterCount = 16
    private static let bulkCount = 4
    /// Enough for a server twice as quick as the target.
    private static let supplyPerSecond = 30_000.0

    static func run(_ part: String, seconds: Double, _ servers: [ServerProcess], _ bench: Bench) throws {
        let workers = try servers[0].makeWorkers(clientCount)
        let count = part == "submit" ? submitterCount : part == "bulk" ? bulkCount : clientCount
        let loop = try ClosedLoop(servers: servers, clientCount: count)
        var rounds = Rounds()
        switch part {
        case "changing", "quiet":
            var beats = Beats(workers: workers, isChanging: part == "changing")
            rounds.add(try loop.run(&beats, seconds: seconds))
        case "single", "batch":
            var cycles = Cycles(workers: workers, batchCount: part == "single" ? 1 : 16)
            try cycles.fill(to: Int(seconds * supplyPerSecond), submit: servers[0].submit)
            bench.report.note("\(part) begins")
            rounds.add(try loop.run(&cycles, seconds: seconds))
        case "submit", "bulk":
            var submits = Submits(batchCount: part == "submit" ? 1 : 1_000, count: .max)
            rounds.add(try loop.run(&submits, seconds: seconds))
        default:
            var empty = EmptyRequests()
            rounds.add(try loop.run(&empty, seconds: seconds))
        }
        bench.report.rate(part, rounds)
    }
}

import Connectors
import Domain
import Glibc
import Testing
import Wire

@testable import Agent

private func log(_ number: Int64, _ text: String) -> Report {
    Report(number: number, kind: .log, ref: someRef(7), lines: [NewLogLine(at: nil, level: .info, text: text)])
}

private func result(_ number: Int64) -> Report {
    Report(number: number, kind: .completed, ref: someRef(7), exitCode: 0, result: ["n": JSON(number)])
}

private let policy = SpoolPolicy(reserveBytes: 0, diskFloorBytes: 0)

@Suite struct SpoolTests {
    private func numbers(_ spool: Spool) -> [Int64] {
        spool.next(countLimit: 1_000_000, bytesLimit: .max).map(\.number)
    }

    @Test func givesReportsInOrderAndLetsGoOfWhatIsAcknowledged() async throws {
        try await withFolder { folder in
            let spool = try Spool(folder: folder.path, policy: policy)
            #expect(spool.isEmpty)
            for text in ["a", "b", "c"] { #expect(spool.append(.light) { log($0, text) } != nil) }
            #expect(spool.append(.result, result) == 4)
            let frames = spool.next(countLimit: 3, bytesLimit: .max)
            #expect(frames.map(\.number) == [1, 2, 3])
            #expect(frames[1].json == log(2, "b").body)
            spool.acknowledge(upTo: 2)
            #expect(numbers(spool) == [3, 4])
            spool.acknowledge(upTo: 1)
            #expect(numbers(spool) == [3, 4])
            spool.acknowledge(upTo: 4)
            #expect(spool.isEmpty)
            #expect(spool.append(.light) { log($0, "d") } == 5)
            #expect(numbers(spool) == [5])
        }
    }

    @Test func keepsWithinTheLimitsOfABatchButGivesAtLeastOne() async throws {
        try await withFolder { folder in
            let spool = try Spool(folder: folder.path, policy: policy)
            for _ in 0..<10 { spool.append(.light) { log($0, String(repeating: "x", count: 1_000)) } }
            #expect(spool.next(countLimit: 4, bytesLimit: .max).count == 4)
            #expect(spool.next(countLimit: 10, bytesLimit: 2_500).count == 3)
            #expect(spool.next(countLimit: 10, bytesLimit: 1).count == 1)
        }
    }

    @Test func goesOnWhereADeadProcessLeftOff() async throws {
        try await withFolder { folder in
            var spool = try Spool(folder: folder.path, policy: policy)
            for text in ["a", "b", "c"] { spool.append(.light) { log($0, text) } }
            spool.acknowledge(upTo: 1)
            spool = try Spool(folder: folder.path, policy: policy)
            // What was acknowledged may come again: the server knows it by its number.
            #expect(numbers(spool) == [1, 2, 3])
            #expect(spool.append(.light) { log($0, "d") } == 4)
            #expect(numbers(spool) == [1, 2, 3, 4])
        }
    }

    @Test func cutsATornEndWhereverItTore() async throws {
        try await withFolder { folder in
            let spool = try Spool(folder: folder.path, policy: policy)
            var ends = [Int(SpoolSegment.headBytes)]
            for number in 1...4 {
                spool.append(.light) { log($0, String(repeating: "ü", count: number)) }
                ends.append(try #require(Files.contents("\(folder.path)/spool-00000001")).count)
            }
            let whole = try #require(Files.contents("\(folder.path)/spool-00000001"))
            for length in 0...whole.count {
                for damage in [false, true] {
                    // Torn off, or torn off and filled with what the disk had there.
                    let bytes = Array(whole[..<length]) + (damage ? [UInt8](repeating: 0xA5, count: 40) : [])
                    let place = "\(folder.path)/torn"
                    try Files.makeFolder(place)
                    try Files.replace("\(place)/spool-00000001", with: bytes)
                    let torn = try Spool(folder: place, policy: policy)
                    let count = ends.count { $0 <= length } - 1
                    #expect(numbers(torn) == (count > 0 ? Array(1...Int64(count)) : []), "at \(length)")
                    let next = try #require(torn.append(.light) { log($0, "after") })
                    #expect(numbers(torn).last == next)
                    #expect(torn.next(countLimit: 10, bytesLimit: .max).last?.json == log(next, "after").body)
                    Files.removeTree(place)
                }
            }
        }
    }

    @Test func noticesEveryFlippedBit() async throws {
        let frame = SpoolFrame(number: 77, json: Array(#"{"number":77}"#.utf8))
        let bytes = frame.bytes
        #expect(SpoolFrame(bytes, at: 0) == frame)
        for position in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[position] ^= 1 << UInt8(bit)
                #expect(SpoolFrame(damaged, at: 0) == nil)
            }
        }
        #expect(SpoolFrame([], at: 0) == nil)
        #expect(SpoolFrame([UInt8](repeating: 0, count: 64), at: 0) == nil)
    }

    @Test func checksumsAsTheStandardSays() {
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    }

    @Test func lettingGoFreesTheDisk() async throws {
        try await withFolder { folder in
            let spool = try Spool(folder: folder.path, policy: policy)
            let text = String(repeating: "x", count: 8_000)
            for _ in 0..<2_000 { spool.append(.light) { log($0, text) } }
            #expect(SpoolSegment.indices(in: folder.path) == [1, 2, 3, 4])
            #expect(numbers(spool) == Array(1...2_000))
            spool.acknowledge(upTo: 1_200)
            #expect(SpoolSegment.indices(in: folder.path) == [3, 4])
            #expect(numbers(spool) == Array(1_201...2_000))
            // The remaining files alone say where it stands.
            #expect(numbers(try Spool(folder: folder.path, policy: policy)).last == 2_000)
            spool.acknowledge(upTo: 2_000)
            #expect(SpoolSegment.indices(in: folder.path) == [4])
            #expect(Files.status("\(folder.path)/spool-00000004")?.sizeBytes == SpoolSegment.headBytes)
        }
    }

    @Test func takesOnlyResultsPastItsLimit() async throws {
        try await withFolder { folder in
            let small = SpoolPolicy(limitBytes: 2_000, reserveBytes: 0, diskFloorBytes: 0)
            let spool = try Spool(folder: folder.path, policy: small)
            while spool.append(.light, { log($0, String(repeating: "x", count: 100)) }) != nil {}
            #expect(spool.pressure == .onlyResults)
            let last = try #require(numbers(spool).last)
            #expect(spool.append(.result, result) == last + 1)
            spool.acknowledge(upTo: last - 4)
            #expect(spool.pressure == .none)
            #expect(spool.append(.light) { log($0, "again") } == last + 2)
        }
    }

    @Test func putsASimplerReportInThePlaceOfARefusedOne() async throws {
        try await withFolder { folder in
            let spool = try Spool(folder: folder.path, policy: policy)
            for text in ["a", "b", "c"] { spool.append(.light) { log($0, text) } }
            spool.replace(SpoolFrame(number: 2, json: Array("simple".utf8)))
            let frames = spool.next(countLimit: 10, bytesLimit: .max)
            #expect(frames.map(\.number) == [1, 2, 3])
            #expect(frames[1].json == Array("simple".utf8))
            spool.acknowledge(upTo: 2)
            #expect(numbers(spool) == [3])
        }
    }

    @Test func isOfOneMindFromManyThreads() async throws {
        try await withFolder { folder in
            let spool = try Spool(folder: folder.path, policy: policy)
            await withDiscardingTaskGroup { group in
                for writer in 0..<8 {
                    group.addTask {
                        for line in 0..<200 { spool.append(.light) { log($0, "\(writer) \(line)") } }
                    }
                }
                group.addTask {
                    for _ in 0..<400 {
                        let frames = spool.next(countLimit: 7, bytesLimit: .max)
                        if let last = frames.last { spool.acknowledge(upTo: last.number - 3) }
                        await Task.yield()
                    }
                }
            }
            #expect(numbers(spool).last == 1_600)
            #expect(zip(numbers(spool), numbers(spool).dropFirst()).allSatisfy { $0 + 1 == $1 })
        }
    }

    /// In a process of its own, since the limit is the whole process's: files may not grow past a size, which is how
    /// a full disk feels to whoever writes.
    @Test func keepsResultsWhenTheDiskIsFull() async {
        await #expect(processExitsWith: .success) {
            let folder = try TestFolder()
            defer { folder.remove() }
            signal(SIGXFSZ, SIG_IGN)
            let spool = try Spool(folder: folder.path, policy: SpoolPolicy(reserveBytes: 16_384, diskFloorBytes: 0))
            #expect(Files.status("\(folder.path)/reserve")?.sizeBytes == 16_384)
            var limit = rlimit(rlim_cur: 10_000, rlim_max: 10_000)
            #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            var taken: Int64 = 0
            while let number = spool.append(.light, { log($0, String(repeating: "x", count: 500)) }) { taken = number }
            #expect(taken > 10)
            // Light ones are refused, essential ones are kept, first with the reserve's room and then in memory.
            for _ in 0..<30 { #expect(spool.append(.result, result) != nil) }
            #expect(spool.append(.light) { log($0, String(repeating: "x", count: 500)) } == nil)
            #expect(Files.status("\(folder.path)/reserve") == nil)
            let numbers = spool.next(countLimit: 1_000, bytesLimit: .max).map(\.number)
            #expect(numbers == Array(1...taken + 30))
            spool.acknowledge(upTo: taken + 30)
            #expect(spool.isEmpty)
            #expect(spool.append(.light) { log($0, "room again") } == taken + 31)
        }
    }
}

@Suite struct SpoolPolicyTests {
    @Test func doesWithoutTheLightestFirst() {
        let policy = SpoolPolicy(limitBytes: 100, diskFloorBytes: 1_000)
        func pressure(_ used: Int64, _ free: Int64? = nil) -> SpoolPressure {
            policy.pressure(usedBytes: used, freeBytes: free)
        }
        #expect(pressure(0) == .none)
        #expect(pressure(49) == .none)
        #expect(pressure(50) == .noProgress)
        #expect(pressure(75) == .noDebug)
        #expect(pressure(100) == .onlyResults)
        #expect(pressure(0, 1_000) == .none)
        #expect(pressure(0, 999) == .noDebug)
        #expect(pressure(0, 499) == .onlyResults)
        #expect(pressure(100, 999) == .onlyResults)
    }

    @Test func takesWhatItsPressureAllows() {
        let taken = SpoolPressure.allCases.map { pressure in
            (pressure.takesProgress ? "p" : "")
                + LogLevel.allCases.filter { pressure.takes($0) }.map { "\($0.rawValue.first ?? "?")" }.joined()
        }
        #expect(taken == ["pdinwe", "dinwe", "inwe", ""])
    }
}

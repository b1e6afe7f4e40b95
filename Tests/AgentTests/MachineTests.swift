import Connectors
import Domain
import Testing
import Wire

@testable import Agent

@Suite struct MachineTests {
    @Test func readsHowBusyTheProcessorsAre() throws {
        let earlier = try #require(ProcessorReading(procStat: "cpu  100 0 50 800 50 0 0 0 10 0\ncpu0 1 2 3\n"))
        let later = try #require(ProcessorReading(procStat: "cpu  150 0 75 850 75 0 0 0 10 0\n"))
        #expect(later.share(since: earlier) == 0.5)
        #expect(earlier.share(since: earlier) == nil)
        #expect(ProcessorReading(procStat: "intr 1 2 3") == nil)
        #expect(ProcessorReading.now() != nil)
    }

    @Test func readsHowMuchMemoryIsInUse() throws {
        let text = "MemTotal:        4000 kB\nMemFree:  100 kB\nMemAvailable:    1000 kB\nHugePages_Total: 0\n"
        let reading = try #require(MemoryReading(procMeminfo: text))
        #expect(reading.totalBytes == 4_096_000)
        #expect(reading.share == 0.75)
        #expect(MemoryReading(procMeminfo: "MemTotal: 5 kB\n") == nil)
    }

    @Test func readsGraphicsProcessors() throws {
        let reading = try #require(
            GPUReading(csv: "NVIDIA RTX A4000, 30, 1000, 4000\nNVIDIA RTX A4000, 50, 3000, 4000\n"))
        #expect(reading.names == ["NVIDIA RTX A4000", "NVIDIA RTX A4000"])
        #expect(reading.share == 0.4)
        #expect(reading.memoryShare == 0.5)
        let partly = try #require(GPUReading(csv: "GB10, 7, [N/A], [N/A]\n"))
        #expect(partly.share == 0.07)
        #expect(partly.memoryShare == nil)
        #expect(GPUReading(csv: "No devices were found\n") == nil)
    }

    @Test func tellsNothingNewOfAMachineAtRest() {
        let told = Utilisation(cpu: 0.5, memory: 0.25, diskFreeBytes: 100 << 30)
        #expect(told.settled(Utilisation(cpu: 0.52, memory: 0.24, diskFreeBytes: (100 << 30) - 5_000)) == told)
        let moved = told.settled(Utilisation(cpu: 0.577, memory: 0.25, gpu: 0.1, diskFreeBytes: 50 << 30))
        #expect(moved == Utilisation(cpu: 0.58, memory: 0.25, gpu: 0.1, diskFreeBytes: 50 << 30))
        #expect(told.settled(Utilisation()) == Utilisation())
    }

    @Test func describesThisMachine() {
        let machine = MachineInspection.describe(id: MachineID("m"), hostname: "h", gpus: [])
        #expect((machine.cores ?? 0) > 0)
        #expect((machine.memoryBytes ?? 0) > 0)
        #expect(machine.bootID?.isEmpty == false)
        #expect(!MachineInspection.hostname().isEmpty)
    }

    @Test func takesTheVersionThatIsSaidElseTheCommitElseTheBuild() async throws {
        try await withFolder { folder in
            var settings = AgentSettings(
                server: "http://x", stateFolder: folder.path, hostname: "h", programFolder: folder.path
            )
            settings.environment = ["PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": folder.path]
            #expect(await BuildVersion.find(settings, clock: .system).hasPrefix("build-2"))
            settings.buildID = "b77"
            #expect(await BuildVersion.find(settings, clock: .system) == "b77")
            let shell = """
                git init -q . && git -c user.name=x -c user.email=x commit -q --allow-empty -m x
                git rev-parse --short HEAD
                """
            let commit = await ProgramOutput.of(
                ["/bin/sh", "-c", shell], in: folder.path, environment: settings.environment)
            #expect(await BuildVersion.find(settings, clock: .system) == commit?.trimmingSpaces)
            settings.version = "v1"
            #expect(await BuildVersion.find(settings, clock: .system) == "v1")
        }
    }
}

@Suite struct SettingsTests {
    private func settings(_ change: (inout AgentSettings) -> Void) -> String? {
        var settings = AgentSettings(server: "http://x", stateFolder: "/s", hostname: "h", programFolder: "/")
        settings.queues = ["q"]
        settings.command = ["/bin/true"]
        change(&settings)
        return settings.problem
    }

    @Test func servesWithWhatIsWhole() {
        #expect(settings { _ in } == nil)
        #expect(
            settings {
                $0.command = []; $0.allowsJobCommands = true
            } == nil)
        #expect(
            settings {
                $0.queues = []; $0.studies = ["a", "b"]
            } == nil)
        #expect(
            settings {
                $0.queues = []; $0.studies = ["a"]; $0.indices = [0, 3]
            } == nil)
    }

    @Test func saysWhatStandsInTheWay() {
        #expect(settings { $0.server = "lab" }?.contains("http://") == true)
        #expect(settings { $0.slots = 0 } != nil)
        #expect(settings { $0.queues = [] } != nil)
        #expect(settings { $0.command = [] }?.contains("may not bring one") == true)
        #expect(settings { $0.command = ["no-such-program"] }?.contains("no-such-program") == true)
        #expect(settings { $0.indices = [1] } != nil)
        #expect(
            settings {
                $0.queues = []; $0.studies = ["a"]; $0.indices = []
            } != nil)
        #expect(
            settings {
                $0.queues = []; $0.studies = ["a"]; $0.indices = [-1]
            } != nil)
        #expect(settings { $0.name = "" } != nil)
        #expect(settings { $0.capabilities = [1] } != nil)
    }
}

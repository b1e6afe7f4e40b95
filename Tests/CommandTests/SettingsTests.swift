import Domain
import Foundation
import Storage
import Testing

@testable import muster

@Suite("Settings")
struct SettingsTests {
    private static let folders = Folders(working: "/srv/lab", home: "/home/ada", environment: [:])

    private func settings(
        flags: [SettingKey: RawSetting] = [:], environment: [String: String] = [:], file: String? = nil
    ) throws -> Settings {
        let file = try file.map { try SettingsFile(path: "/etc/lab/muster.toml", text: $0) }
        return try Settings(flags: flags, environment: environment, file: file, folders: Self.folders)
    }

    private func message(_ body: () throws -> Settings) -> String? {
        #expect(throws: CommandError.self) { _ = try body() }?.line
    }

    struct Layers: Sendable, CustomTestStringConvertible {
        let flag: Bool
        let variable: Bool
        let file: Bool
        let value: Int
        let origin: SettingOrigin
        var testDescription: String { "flag \(flag), variable \(variable), file \(file)" }
    }

    @Test(
        "flag over variable over file over default, and each says where it came from",
        arguments: [
            Layers(flag: true, variable: true, file: true, value: 1, origin: .flag("--port")),
            Layers(flag: true, variable: true, file: false, value: 1, origin: .flag("--port")),
            Layers(flag: true, variable: false, file: true, value: 1, origin: .flag("--port")),
            Layers(flag: true, variable: false, file: false, value: 1, origin: .flag("--port")),
            Layers(flag: false, variable: true, file: true, value: 2, origin: .environment("MUSTER_PORT")),
            Layers(flag: false, variable: true, file: false, value: 2, origin: .environment("MUSTER_PORT")),
            Layers(flag: false, variable: false, file: true, value: 3, origin: .file("/etc/lab/muster.toml")),
            Layers(flag: false, variable: false, file: false, value: 7_117, origin: .standard),
        ])
    func precedence(layers: Layers) throws {
        let settings = try settings(
            flags: layers.flag ? [.port: .text("1")] : [:],
            environment: layers.variable ? ["MUSTER_PORT": "2"] : [:],
            file: layers.file ? "[server]\nport = 3" : nil)
        #expect(settings.port == Setting(value: layers.value, origin: layers.origin))
    }

    @Test("every setting can come from a variable and from the file", arguments: SettingKey.allCases)
    func everySource(key: SettingKey) throws {
        let (text, toml): (String, String) =
            switch key {
            case .url: ("10.0.0.5", "\"10.0.0.5\"")
            case .logLevel: ("debug", "\"debug\"")
            case .database: ("postgres://host/name", "\"postgres://host/name\"")
            case .port, .slots, .graceSeconds, .killGraceSeconds, .keepLogDays, .keepLogMegabytes, .keepWorkerDays,
                .keepJobDays:
                ("9", "9")
            case .insecure, .requireTokens, .allowJobCommands, .inWorkFolder, .keepWorkFolders: ("true", "true")
            case .queues, .capabilities: ("a,b", "[\"a\", \"b\"]")
            case .trustedProxies, .goliatFrom:
                ("10.0.0.5,10.1.0.0/16", "[\"10.0.0.5\", \"10.1.0.0/16\"]")
            case .exec: ("a b", "[\"a\", \"b\"]")
            case .retryableExitCodes: ("7,8", "[7, 8]")
            default: ("/some/where", "\"/some/where\"")
            }
        let parts = key.rawValue.split(separator: ".")
        let table = parts.count == 2 ? "[\(parts[0])]\n\(parts[1])" : key.rawValue
        let fromVariable = try settings(environment: [key.environmentName: text]).rows.first { $0.key == key }
        let fromFile = try settings(file: "\(table) = \(toml)").rows.first { $0.key == key }
        #expect(fromVariable?.origin == .environment(key.environmentName))
        #expect(fromFile?.origin == .file("/etc/lab/muster.toml"))
        #expect(fromVariable?.value == fromFile?.value)
        #expect(fromVariable?.value != nil)
    }

    @Test("what is kept is set in days, and in megabytes")
    func retention() throws {
        let set = try settings(
            flags: [.keepLogDays: .text("2")], environment: ["MUSTER_KEEP_WORKER_DAYS": "3"],
            file: "[server]\nkeepJobDays = 4\nkeepLogMegabytes = 5"
        ).retention
        #expect(set.logBytes == 5_000_000)
        #expect(set.logLineMilliseconds == 2 * 86_400_000)
        #expect(set.endedSessionMilliseconds == 3 * 86_400_000)
        #expect(set.finishedJobMilliseconds == 4 * 86_400_000)
        #expect(try settings().retention == Retention())
        #expect(throws: CommandError.self) { try settings(flags: [.keepLogDays: .text("0")]) }
        #expect(throws: CommandError.self) { try settings(flags: [.keepLogMegabytes: .text("0")]) }
    }

    @Test("defaults")
    func defaults() throws {
        let settings = try settings()
        #expect(settings.url.value.text == "http://127.0.0.1:7117")
        #expect(settings.host.value == "127.0.0.1")
        #expect(settings.token.value == nil)
        #expect(settings.slots.value == 1)
        #expect(settings.retryableExitCodes.value == [42])
        #expect(settings.rows.allSatisfy { $0.origin == .standard })
    }

    @Test("a client looks for the server at the port that is set")
    func portOfClient() throws {
        #expect(try settings(environment: ["MUSTER_PORT": "8000"]).url.value.text == "http://127.0.0.1:8000")
        let both = try settings(environment: ["MUSTER_PORT": "8000", "MUSTER_URL": "lab:9"])
        #expect(both.url.value.text == "http://lab:9")
    }

    @Test("to ask everybody for a token and nobody is refused")
    func contradiction() throws {
        #expect(throws: CommandError.self) {
            try settings(flags: [.insecure: .flag(true)], environment: ["MUSTER_REQUIRE_TOKENS": "1"])
        }
    }

    @Test("an empty variable is as good as none")
    func emptyVariable() throws {
        #expect(try settings(environment: ["MUSTER_PORT": ""]).port.value == 7_117)
    }

    @Test("a path is taken from the working folder, in the file from the file's own")
    func paths() throws {
        #expect(try settings(flags: [.data: .text("data")]).data.value == "/srv/lab/data")
        #expect(try settings(environment: ["MUSTER_DATA": "./data"]).data.value == "/srv/lab/data")
        #expect(try settings(environment: ["MUSTER_DATA": "~/data"]).data.value == "/home/ada/data")
        #expect(try settings(file: "[server]\ndata = \"data\"").data.value == "/etc/lab/data")
        #expect(try settings(file: "[server]\ndata = \"/data\"").data.value == "/data")
    }

    @Test("folders follow the XDG variables, where they are absolute")
    func folders() {
        #if !os(macOS)
            let plain = Folders(working: "/", home: "/home/ada", environment: ["XDG_DATA_HOME": "relative"])
            #expect(plain.state == "/home/ada/.local/state/muster")
            #expect(plain.data == "/home/ada/.local/share/muster")
            let moved = Folders(working: "/", home: "/home/ada", environment: ["XDG_STATE_HOME": "/var/state/"])
            #expect(moved.state == "/var/state/muster")
        #endif
    }

    @Test(
        "a key that nobody knows is an error that names the nearest",
        arguments: [
            ("prot = 1", "prot", "server.port"), ("[server]\nprot = 1", "server.prot", "server.port"),
            ("port = 1", "port", "server.port"), ("[worker]\nslot = 1", "worker.slot", "worker.slots"),
            ("[serevr]\nport = 1", "serevr", "server.port"), ("Url = \"x\"", "Url", "url"),
            ("[server]\ndashboard_from = \"x\"", "server.dashboard_from", "server.dashboardFrom"),
        ])
    func unknownKey(text: String, key: String, nearest: String) {
        let message = message { try settings(file: text) }
        guard key != "serevr" else { return #expect(message?.contains("there is no setting serevr") == true) }
        #expect(message == "/etc/lab/muster.toml: there is no setting \(key); did you mean \(nearest)?")
    }

    @Test("a key like no other gets the list")
    func strangeKey() {
        #expect(message { try settings(file: "colourOfTheSky = 1") }?.contains("there are url, token,") == true)
    }

    @Test("what is not TOML is told with its place")
    func notTOML() {
        let message = message { try settings(file: "[server]\nport = = 3") }
        #expect(message?.hasPrefix("/etc/lab/muster.toml is not TOML: line 2, column ") == true, "\(message ?? "")")
    }

    @Test(
        "a wrong value says where it stands and what it must be",
        arguments: [
            ([SettingKey.port: RawSetting.text("x")], [:], nil, "--port must be a whole number from 0 to 65535."),
            ([:], ["MUSTER_PORT": "70000"], nil, "The variable MUSTER_PORT must be a whole number from 0 to 65535."),
            ([:], ["MUSTER_INSECURE": "maybe"], nil, "The variable MUSTER_INSECURE must be true or false."),
            (
                [:], [:], "[server]\nport = \"x\"",
                "/etc/lab/muster.toml: server.port must be a whole number from 0 to 65535."
            ),
            (
                [:], [:], "[server]\nport = true",
                "/etc/lab/muster.toml: server.port must be a whole number from 0 to 65535."
            ),
            ([:], [:], "token = 3", "/etc/lab/muster.toml: token must be a text."),
            (
                [:], [:], "token = 1.5",
                "/etc/lab/muster.toml: token can't be floating-point number; see muster settings --help."
            ),
            (
                [.url: .text("ftp://x")], [:], nil,
                "--server must be the address of a server, such as http://127.0.0.1:7117, not ftp://x."
            ),
            (
                [:], ["MUSTER_LOG_LEVEL": "loud"], nil,
                "The variable MUSTER_LOG_LEVEL must be one of trace, debug, info, notice, warning, error, critical."
            ),
            ([.exec: .text("a 'b")], [:], nil, "--exec is no command: it is empty, or a quote is not closed."),
        ] as [([SettingKey: RawSetting], [String: String], String?, String)])
    func wrongValues(flags: [SettingKey: RawSetting], environment: [String: String], file: String?, expected: String) {
        #expect(message { try settings(flags: flags, environment: environment, file: file) } == expected)
    }

    @Test("capabilities are names with values, JSON where they are JSON")
    func capabilities() throws {
        let settings = try settings(environment: ["MUSTER_CAPABILITIES": "gpu,cuda=12,site=lab 7,fast=false"])
        #expect(settings.capabilities.value == ["gpu": true, "cuda": 12, "site": "lab 7", "fast": false])
        let twice = message { try self.settings(environment: ["MUSTER_CAPABILITIES": "gpu,gpu=1"]) }
        #expect(twice == "The variable MUSTER_CAPABILITIES names gpu twice.")
        let unnamed = message { try self.settings(environment: ["MUSTER_CAPABILITIES": "=1"]) }
        #expect(unnamed?.contains("must be names with values, such as gpu=true, not =1") == true)
    }

    @Test(
        "a range of addresses that is none is refused, with where it stands and why",
        arguments: [
            ("lab", "is no address or range of addresses"), ("10.0.0.5/8", "names one address and a range at once"),
            ("10.0.0.0/8,10.0.0.0/33", "must have 0 to 32 behind its slash"),
        ])
    func ranges(text: String, reason: String) {
        for key in [SettingKey.trustedProxies, .goliatFrom] {
            let flag = message { try self.settings(flags: [key: .text(text)]) }
            #expect(flag?.hasPrefix(key.flag) == true && flag?.contains(reason) == true, "\(flag ?? "-")")
            let variable = message { try self.settings(environment: [key.environmentName: text]) }
            #expect(variable?.hasPrefix("The variable \(key.environmentName)") == true)
        }
    }

    @Test("a server does not start with a range that is none")
    func startWithBadRange() async throws {
        for flag in ["--goliat-from", "--trusted-proxies"] {
            let stage = Stage(environment: [:])
            #expect(await stage.run("serve", flag, "10.0.0.1/8") == 2)
            #expect(stage.errors.contains(flag))
        }
    }

    @Test("a token is never shown")
    func token() async throws {
        let settings = try settings(environment: ["MUSTER_TOKEN": "sesame"])
        #expect(settings.token.value == "sesame")
        let row = settings.rows.first { $0.key == .token }
        #expect(row?.shown == "(hidden)")
        let stage = Stage(environment: ["MUSTER_TOKEN": "sesame"])
        #expect(await stage.run("settings") == 0)
        #expect(await stage.run("settings", "--json") == 0)
        #expect(stage.output.contains("(hidden)"))
        #expect(!stage.output.contains("sesame"))
    }

    @Test("the file is the named one, else that of the working folder, else the user's")
    func find() async throws {
        try await withTemporaryFolder { folder in
            let folders = Folders(working: folder, home: folder, environment: ["XDG_CONFIG_HOME": "\(folder)/config"])
            #expect(try SettingsFile.find(named: nil, folders: folders) == nil)
            try FileManager.default.createDirectory(
                atPath: "\(folder)/config/muster", withIntermediateDirectories: true)
            try write("logLevel = \"debug\"", to: "\(folder)/config/muster/muster.toml")
            #expect(try SettingsFile.find(named: nil, folders: folders)?.path == "\(folder)/config/muster/muster.toml")
            try write("logLevel = \"error\"", to: "\(folder)/muster.toml")
            #expect(try SettingsFile.find(named: nil, folders: folders)?.path == "\(folder)/muster.toml")
            try write("", to: "\(folder)/other.toml")
            #expect(try SettingsFile.find(named: "other.toml", folders: folders)?.path == "\(folder)/other.toml")
            #expect(throws: CommandError.self) { try SettingsFile.find(named: "missing.toml", folders: folders) }
        }
    }

    @Test(
        "addresses are taken as people write them",
        arguments: [
            ("http://lab:7117", "http://lab:7117"), ("lab", "http://lab"), ("lab:80", "http://lab:80"),
            (":8000", "http://127.0.0.1:8000"), ("https://lab/muster/", "https://lab/muster"),
            ("http://[::1]:7117", "http://[::1]:7117"), ("HTTP://lab", "http://lab"),
            ("http://lab/s/token", "http://lab/s/token"),
        ])
    func addresses(text: String, expected: String) {
        #expect(ServerAddress(text)?.text == expected)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", "http://", "ftp://lab", "http://lab:0", "http://lab:99999", "http://lab:x", "http://a b",
            "http://me@lab",
            "http://lab/?x", "http://[::1", "lab:", "http://lab\u{1B}[2J",
        ])
    func noAddresses(text: String) {
        #expect(ServerAddress(text) == nil)
    }
}

import Connectors
import Domain
import Logging
import StoragePostgres

/// All that can be set, with defaults, built once from flags over environment over file over default. Nothing else
/// reads the environment. ``SettingKey`` lists every key, variable and flag.
struct Settings: Sendable {
    /// The server that clients and workers talk to. Unless set, the port below on loopback.
    let url: Setting<ServerAddress>
    /// Bearer token for it; on loopback none is needed unless the server has some.
    let token: Setting<String?>
    /// The agent's folder: machine id, name locks, spool.
    let state: Setting<String>
    let logLevel: Setting<Logger.Level>

    /// The server's folder: database and files.
    let data: Setting<String>
    /// A PostgreSQL database instead of the one in the folder, as libpq reads it.
    let database: Setting<String?>
    let databaseSchema: Setting<String>
    let host: Setting<String>
    let port: Setting<Int>
    /// Serve on an address that others reach without any token. Only for networks where everybody may do everything.
    let insecure: Setting<Bool>
    /// Ask for a token on loopback, too.
    let requireTokens: Setting<Bool>
    /// Proxies that are believed where they say whom they pass on.
    let trustedProxies: Setting<[AddressRange]>
    /// From where GOLIAT's own programs, which can send no token, need none.
    let goliatFrom: Setting<[AddressRange]>
    /// How many days log lines, ended workers, and finished jobs of queues are kept.
    let keepLogDays: Setting<Int>
    let keepLogMegabytes: Setting<Int>
    let keepWorkerDays: Setting<Int>
    let keepJobDays: Setting<Int>
    /// Read templates, modules and styles from this folder at every request, for whoever writes them.
    let dashboardFrom: Setting<String?>

    /// The name on its machine; unless set, the hostname, with `-2` … while that is taken.
    let workerName: Setting<String?>
    /// Jobs run side by side.
    let slots: Setting<Int>
    let queues: Setting<[String]>
    /// The command template, a word an element. Never through a shell.
    let exec: Setting<[String]>
    /// Exit codes by which a program asks to be tried again.
    let retryableExitCodes: Setting<[Int]>
    /// How long a running job may go on after the worker was told to drain.
    let graceSeconds: Setting<Int>
    /// Between SIGTERM and SIGKILL, where a job is cancelled or given back.
    let killGraceSeconds: Setting<Int>
    let allowJobCommands: Setting<Bool>
    /// What jobs may require of this worker: names, each with a value.
    let capabilities: Setting<JSONObject>
    /// Where attempts get folders of their own; unless set, in the state folder.
    let workFolder: Setting<String?>
    /// Start programs in their attempt's folder instead of the operator's.
    let inWorkFolder: Setting<Bool>
    let keepWorkFolders: Setting<Bool>

    /// The file that was read, if any.
    let file: String?

    static let standardHost = "127.0.0.1"
    static let standardPort = 7_117
    static let standardKeepLogDays = 14
    static let standardKeepLogMegabytes = 10_000
    static let standardKeepWorkerDays = 30
    static let standardKeepJobDays = 90
    /// A century is for ever.
    static let keepDays = 1...36_500
    static let keepMegabytes = 1...100_000_000
    static let standardGraceSeconds = 60
    static let standardKillGraceSeconds = 10
    static let standardRetryableExitCodes = [42]

    /// - Parameters:
    ///   - flags: what was said on the command line.
    ///   - environment: of the process; an empty variable is as good as none.
    init(
        flags: [SettingKey: RawSetting], environment: [String: String], file: SettingsFile?, folders: Folders
    ) throws(CommandError) {
        let reader = SettingsReader(flags: flags, environment: environment, file: file, folders: folders)
        // 0 has the system choose a free one, which only a server's own first line can tell.
        let port = try reader.number(.port, default: Self.standardPort, in: 0...65_535)
        self.port = port
        let expected = port.value == 0 ? Self.standardPort : port.value
        url = try reader.address(.url, default: ServerAddress(loopbackPort: expected))
        token = try reader.text(.token)
        state = try reader.path(.state, default: folders.state)
        logLevel = try reader.level(.logLevel, default: .info)
        data = try reader.path(.data, default: folders.data)
        database = try reader.databaseURL(.database)
        let schema = try reader.text(.databaseSchema)
        databaseSchema = Setting(value: schema.value ?? PostgresTarget.standardSchema, origin: schema.origin)
        let host = try reader.text(.host)
        self.host = Setting(value: host.value ?? Self.standardHost, origin: host.origin)
        insecure = try reader.flag(.insecure)
        requireTokens = try reader.flag(.requireTokens)
        if insecure.value && requireTokens.value {
            throw CommandError(
                .wrongUse,
                "\(SettingKey.insecure.rawValue) and \(SettingKey.requireTokens.rawValue) contradict each other: "
                    + "set one of them."
            )
        }
        trustedProxies = try reader.ranges(.trustedProxies)
        goliatFrom = try reader.ranges(.goliatFrom)
        keepLogDays = try reader.number(.keepLogDays, default: Self.standardKeepLogDays, in: Self.keepDays)
        keepLogMegabytes = try reader.number(
            .keepLogMegabytes, default: Self.standardKeepLogMegabytes, in: Self.keepMegabytes
        )
        keepWorkerDays = try reader.number(.keepWorkerDays, default: Self.standardKeepWorkerDays, in: Self.keepDays)
        keepJobDays = try reader.number(.keepJobDays, default: Self.standardKeepJobDays, in: Self.keepDays)
        dashboardFrom = try reader.optionalPath(.dashboardFrom)
        workerName = try reader.text(.workerName)
        slots = try reader.number(.slots, default: 1, in: 1...10_000)
        queues = try reader.list(.queues, default: [])
        exec = try reader.words(.exec)
        retryableExitCodes = try reader.numbers(
            .retryableExitCodes, default: Self.standardRetryableExitCodes, in: 1...255)
        graceSeconds = try reader.number(.graceSeconds, default: Self.standardGraceSeconds, in: 0...86_400)
        killGraceSeconds = try reader.number(
            .killGraceSeconds, default: Self.standardKillGraceSeconds, in: 0...86_400)
        allowJobCommands = try reader.flag(.allowJobCommands)
        capabilities = try reader.capabilities(.capabilities)
        workFolder = try reader.optionalPath(.workFolder)
        inWorkFolder = try reader.flag(.inWorkFolder)
        keepWorkFolders = try reader.flag(.keepWorkFolders)
        self.file = file?.path
    }
}

/// Picks each value from the strongest layer that has it, and says where a wrong one stands.
struct SettingsReader {
    let flags: [SettingKey: RawSetting]
    let environment: [String: String]
    let file: SettingsFile?
    let folders: Folders

    private func pick(_ key: SettingKey) -> (raw: RawSetting, origin: SettingOrigin)? {
        if let raw = flags[key] { return (raw, .flag(key.flag)) }
        if let text = environment[key.environmentName], !text.isEmpty {
            return (.text(text), .environment(key.environmentName))
        }
        if let file, let raw = file.values[key] { return (raw, .file(file.path)) }
        return nil
    }

    private func wrong(_ key: SettingKey, _ origin: SettingOrigin, _ reason: String) -> CommandError {
        let place =
            switch origin {
            case .flag(let name): name
            case .environment(let name): "The variable \(name)"
            case .file(let path): "\(path): \(key.rawValue)"
            case .standard: key.rawValue
            }
        return CommandError(.wrongUse, "\(place) \(reason).")
    }

    func text(_ key: SettingKey) throws(CommandError) -> Setting<String?> {
        guard let (raw, origin) = pick(key) else { return Setting(value: nil, origin: .standard) }
        guard case .text(let text) = raw else { throw wrong(key, origin, "must be a text") }
        return Setting(value: text, origin: origin)
    }

    func databaseURL(_ key: SettingKey) throws(CommandError) -> Setting<String?> {
        let setting = try text(key)
        if let url = setting.value, !PostgresTarget.isURL(url) {
            throw wrong(key, setting.origin, "must be a PostgreSQL URL, such as postgres://user@host/database")
        }
        return setting
    }

    func optionalPath(_ key: SettingKey) throws(CommandError) -> Setting<String?> {
        let setting = try text(key)
        guard let path = setting.value else { return setting }
        guard !path.isEmpty else { throw wrong(key, setting.origin, "must be a path") }
        var folder: String?
        if case .file(let file) = setting.origin {
            folder = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
        }
        return Setting(value: folders.absolute(path, from: folder), origin: setting.origin)
    }

    func path(_ key: SettingKey, default standard: String) throws(CommandError) -> Setting<String> {
        let setting = try optionalPath(key)
        return Setting(value: setting.value ?? standard, origin: setting.origin)
    }

    func number(
        _ key: SettingKey, default standard: Int, in range: ClosedRange<Int>
    ) throws(CommandError) -> Setting<Int> {
        guard let (raw, origin) = pick(key) else { return Setting(value: standard, origin: .standard) }
        let number: Int?
        switch raw {
        case .number(let value): number = value
        case .text(let text): number = Int(text)
        case .flag, .list: number = nil
        }
        guard let number, range.contains(number) else {
            throw wrong(key, origin, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return Setting(value: number, origin: origin)
    }

    func flag(_ key: SettingKey) throws(CommandError) -> Setting<Bool> {
        guard let (raw, origin) = pick(key) else { return Setting(value: false, origin: .standard) }
        switch raw {
        case .flag(let value): return Setting(value: value, origin: origin)
        case .text(let text):
            switch text.lowercased() {
            case "1", "true", "yes", "on": return Setting(value: true, origin: origin)
            case "0", "false", "no", "off": return Setting(value: false, origin: origin)
            default: throw wrong(key, origin, "must be true or false")
            }
        case .number, .list: throw wrong(key, origin, "must be true or false")
        }
    }

    func list(_ key: SettingKey, default standard: [String]) throws(CommandError) -> Setting<[String]> {
        guard let (raw, origin) = pick(key) else { return Setting(value: standard, origin: .standard) }
        let list: [String]
        switch raw {
        case .list(let values): list = values
        case .text(let text): list = text.split(separator: ",").map { $0.trimmingSpaces }
        case .number, .flag: throw wrong(key, origin, "must be a list of texts")
        }
        guard list.allSatisfy({ !$0.isEmpty }) else { throw wrong(key, origin, "has an empty text in its list") }
        return Setting(value: list, origin: origin)
    }

    func numbers(
        _ key: SettingKey, default standard: [Int], in range: ClosedRange<Int>
    ) throws(CommandError) -> Setting<[Int]> {
        let texts = try list(key, default: [])
        guard texts.origin != .standard else { return Setting(value: standard, origin: .standard) }
        var numbers: [Int] = []
        for text in texts.value {
            guard let number = Int(text), range.contains(number) else {
                throw wrong(
                    key, texts.origin, "must be whole numbers from \(range.lowerBound) to \(range.upperBound)")
            }
            numbers.append(number)
        }
        return Setting(value: numbers, origin: texts.origin)
    }

    func ranges(_ key: SettingKey) throws(CommandError) -> Setting<[AddressRange]> {
        let texts = try list(key, default: [])
        var ranges: [AddressRange] = []
        for text in texts.value {
            do throws(AddressRange.Malformed) {
                ranges.append(try AddressRange(text))
            } catch {
                throw wrong(key, texts.origin, "names \(text), which \(error.reason)")
            }
        }
        return Setting(value: ranges, origin: texts.origin)
    }

    /// A command: a list as it stands, a text cut into words as a shell cuts it.
    func words(_ key: SettingKey) throws(CommandError) -> Setting<[String]> {
        guard let (raw, origin) = pick(key) else { return Setting(value: [], origin: .standard) }
        switch raw {
        case .list(let words): return Setting(value: words, origin: origin)
        case .text(let text):
            guard let words = CommandTemplate.split(line: text), !words.isEmpty else {
                throw wrong(key, origin, "is no command: it is empty, or a quote is not closed")
            }
            return Setting(value: words, origin: origin)
        case .number, .flag: throw wrong(key, origin, "must be a command")
        }
    }

    /// `gpu=true`, `cuda=12`, `site=lab`: a value that is JSON is taken as such, any other as a text; none is `true`.
    func capabilities(_ key: SettingKey) throws(CommandError) -> Setting<JSONObject> {
        let texts = try list(key, default: [])
        var object = JSONObject()
        for text in texts.value {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = parts.first, !name.isEmpty else {
                throw wrong(key, texts.origin, "must be names with values, such as gpu=true, not \(text)")
            }
            guard object[name] == nil else { throw wrong(key, texts.origin, "names \(name) twice") }
            object[name] = parts.count == 1 ? true : (try? JSON(parsing: parts[1])) ?? .string(parts[1])
        }
        return Setting(value: object, origin: texts.origin)
    }

    func level(_ key: SettingKey, default standard: Logger.Level) throws(CommandError) -> Setting<Logger.Level> {
        let setting = try text(key)
        guard let text = setting.value else { return Setting(value: standard, origin: .standard) }
        guard let level = Logger.Level(rawValue: text.lowercased()) else {
            let words = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw wrong(key, setting.origin, "must be one of \(words)")
        }
        return Setting(value: level, origin: setting.origin)
    }

    func address(_ key: SettingKey, default standard: ServerAddress) throws(CommandError) -> Setting<ServerAddress> {
        let setting = try text(key)
        guard let text = setting.value else { return Setting(value: standard, origin: .standard) }
        guard let address = ServerAddress(text) else {
            throw wrong(
                key, setting.origin, "must be the address of a server, such as http://127.0.0.1:7117, not \(text)")
        }
        return Setting(value: address, origin: setting.origin)
    }
}

extension StringProtocol {
    var trimmingSpaces: String {
        var rest = Substring(self)
        while rest.first?.isWhitespace == true { rest = rest.dropFirst() }
        while rest.last?.isWhitespace == true { rest = rest.dropLast() }
        return String(rest)
    }
}

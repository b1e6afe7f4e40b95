/// Every setting, by its key in `muster.toml`; a dot is a table. The flag and the variable of each stand here, once.
///
/// | key | variable | flag |
/// |---|---|---|
/// | `url` | `MUSTER_URL` | `--server` |
/// | `token` | `MUSTER_TOKEN` | `--token` |
/// | `state` | `MUSTER_STATE` | `--state` |
/// | `logLevel` | `MUSTER_LOG_LEVEL` | `--log-level` |
/// | `server.data` | `MUSTER_DATA` | `--data` |
/// | `server.database` | `MUSTER_DATABASE` | `--database` |
/// | `server.databaseSchema` | `MUSTER_DATABASE_SCHEMA` | `--database-schema` |
/// | `server.host` | `MUSTER_HOST` | `--host` |
/// | `server.port` | `MUSTER_PORT` | `--port` |
/// | `server.insecure` | `MUSTER_INSECURE` | `--insecure` |
/// | `server.requireTokens` | `MUSTER_REQUIRE_TOKENS` | `--require-tokens` |
/// | `server.trustedProxies` | `MUSTER_TRUSTED_PROXIES` | `--trusted-proxies` |
/// | `server.goliatFrom` | `MUSTER_GOLIAT_FROM` | `--goliat-from` |
/// | `server.keepLogDays` | `MUSTER_KEEP_LOG_DAYS` | `--keep-log-days` |
/// | `server.keepLogMegabytes` | `MUSTER_KEEP_LOG_MEGABYTES` | `--keep-log-megabytes` |
/// | `server.keepWorkerDays` | `MUSTER_KEEP_WORKER_DAYS` | `--keep-worker-days` |
/// | `server.keepJobDays` | `MUSTER_KEEP_JOB_DAYS` | `--keep-job-days` |
/// | `server.dashboardFrom` | `MUSTER_DASHBOARD_FROM` | `--dashboard-from` |
/// | `worker.name` | `MUSTER_NAME` | `--name` |
/// | `worker.slots` | `MUSTER_SLOTS` | `--slots` |
/// | `worker.queues` | `MUSTER_QUEUES` | `--queue` |
/// | `worker.exec` | `MUSTER_EXEC` | `--exec`, or what follows `--` |
/// | `worker.retryableExitCodes` | `MUSTER_RETRYABLE_EXIT_CODES` | `--retryable-exit-code` |
/// | `worker.graceSeconds` | `MUSTER_GRACE_SECONDS` | `--grace` |
/// | `worker.killGraceSeconds` | `MUSTER_KILL_GRACE_SECONDS` | `--kill-grace` |
/// | `worker.allowJobCommands` | `MUSTER_ALLOW_JOB_COMMANDS` | `--allow-job-commands` |
/// | `worker.capabilities` | `MUSTER_CAPABILITIES` | `--capability` |
/// | `worker.workFolder` | `MUSTER_WORK_FOLDER` | `--work-folder` |
/// | `worker.inWorkFolder` | `MUSTER_IN_WORK_FOLDER` | `--in-work-folder` |
/// | `worker.keepWorkFolders` | `MUSTER_KEEP_WORK_FOLDERS` | `--keep-work-folders` |
enum SettingKey: String, Sendable, CaseIterable {
    case url
    case token
    case state
    case logLevel
    case data = "server.data"
    case database = "server.database"
    case databaseSchema = "server.databaseSchema"
    case host = "server.host"
    case port = "server.port"
    case insecure = "server.insecure"
    case requireTokens = "server.requireTokens"
    case trustedProxies = "server.trustedProxies"
    case goliatFrom = "server.goliatFrom"
    case keepLogDays = "server.keepLogDays"
    case keepLogMegabytes = "server.keepLogMegabytes"
    case keepWorkerDays = "server.keepWorkerDays"
    case keepJobDays = "server.keepJobDays"
    case dashboardFrom = "server.dashboardFrom"
    case workerName = "worker.name"
    case slots = "worker.slots"
    case queues = "worker.queues"
    case exec = "worker.exec"
    case retryableExitCodes = "worker.retryableExitCodes"
    case graceSeconds = "worker.graceSeconds"
    case killGraceSeconds = "worker.killGraceSeconds"
    case allowJobCommands = "worker.allowJobCommands"
    case capabilities = "worker.capabilities"
    case workFolder = "worker.workFolder"
    case inWorkFolder = "worker.inWorkFolder"
    case keepWorkFolders = "worker.keepWorkFolders"

    var environmentName: String {
        switch self {
        case .url: "MUSTER_URL"
        case .token: "MUSTER_TOKEN"
        case .state: "MUSTER_STATE"
        case .logLevel: "MUSTER_LOG_LEVEL"
        case .data: "MUSTER_DATA"
        case .database: "MUSTER_DATABASE"
        case .databaseSchema: "MUSTER_DATABASE_SCHEMA"
        case .host: "MUSTER_HOST"
        case .port: "MUSTER_PORT"
        case .insecure: "MUSTER_INSECURE"
        case .requireTokens: "MUSTER_REQUIRE_TOKENS"
        case .trustedProxies: "MUSTER_TRUSTED_PROXIES"
        case .goliatFrom: "MUSTER_GOLIAT_FROM"
        case .keepLogDays: "MUSTER_KEEP_LOG_DAYS"
        case .keepLogMegabytes: "MUSTER_KEEP_LOG_MEGABYTES"
        case .keepWorkerDays: "MUSTER_KEEP_WORKER_DAYS"
        case .keepJobDays: "MUSTER_KEEP_JOB_DAYS"
        case .dashboardFrom: "MUSTER_DASHBOARD_FROM"
        case .workerName: "MUSTER_NAME"
        case .slots: "MUSTER_SLOTS"
        case .queues: "MUSTER_QUEUES"
        case .exec: "MUSTER_EXEC"
        case .retryableExitCodes: "MUSTER_RETRYABLE_EXIT_CODES"
        case .graceSeconds: "MUSTER_GRACE_SECONDS"
        case .killGraceSeconds: "MUSTER_KILL_GRACE_SECONDS"
        case .allowJobCommands: "MUSTER_ALLOW_JOB_COMMANDS"
        case .capabilities: "MUSTER_CAPABILITIES"
        case .workFolder: "MUSTER_WORK_FOLDER"
        case .inWorkFolder: "MUSTER_IN_WORK_FOLDER"
        case .keepWorkFolders: "MUSTER_KEEP_WORK_FOLDERS"
        }
    }

    var flag: String {
        switch self {
        case .url: "--server"
        case .token: "--token"
        case .state: "--state"
        case .logLevel: "--log-level"
        case .data: "--data"
        case .database: "--database"
        case .databaseSchema: "--database-schema"
        case .host: "--host"
        case .port: "--port"
        case .insecure: "--insecure"
        case .requireTokens: "--require-tokens"
        case .trustedProxies: "--trusted-proxies"
        case .goliatFrom: "--goliat-from"
        case .keepLogDays: "--keep-log-days"
        case .keepLogMegabytes: "--keep-log-megabytes"
        case .keepWorkerDays: "--keep-worker-days"
        case .keepJobDays: "--keep-job-days"
        case .dashboardFrom: "--dashboard-from"
        case .workerName: "--name"
        case .slots: "--slots"
        case .queues: "--queue"
        case .exec: "--exec"
        case .retryableExitCodes: "--retryable-exit-code"
        case .graceSeconds: "--grace"
        case .killGraceSeconds: "--kill-grace"
        case .allowJobCommands: "--allow-job-commands"
        case .capabilities: "--capability"
        case .workFolder: "--work-folder"
        case .inWorkFolder: "--in-work-folder"
        case .keepWorkFolders: "--keep-work-folders"
        }
    }

    /// Which file is read; it is no setting of the file itself.
    static let configurationVariable = "MUSTER_CONFIG"
}

/// Where a value came from, the strongest first.
enum SettingOrigin: Sendable, Hashable, CustomStringConvertible {
    case flag(String)
    case environment(String)
    case file(String)
    case standard

    var description: String {
        switch self {
        case .flag(let name): "flag \(name)"
        case .environment(let name): "environment \(name)"
        case .file(let path): "file \(path)"
        case .standard: "default"
        }
    }

    /// The word for programs: `flag`, `environment`, `file`, `default`.
    var word: String {
        switch self {
        case .flag: "flag"
        case .environment: "environment"
        case .file: "file"
        case .standard: "default"
        }
    }
}

/// A value before it is understood: text from a flag or a variable, typed from a file.
enum RawSetting: Sendable, Hashable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([String])
}

/// A setting with where it came from.
struct Setting<Value: Sendable>: Sendable {
    let value: Value
    let origin: SettingOrigin
}

extension Setting: Equatable where Value: Equatable {}

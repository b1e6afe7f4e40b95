import Dashboard
import Domain
import Foundation
import Storage

/// The rows of the settings page: what the server was started with, its database, and who shares it.
struct SettingRows {
    let server: ServerContext

    var all: [SettingsPage.Row] {
        get async { started + (await database) }
    }

    private var started: [SettingsPage.Row] {
        let settings = server.settings
        return [
            SettingsPage.Row(name: "version", value: settings.version, source: "this program"),
            SettingsPage.Row(name: "host", value: settings.host, source: "start"),
            SettingsPage.Row(name: "port", value: String(settings.port), source: "start"),
            SettingsPage.Row(name: "data folder", value: settings.dataFolder.path, source: "start"),
            SettingsPage.Row(
                name: "tokens", value: server.access.asksForTokens ? "asked for" : "not asked for on this address",
                source: "start"
            ),
            SettingsPage.Row(name: "trusted proxies", value: ranges(settings.trustedProxies), source: "start"),
            SettingsPage.Row(
                name: "GOLIAT's programs without a token", value: ranges(settings.guestAddresses), source: "start"),
            SettingsPage.Row(
                name: "log lines kept",
                value: "\(days(settings.retention.logLineMilliseconds)), \(Format.bytes(settings.retention.logBytes))",
                source: "start"
            ),
            SettingsPage.Row(
                name: "ended workers kept", value: days(settings.retention.endedSessionMilliseconds), source: "start"
            ),
            SettingsPage.Row(
                name: "finished jobs of queues kept", value: days(settings.retention.finishedJobMilliseconds),
                source: "start"
            ),
            SettingsPage.Row(name: "epoch", value: server.store.epoch, source: "database"),
            SettingsPage.Row(name: "engine", value: server.store.engine, source: "start"),
        ]
    }

    private func ranges(_ ranges: [AddressRange]) -> String {
        ranges.isEmpty ? "none" : ranges.map(\.description).joined(separator: ", ")
    }

    private func days(_ milliseconds: Int64) -> String {
        let days = milliseconds / 86_400_000
        return days == 1 ? "1 day" : "\(days) days"
    }

    /// A database that is away is shown as such: the page is for looking into that, too.
    private var database: [SettingsPage.Row] {
        get async {
            do {
                let nodes = try await server.store.nodes()
                return [SettingsPage.Row(name: "database", value: "answers", source: "now")] + nodes.map(row)
            } catch {
                let reason = (error as? StoreError)?.message ?? "\(error)"
                return [SettingsPage.Row(name: "database", value: reason, source: "now")]
            }
        }
    }

    private func row(_ node: NodeRecord) -> SettingsPage.Row {
        let now = server.store.now
        let heard = "heard \(Format.age(now.milliseconds(since: node.heardAt))) ago"
        var words = [node.isAway(at: now) ? "gone, last \(heard)" : heard, node.description.version]
        if node.isSweeping { words.append("looks after leases") }
        return SettingsPage.Row(
            name: "server \(node.description.hostname) (\(node.description.pid))",
            value: "\(node.description.address), \(words.joined(separator: ", "))",
            source: node.isThis ? "this server" : "database"
        )
    }
}

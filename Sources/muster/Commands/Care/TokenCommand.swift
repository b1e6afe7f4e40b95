import ArgumentParser
import Domain
import Wire

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "token", "Make, list and revoke tokens, by which people and workers are let in.",
        discussion: """
            Asks the server that the settings name. Where none runs there and it would be on this machine, the data \
            folder is opened instead: so the first token is made.
            """,
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}

/// A server to ask, and a data folder for when there is none.
struct TokenOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Data folder of the server, for when none runs (MUSTER_DATA).", valueName: "dir"),
        completion: .directory)
    var data: String?

    @OptionGroup var client: ClientOptions

    /// Asks the server; where nobody answers at a loopback address, does it in the data folder.
    func reach<Result: Sendable>(
        server: (APIClient) async throws -> Result, folder: (StorePlace) async throws -> Result
    ) async throws -> Result {
        let settings = try client.settings(data.map { [.data: .text($0)] } ?? [:])
        do {
            return try await APIClient.with(settings.url.value, token: settings.token.value, server)
        } catch let error as ClientError {
            guard case .unreachable = error, settings.url.value.isLoopback else { throw error }
            return try await folder(settings.storePlace)
        }
    }
}

extension TokenRole: ExpressibleByArgument {}

struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "create", "Make a token. It is shown this once.",
        discussion: """
            muster token create --role worker lab

            Prints the token alone on standard output, so that it can be kept: MUSTER_TOKEN=$(muster token create me). \
            With --json as POST /api/v1/tokens gives it: {"id", "name", "role", "token"}.
            """)

    @Argument(help: ArgumentHelp("Who or what has it, for people.", valueName: "name"))
    var name: String

    @Option(
        name: .long,
        help: ArgumentHelp("What it lets its bearer do: admin, operator, worker or viewer.", valueName: "role"))
    var role: TokenRole = .admin

    @OptionGroup var options: TokenOptions

    func run() async throws {
        let terminal = CommandContext.current.terminal
        let token = NewToken(name: name, role: role)
        let reply = try await options.reach {
            try await $0.post(APIPath.tokens, body: token.body, as: TokenReply.self).value
        } folder: {
            try await LocalTokens.create(token, in: $0)
        }
        guard !options.client.json else { return terminal.printJSON(reply) }
        terminal.note(
            PlainText.line(
                "Token \(reply.id), \(reply.role.rawValue), for \(reply.name). It is shown this once; give it as "
                    + "MUSTER_TOKEN, or sign in to the dashboard with it."))
        terminal.print(PlainText.line(reply.token))
    }
}

struct TokenList: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "list", "List tokens, never with their secret.",
        discussion: "With --json as GET /api/v1/tokens gives it: {\"items\"}.", aliases: ["ls"])

    @OptionGroup var options: TokenOptions

    func run() async throws {
        let context = CommandContext.current
        let tokens = try await options.reach {
            try await $0.get(APIPath.tokens, as: ListReply<TokenRecord>.self).value.items
        } folder: {
            try await LocalTokens.list(in: $0)
        }
        guard !options.client.json else { return context.terminal.printJSON(ListReply(items: tokens)) }
        guard !tokens.isEmpty else {
            return context.terminal.note("There is no token. Next: muster token create NAME --role admin")
        }
        var table = Table([
            .init(title: "ID", alignsRight: true), .init(title: "NAME"), .init(title: "ROLE"),
            .init(title: "CREATED"), .init(title: "REVOKED"),
        ])
        for token in tokens {
            table.rows.append([
                "\(token.id)", .init(token.name), .init(token.role.rawValue), .init(context.date(token.createdAt)),
                .init(token.revokedAt.map { context.date($0) } ?? "–"),
            ])
        }
        context.terminal.show(table)
    }
}

struct TokenRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "revoke", "Revoke a token, at once and for good.", discussion: "With --json prints {\"revoked\": id}.")

    @Argument(help: ArgumentHelp("Id of the token, as muster token list shows it.", valueName: "id"))
    var id: Int64

    @OptionGroup var options: TokenOptions

    func run() async throws {
        let terminal = CommandContext.current.terminal
        try await options.reach {
            try await $0.delete(APIPath.token(id))
        } folder: {
            try await LocalTokens.revoke(id, in: $0)
        }
        guard options.client.json else { return terminal.print("Token \(id) is revoked.") }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("revoked", id.description)
        writer.endObject()
        terminal.printJSON(writer.bytes)
    }
}

import ArgumentParser
import Domain
import Wire

struct StudyCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "create", "Split a configuration and put its assignments up for work.",
        discussion: """
            muster study create phantoms.json --name phantoms --split-by phantoms,frequencies

            Then, on each machine: muster work --study phantoms -- PROGRAM {config}

            With --preset goliat it makes the assignments that goliat super_study makes, in its order and text:

            muster study create near_field.json --preset goliat --split-by scenario

            Prints the new study; with --json as GET /api/v1/studies/{id} gives it. With --wait it goes on to the end, \
            and the exit code is 1 unless every assignment completed.
            """
    )

    @Argument(
        help: ArgumentHelp("Configuration as JSON, or - for standard input.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var file: String

    @Option(name: .long, help: ArgumentHelp("Name of the study; else the file's, without ending.", valueName: "name"))
    var name: String?

    @OptionGroup var split: SplitOptions
    @OptionGroup var preset: PresetSplitOptions

    @Flag(name: .long, help: "The file is an array of ready-made configurations, one for each assignment.")
    var readyMade = false

    @Option(name: .long, help: ArgumentHelp("What a worker must have, as a JSON object.", valueName: "json"))
    var requires: String?

    @Option(name: .long, help: ArgumentHelp("The higher goes first.", valueName: "n"))
    var priority = 0

    @Option(name: .long, help: ArgumentHelp("Attempts before an assignment has failed for good.", valueName: "n"))
    var maxAttempts: Int?

    @Flag(name: .long, help: "Stay until it has ended, with a progress bar.")
    var wait = false

    @OptionGroup var client: ClientOptions

    func run() async throws {
        let context = CommandContext.current
        let study = try newStudy(context)
        try await client.withClient { api in
            let reply = try await api.post(APIPath.studies, body: study.body, as: StudyRecord.self)
            guard wait else {
                show(reply, context: context)
                return
            }
            if !client.json { context.terminal.note(Self.sentence(reply.value)) }
            let follower = StudyFollower(client: api, context: context, printsJSON: client.json)
            let end = try await Interrupts.ending { try await follower.follow(reply.value.id.description) }
            if !end.isWhole { throw ExitCode(Outcome.failed.rawValue) }
        }
    }

    private func newStudy(_ context: CommandContext) throws -> NewStudy {
        guard let name = name ?? ConfigurationInput.stem(file) else {
            throw CommandError(.wrongUse, "A study from standard input needs --name")
        }
        let configuration = try ConfigurationInput.read(file, context: context)
        var study = NewStudy(
            name: name, configuration: nil, split: nil, priority: priority, maximumAttempts: maxAttempts)
        study.requires = try requires.map { text in
            try ConfigurationInput.parse(Array(text.utf8), name: "--requires")
        }
        if readyMade {
            guard split.splitBy == nil, split.splits == nil, preset.preset == nil else {
                throw CommandError(
                    .wrongUse, "--ready-made is not split: leave --split-by, --splits and --preset out")
            }
            guard case .array(let assignments) = configuration, !assignments.isEmpty else {
                throw CommandError(.wrongUse, "With --ready-made \(file) must be an array that is not empty")
            }
            study.assignments = assignments
        } else {
            // Made here, too, so that a mistake is told before anything is sent.
            let made = try MadeSplit(configuration, by: split, preset: preset)
            for note in made.notes { context.terminal.note(PlainText.line(note)) }
            study.configuration = configuration
            study.split = made.specification
        }
        return study
    }

    private func show(_ reply: Reply<StudyRecord>, context: CommandContext) {
        guard !client.json else { return context.terminal.printJSON(reply.body) }
        context.terminal.print(Self.sentence(reply.value))
        context.terminal.note(
            "Next, on each machine: muster work --study \(PlainText.line(reply.value.name)) -- PROGRAM")
    }

    private static func sentence(_ study: StudyRecord) -> String {
        let dimensions = study.dimensions.isEmpty ? "" : " by \(study.dimensions.joined(separator: " × "))"
        let what = Spoken.count(study.counts.total, "assignment")
        return PlainText.line("Study \(study.name) (\(study.id)): \(what)\(dimensions).")
    }
}

import ArgumentParser

struct StudyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "study", "Split a configuration into assignments and look after them.",
        subcommands: [
            StudyCreate.self, StudySplit.self, StudyList.self, StudyShow.self, StudyRetry.self, StudyCancel.self,
            StudyPause.self, StudyResume.self, StudyDelete.self,
        ]
    )
}

/// Which study: its name, or its id.
struct StudyArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("Name or id of the study.", valueName: "study"))
    var study: String
}

/// How a configuration is split; the text is read by `Domain`.
struct SplitOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            """
            By which arrays or objects: key paths joined by commas, such as phantoms,grid.frequencies. path:3 makes 3 \
            balanced groups, path=a;b,c groups by name, auto chooses.
            """, valueName: "paths")
    )
    var splitBy: String?

    @Option(
        name: .long, help: ArgumentHelp("Into exactly this many assignments, chosen from the paths.", valueName: "n"))
    var splits: Int?
}

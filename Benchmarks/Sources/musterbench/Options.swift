/// What was asked for on the command line.
struct Options {
    var binary = "../.build/release/muster"
    /// On a real disk: where a sync costs nothing, the figures say nothing.
    var dataFolder = ".build/data"
    var database: String?
    var isOnPostgres = false
    var only: Set<String> = []
    var isQuick = false
    var isStrict = false
    var jsonFile: String?
    var profiled: String?
    var profileSeconds = 20.0
    var profiledServers = 1
    var asksForHelp = false

    static let help = """
        musterbench: measures the release binary of Muster on this machine.

          --only NAME     this group alone; may be given several times
          --quick         shorter rounds and fewer rows: a rehearsal
          --profile PART  nothing but PART for --seconds N (20), to look at the server with a profiler;
                          PART is \(ProfileRun.parts.joined(separator: ", "))
          --servers N     so many servers for --profile, on one database (with --on-postgres)
          --strict        exit with status 1 where a target is not met
          --json FILE     write the figures there too
          --binary FILE   the server to measure (../.build/release/muster)
          --data DIR      folder for its databases, made anew and removed (.build/data)
          --database URL  the PostgreSQL of the group nodes; its schemas bench_… must not be there yet
          --on-postgres   the other groups on it, too

        Groups:

        """

    init(_ arguments: [String], names: [String]) throws {
        var rest = arguments[...]
        func value(of name: String) throws -> String {
            guard let value = rest.popFirst() else { throw BenchError("\(name) needs a value.") }
            return value
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--only":
                let name = try value(of: argument)
                guard names.contains(name) else {
                    throw BenchError("There is no group \(name); there are \(names.joined(separator: ", ")).")
                }
                only.insert(name)
            case "--quick": isQuick = true
            case "--strict": isStrict = true
            case "--profile":
                let part = try value(of: argument)
                guard ProfileRun.parts.contains(part) else {
                    throw BenchError("There is no part \(part); there are \(ProfileRun.parts.joined(separator: ", ")).")
                }
                profiled = part
            case "--seconds":
                guard let seconds = Double(try value(of: argument)), seconds > 0 else {
                    throw BenchError("--seconds needs a number above 0.")
                }
                profileSeconds = seconds
            case "--json": jsonFile = try value(of: argument)
            case "--servers":
                guard let count = Int(try value(of: argument)), (1...8).contains(count) else {
                    throw BenchError("--servers needs a number from 1 to 8.")
                }
                profiledServers = count
            case "--binary": binary = try value(of: argument)
            case "--database": database = try value(of: argument)
            case "--on-postgres": isOnPostgres = true
            case "--data": dataFolder = try value(of: argument)
            case "--help", "-h", "--list": asksForHelp = true
            default: throw BenchError("\(argument) is not known; --help lists what is.")
            }
        }
    }
}

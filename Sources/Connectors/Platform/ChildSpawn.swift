import Glibc
import Synchronization

/// A program to start: nothing in it goes through a shell.
package struct ChildCommand: Sendable, Hashable {
    /// The whole path of the program.
    package var executable: String
    /// What the program sees as its arguments, its own name first.
    package var arguments: [String]
    package var environment: [String: String]
    /// Where it works; `nil` is where we do.
    package var folder: String?

    package init(executable: String, arguments: [String], environment: [String: String], folder: String? = nil) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
    }

    /// Finds `name` as a shell would: with a slash in it, it is a path; else it is looked for in `searchPath`.
    package static func resolve(_ name: String, searchPath: String?, folder: String) -> String? {
        guard !name.isEmpty else { return nil }
        if name.contains("/") {
            let path = Files.absolute(name, in: folder)
            return Files.isExecutable(path) ? path : nil
        }
        for place in (searchPath ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":") {
            let path = "\(Files.absolute(String(place), in: folder))/\(name)"
            if Files.isExecutable(path) { return path }
        }
        return nil
    }
}

/// A started child and our ends of its pipes, which don't block.
struct SpawnedChild {
    let pid: Int32
    let output: OpenFile
    let error: OpenFile
}

/// Starts children with `posix_spawn`: leader of a session and group of its own, no descriptor of ours but its three
/// pipes, every signal as a fresh program expects it.
enum ChildSpawn {
    /// Between `pipe` and the mark that keeps its ends from children no other child may be started.
    private static let spawning = Mutex(())

    static func start(_ command: ChildCommand) throws(SystemError) -> SpawnedChild {
        let result = spawning.withLock { _ in
            Result { () throws(SystemError) in try startAlone(command) }
        }
        return try result.get()
    }

    private static func startAlone(_ command: ChildCommand) throws(SystemError) -> SpawnedChild {
        let output = try Pipe()
        let error = try Pipe()
        let nothing = try OpenFile.open("/dev/null", O_RDONLY)

        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, nothing.descriptor, STDIN_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, output.write.descriptor, STDOUT_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, error.write.descriptor, STDERR_FILENO)
        if let folder = command.folder {
            guard let changeFolder = unsafe LaterGlibc.changeFolder, unsafe changeFolder(&actions, folder) == 0 else {
                throw SystemError("starting in another folder", command.executable, code: ENOSYS)
            }
        }
        // Descriptors of ours are marked as not to be passed on; this is for those that libraries forgot to mark.
        if let closeFrom = unsafe LaterGlibc.closeFrom { _ = unsafe closeFrom(&actions, 3) }

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        var allSignals = sigset_t()
        unsafe sigemptyset(&noSignals)
        unsafe sigfillset(&allSignals)
        unsafe posix_spawnattr_setsigmask(&attributes, &noSignals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &allSignals)
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | LaterGlibc.spawnInOwnSession
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid: pid_t = 0
        let environment = command.environment.map { "\($0.key)=\($0.value)" }.sorted()
        let code = unsafe withCStrings(command.arguments) { argv in
            unsafe withCStrings(environment) { envp in
                unsafe posix_spawn(&pid, command.executable, &actions, &attributes, argv, envp)
            }
        }
        // Their numbers stand in the actions: none may be closed, and its number be another's, before this.
        withExtendedLifetime((nothing, output, error)) {}
        guard code == 0 else { throw SystemError("starting", command.executable, code: code) }
        return SpawnedChild(pid: pid, output: output.read, error: error.read)
    }

    /// Lends the strings as a C array that ends with a null pointer.
    private static func withCStrings<Answer>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Answer
    ) -> Answer {
        let copies = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
        for (position, text) in strings.enumerated() { unsafe copies[position] = unsafe strdup(text) }
        unsafe copies[strings.count] = nil
        defer {
            for position in strings.indices { unsafe free(copies[position]) }
            unsafe copies.deallocate()
        }
        return unsafe body(copies)
    }
}

/// A pipe whose ends are not passed on to children by themselves; its reading end doesn't block.
struct Pipe {
    let read: OpenFile
    let write: OpenFile

    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw SystemError("making", "a pipe") }
        read = OpenFile(descriptor: ends[0], path: "a pipe")
        write = OpenFile(descriptor: ends[1], path: "a pipe")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    }
}

/// Calls that glibc has but shows to programs in C only on demand; looked up once, absent in an older one.
private enum LaterGlibc {
    typealias ActionsAndNumber = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, CInt) -> CInt
    typealias ActionsAndPath =
        @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>) -> CInt

    /// Closes every descriptor from a number on (glibc 2.34).
    static let closeFrom: ActionsAndNumber? = unsafe dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
        unsafe unsafeBitCast($0, to: ActionsAndNumber.self)
    }

    /// Changes the folder before the program begins (glibc 2.29).
    static let changeFolder: ActionsAndPath? = unsafe dlsym(nil, "posix_spawn_file_actions_addchdir_np").map {
        unsafe unsafeBitCast($0, to: ActionsAndPath.self)
    }

    /// `POSIX_SPAWN_SETSID` of `<spawn.h>` (glibc 2.26): the child becomes the leader of a session and of a group.
    static let spawnInOwnSession: Int32 = 0x80
}

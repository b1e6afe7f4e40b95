package import Domain

/// How far a program says it has come. What it didn't say is absent.
package struct ProgramProgress: Sendable, Hashable {
    /// 0…1, as all shares.
    package var fraction: Double?
    package var stage: String?
    package var stageFraction: Double?
    /// Its own estimate of what is left.
    package var etaSeconds: Double?
    package var message: String?

    /// What the server takes at most, in bytes.
    package static let stageLimitBytes = 128
    package static let messageLimitBytes = 512

    package init(
        fraction: Double? = nil, stage: String? = nil, stageFraction: Double? = nil, etaSeconds: Double? = nil,
        message: String? = nil
    ) {
        self.fraction = fraction
        self.stage = stage
        self.stageFraction = stageFraction
        self.etaSeconds = etaSeconds
        self.message = message
    }

    package var isEmpty: Bool { self == ProgramProgress() }

    /// What was known with what is newly said; a new stage forgets the old one's share.
    package func merging(_ said: ProgramProgress) -> ProgramProgress {
        var merged = self
        if let stage = said.stage, stage != self.stage {
            merged.stage = stage
            merged.stageFraction = nil
        }
        merged.fraction = said.fraction ?? merged.fraction
        merged.stageFraction = said.stageFraction ?? merged.stageFraction
        merged.etaSeconds = said.etaSeconds ?? merged.etaSeconds
        merged.message = said.message ?? merged.message
        return merged
    }
}

/// What a line of a program's output means.
package enum ProgramWord: Sendable, Hashable {
    case line(LogLevel, String)
    case progress(ProgramProgress)
    /// A file to be stored now: as the program wrote it, relative to where it works.
    case artifact(String)

    /// Reads one line. A command that can't be read is a line like others: nothing a program says is lost.
    ///
    ///     ::progress 0.42 stage=solve stage-fraction=0.2 eta=120 message="third of seven"::
    ///     ::artifact results/field.png::
    ///     ::warning::the mesh is coarse           (also debug, notice, error)
    package init(line: String) {
        self = Self.command(line) ?? .line(LogLevel(guessedFrom: line), line)
    }

    private static func command(_ line: String) -> ProgramWord? {
        guard line.hasPrefix("::") else { return nil }
        let rest = line.dropFirst(2)
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0 == "-") }
        switch name {
        case "progress": return progress(rest.dropFirst(name.count))
        case "artifact": return artifact(rest.dropFirst(name.count))
        default: return LogLevel(commandName: name).flatMap { message($0, rest.dropFirst(name.count)) }
        }
    }

    /// ` file=solver.c,line=3::text` or `::text`.
    private static func message(_ level: LogLevel, _ rest: Substring) -> ProgramWord? {
        guard let colons = rest.firstRange(of: "::") else { return nil }
        let head = rest[..<colons.lowerBound]
        guard head.isEmpty || head.hasPrefix(" ") else { return nil }
        var values: [Substring: Substring] = [:]
        for part in head.dropFirst().split(separator: ",") {
            guard let equals = part.firstIndex(of: "=") else { continue }
            values[part[..<equals]] = part[part.index(after: equals)...]
        }
        var text = unescape(rest[colons.upperBound...])
        if let file = values["file"] {
            text = "\(file)\(values["line"].map { ":\($0)" } ?? ""): \(text)"
        }
        return .line(level, text)
    }

    /// The three escapes of that way of writing. A line break can't be in a line of a log: it becomes a blank.
    private static func unescape(_ text: Substring) -> String {
        guard text.contains("%") else { return String(text) }
        return String(text).replacing("%0D%0A", with: " ").replacing("%0A", with: " ").replacing("%0D", with: " ")
            .replacing("%25", with: "%")
    }

    private static func artifact(_ rest: Substring) -> ProgramWord? {
        guard rest.hasPrefix(" "), rest.hasSuffix("::") else { return nil }
        let path = rest.dropLast(2).trimmingSpaces
        return path.isEmpty ? nil : .artifact(path)
    }

    private static func progress(_ rest: Substring) -> ProgramWord? {
        var scanner = ArgumentScanner(rest)
        var progress = ProgramProgress()
        while let argument = scanner.next() {
            switch argument.key {
            case nil, "fraction":
                guard let share = share(argument.value) else { return nil }
                progress.fraction = share
            case "stage": progress.stage = argument.value.cut(toBytes: ProgramProgress.stageLimitBytes)
            case "stage-fraction":
                guard let share = share(argument.value) else { return nil }
                progress.stageFraction = share
            case "eta":
                guard let seconds = Double(argument.value), seconds >= 0, seconds <= etaLimitSeconds else { return nil }
                progress.etaSeconds = seconds
            case "message": progress.message = argument.value.cut(toBytes: ProgramProgress.messageLimitBytes)
            default: break
            }
        }
        return scanner.isAtEnd && !progress.isEmpty ? .progress(progress) : nil
    }

    /// `0.42` or `42%`, held between 0 and 1.
    private static func share(_ text: String) -> Double? {
        let isPercent = text.hasSuffix("%")
        guard let value = Double(isPercent ? String(text.dropLast()) : text), value.isFinite else { return nil }
        return min(1, max(0, isPercent ? value / 100 : value))
    }

    /// Three hundred years; the server's own bound.
    private static let etaLimitSeconds = 1e10
}

/// Walks over `0.42 stage=solve message="a b"::`.
private struct ArgumentScanner {
    private var rest: Substring
    /// The closing colons were reached.
    private(set) var isAtEnd = false

    init(_ text: Substring) {
        rest = text
    }

    mutating func next() -> (key: String?, value: String)? {
        guard rest.isEmpty || rest.hasPrefix(" ") || rest.hasPrefix("::") else { return nil }
        rest = rest.drop { $0 == " " }
        if rest.hasPrefix("::") {
            isAtEnd = true
            return nil
        }
        guard !rest.isEmpty else { return nil }
        let name = rest.prefix { $0 != "=" && $0 != " " && $0 != ":" }
        guard rest.dropFirst(name.count).first == "=" else {
            rest = rest.dropFirst(name.count)
            return (nil, String(name))
        }
        rest = rest.dropFirst(name.count + 1)
        guard let value = rest.first == "\"" ? quoted() : bare() else { return nil }
        return (String(name), value)
    }

    private mutating func bare() -> String? {
        var end = rest.startIndex
        while end < rest.endIndex, rest[end] != " ", !rest[end...].hasPrefix("::") { end = rest.index(after: end) }
        defer { rest = rest[end...] }
        return String(rest[..<end])
    }

    private mutating func quoted() -> String? {
        var value = ""
        var isEscaped = false
        for position in rest.indices.dropFirst() {
            let character = rest[position]
            if isEscaped {
                value.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                rest = rest[rest.index(after: position)...]
                return value
            } else {
                value.append(character)
            }
        }
        return nil
    }
}

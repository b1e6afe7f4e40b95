import Foundation

/// Whole lines to the two outputs, written at once, so that whoever follows sees them when they happen.
enum Terminal {
    static func say(_ line: String) {
        write(line, to: FileHandle.standardOutput)
    }

    static func complain(_ line: String) {
        write(line, to: FileHandle.standardError)
    }

    /// An output that nobody reads any more is no reason to give up a computation.
    private static func write(_ line: String, to handle: FileHandle) {
        try? handle.write(contentsOf: Data((line + "\n").utf8))
    }
}

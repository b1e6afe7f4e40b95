import Glibc

/// A call of the system that failed: which, on what, and why.
package struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was being done, as the beginning of a sentence: `opening`, `writing`.
    package let operation: String
    /// The path or name it was done to.
    package let subject: String
    /// The number that the system gave (`errno`).
    package let code: Int32

    package init(_ operation: String, _ subject: String, code: Int32 = errno) {
        self.operation = operation
        self.subject = subject
        self.code = code
    }

    package var description: String { "\(operation) \(subject) failed: \(Self.text(of: code))" }

    /// There is no room on the disk, by whatever limit (device, quota, size of a file).
    package var isOutOfSpace: Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }

    package static func text(of code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}

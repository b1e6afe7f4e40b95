import Foundation

/// A program inherits which signals its parent blocked or ignored, and a parent with a thread pool often starts its
/// children from a thread that blocks them all. Whoever says SIGTERM to this program must be heard.
enum Signals {
    /// SIGTERM, SIGINT and SIGHUP end the program, as they do by default.
    static func restoreDefaults() {
        for number in [SIGTERM, SIGINT, SIGHUP] { _ = signal(number, SIG_DFL) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
    }
}

import Glibc

/// A thread of its own for calls that block. What must go on while the cooperative pool is busy lives on one.
package enum DetachedThread {
    /// Enough for code that calls no deeper than a parser; the default of 8 MiB would be address space for nothing.
    private static let stackBytes = 512 * 1_024

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` to its end on a new thread that nobody waits for.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        unsafe pthread_attr_setstacksize(&attributes, stackBytes)
        let box = unsafe Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, &attributes,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                }
                return nil
            }, box.toOpaque()
        )
        guard code == 0 else {
            unsafe box.release()
            throw SystemError("starting", "a thread", code: code)
        }
    }
}

import Glibc

/// Time that only goes forward.
enum Clock {
    /// Nanoseconds since some moment.
    static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    static func pause(milliseconds: Int) {
        usleep(UInt32(milliseconds * 1_000))
    }
}

import Domain

/// The `Date` of an answer, `Sun, 01 Mar 2026 12:00:07 GMT` (RFC 9110, 5.6.7): by it ages are told on the server's
/// clock, whatever the time is here.
enum HTTPDate {
    /// `nil` for the two obsolete forms, which our server doesn't send.
    static func instant(_ text: String) -> Instant? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])),
            words[1].utf8.count == 2, words[3].utf8.count == 4
        else { return nil }
        let number = month + 1
        return Instant(rfc3339: "\(words[3])-\(number < 10 ? "0" : "")\(number)-\(words[1])T\(words[4])Z")
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

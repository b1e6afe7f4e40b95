/// What is wrong with a configuration: the field, by its path (`frequencies[2]`), and a sentence that ends with what
/// to do about it.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package var field: String
    package var message: String

    package init(field: String, message: String) {
        self.field = field
        self.message = message
    }

    package var description: String {
        "\(field): \(message)"
    }
}

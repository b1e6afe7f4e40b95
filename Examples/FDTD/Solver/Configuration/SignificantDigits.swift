import Foundation

/// Numbers as a person reads them: a stated count of significant digits and no trailing zeros.
package enum SignificantDigits {
    /// `value` with `digits` significant digits: `0.0123457`, `512`, `1.5e-09`.
    package static func spell(_ value: Double, digits: Int) -> String {
        String(format: "%.\(digits)g", value)
    }

    /// `value` with a fixed count of decimals, for columns of a log.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        String(format: "%.\(decimals)f", value)
    }
}

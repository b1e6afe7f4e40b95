import Foundation
import Testing

@testable import Dashboard

/// The contrast of the palette, as WCAG 2.2 computes it: 4.5 for text, 3 for marks and fields that carry a meaning.
@Suite struct PaletteTests {
    private let colours: [String: (light: String, dark: String)]

    init() throws {
        let text = try ResourceSource.embedded.text(folder: "Styles", name: "palette.css")
        var colours: [String: (light: String, dark: String)] = [:]
        for match in text.matches(of: /--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/) {
            colours[String(match.1)] = (String(match.2), String(match.3))
        }
        self.colours = colours
    }

    @Test(arguments: [
        "ink", "ink-soft", "ink-faint", "accent", "warn", "bad", "unknown", "good", "cyan", "pink",
    ])
    func textIsReadableOnEveryGround(colour: String) throws {
        for ground in ["ground", "panel", "sunken", "hover"] { try expect(colour, on: ground, atLeast: 4.5) }
    }

    @Test(arguments: [
        ("warn", "tint-warn"), ("ink", "tint-warn"), ("ink-soft", "tint-warn"), ("bad", "tint-bad"),
        ("ink-faint", "tint-bad"), ("pink", "tint-bad"), ("ink-faint", "tint-warn"), ("ink", "tint-accent"),
        ("ink", "changed"),
        ("on-accent", "accent"), ("on-bad", "bad"), ("panel", "ink"), ("on-fill", "fill-good"),
        ("on-fill", "fill-bad"),
    ])
    func textIsReadableOnColour(colour: String, ground: String) throws {
        try expect(colour, on: ground, atLeast: 4.5)
    }

    @Test(arguments: ["accent", "good", "warn", "bad", "wait", "unknown", "fill-good", "fill-accent", "fill-bad"])
    func marksStandOutFromTheirGround(colour: String) throws {
        for ground in ["ground", "panel"] { try expect(colour, on: ground, atLeast: 3) }
    }

    @Test(arguments: ["fill-accent", "fill-good", "fill-bad"])
    func aBarIsToldFromItsTrack(fill: String) throws {
        try expect(fill, on: "fill-wait", atLeast: 2)
    }

    private func expect(_ colour: String, on ground: String, atLeast limit: Double) throws {
        let front = try #require(colours[colour], "no colour \(colour)")
        let back = try #require(colours[ground], "no colour \(ground)")
        let light = Self.contrast(front.light, back.light)
        let dark = Self.contrast(front.dark, back.dark)
        #expect(light >= limit, "\(colour) on \(ground), light: \(light)")
        #expect(dark >= limit, "\(colour) on \(ground), dark: \(dark)")
    }

    private static func contrast(_ one: String, _ other: String) -> Double {
        let (first, second) = (luminance(one), luminance(other))
        return (max(first, second) + 0.05) / (min(first, second) + 0.05)
    }

    private static func luminance(_ hex: String) -> Double {
        let value = Int(hex.dropFirst(), radix: 16) ?? 0
        let channels = [value >> 16 & 255, value >> 8 & 255, value & 255].map { channel -> Double in
            let share = Double(channel) / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    }
}

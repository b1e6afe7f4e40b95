import Dashboard
import Domain
import Testing

/// A fingerprint stands for all that a region shows: what is shown differently is told to whoever has the page open.
@Suite struct FingerprintTests {
    let renderer: PageRenderer

    init() throws {
        renderer = try #require(PageTests.renderer)
    }

    /// Whatever happens, in whatever order: a region that shows something else is sent.
    @Test(arguments: [1, 2] as [UInt64])
    func regionsThatDifferHaveDifferentFingerprints(seed: UInt64) {
        var dice = Dice(state: seed)
        var world = SampleWorld()
        var shown = pictures(of: world)
        var differences = 0
        for _ in 0..<60 {
            let since = world.sequence
            for _ in 0..<Int.random(in: 1...6, using: &dice) { world.step(&dice) }
            let next = pictures(of: world)
            for (name, regions) in next {
                let old = shown[name] ?? [:]
                for (id, picture) in regions {
                    guard let before = old[id], before.html != picture.html else { continue }
                    differences += 1
                    #expect(
                        before.region.fingerprint != picture.region.fingerprint,
                        "\(name), \(id) stays as it was:\n\(before.html)\nand is now\n\(picture.html)")
                    #expect(
                        picture.region.isTimed || picture.region.sequence > since,
                        "\(name), \(id) is not sent to a page that comes back:\n\(before.html)\n\(picture.html)")
                }
            }
            shown = next
        }
        #expect(differences > 400)
    }

    private struct Picture {
        let region: Region
        let html: String
    }

    private func pictures(of world: SampleWorld) -> [String: [String: Picture]] {
        var all: [String: [String: Picture]] = [:]
        for (name, page) in world.pages {
            for region in page.regions() {
                all[name, default: [:]][region.id] = Picture(region: region, html: Self.lasting(renderer.html(region)))
            }
        }
        return all
    }

    /// Without what a page turns by itself: the words of times, when somebody was last heard (`beats` say it), how far
    /// a bar of the timeline has grown.
    private static func lasting(_ html: String) -> String {
        html.replacing(#/<span data-heard="[^"]*"><time[^>]*>[^<]*</time></span>/#, with: "<heard/>")
            .replacing(#/<time datetime="([^"]*)"[^>]*>[^<]*</time>/#) { "<time \($0.output.1)/>" }
            .replacing(growing) { "<rect \($0.output.1)/>" }
    }

    private static var growing: Regex<(Substring, Substring)> {
        #/<rect class="bar-(running|unknown)"[^>]*><title>[^<]*</title></rect>/#
    }
}

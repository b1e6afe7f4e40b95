import Foundation
import Testing

@testable import Dashboard

/// The files that pages are made of.
@Suite struct ResourceTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/Dashboard")

    private func files(_ name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: Self.folder.appending(path: name).path).sorted()
    }

    private func text(_ folder: String, _ name: String) throws -> String {
        try String(contentsOf: Self.folder.appending(path: "\(folder)/\(name)"), encoding: .utf8)
    }

    @Test func everyFileIsNamedAndEveryNameIsAFile() throws {
        #expect(try files("Templates") == ResourceNames.templates.map { "\($0).mustache" }.sorted())
        #expect(try files("Modules") == ResourceNames.modules.sorted())
        #expect(try files("Styles") == (ResourceNames.styles + ["favicon.svg"]).sorted())
        let all = try files("Templates") + files("Modules") + files("Styles")
        #expect(Set(ResourceNames.embedded.keys) == Set(all))
        #expect(Set(all).count == all.count, "the build makes one constant of two files of one name")
    }

    @Test func theFolderAndTheProgramMakeTheSamePage() throws {
        let fromFolder = try PageRenderer(developmentFolder: Self.folder.path)
        let embedded = try PageRenderer()
        #expect(fromFolder.html(SampleFleet.small.page) == embedded.html(SampleFleet.small.page))
    }

    @Test func aMissingFolderIsSaid() {
        #expect(throws: ResourceError.self) { try PageRenderer(developmentFolder: "/nowhere") }
    }

    @Test func templatesPrintUnescapedOnlyWhatIsMarkup() throws {
        for name in ResourceNames.templates {
            let template = try text("Templates", "\(name).mustache")
            for tag in template.matches(of: /\{\{\{\s*([^}]*?)\s*\}\}\}/) {
                #expect(tag.1.hasSuffix("HTML"), "\(name) prints \(tag.1) as it is")
            }
            #expect(!template.contains("{{&"), "\(name)")
        }
    }

    @Test func templatesHaveNothingInlineAndNothingFromElsewhere() throws {
        for name in ResourceNames.templates {
            let template = try text("Templates", "\(name).mustache")
            #expect(!template.contains(/<script(?![^>]*\ssrc=)/), "\(name) has a script of its own")
            #expect(!template.contains(/\sstyle=|<style|\son[a-z]+=|javascript:/), "\(name)")
            #expect(!template.contains(/(?:src|href|action)="(?:https?:)?\/\//), "\(name)")
        }
        for name in ResourceNames.modules {
            let module = try text("Modules", name)
            #expect(
                !module.contains(/\.style\b|cssText|insertAdjacentHTML|outerHTML|document\.write|\beval\(/), "\(name)")
            #expect(!module.contains(/https?:\/\//), "\(name)")
            if name != "swap.js" { #expect(!module.contains("innerHTML"), "\(name) makes HTML of text") }
        }
        for name in ResourceNames.styles {
            #expect(!(try text("Styles", name)).contains(/@import|url\(/), "\(name)")
        }
    }

    @Test func modulesFindEachOther() throws {
        for name in ResourceNames.modules {
            for found in try text("Modules", name).matches(of: /from "\.\/([^"]+)"/) {
                #expect(ResourceNames.modules.contains(String(found.1)), "\(name) imports \(found.1)")
            }
        }
    }

    @Test func filesAreShort() throws {
        for folder in ["Templates", "Modules", "Styles"] {
            for name in try files(folder) {
                let lines = try text(folder, name).split(separator: "\n", omittingEmptySubsequences: false)
                #expect(lines.count <= 400, "\(name)")
            }
        }
    }

    @Test func anAssetIsFoundAndKeptForEverOnlyUnderItsVersion() throws {
        let assets = try PageRenderer().assets
        let styles = try #require(assets.find(path: "/assets/muster.css"))
        #expect(!styles.isImmutable && styles.asset.mediaType.hasPrefix("text/css"))
        #expect(assets.find(path: assets.versionedPath("live.js"))?.isImmutable == true)
        #expect(assets.find(path: "/assets/0123456789abcdef/live.js")?.isImmutable == false)
        for path in ["/assets/", "/assets/../live.js/x", "/assets/nothing.js", "/live.js", "/assets/a/b/live.js"] {
            #expect(assets.find(path: path) == nil, "\(path)")
        }
        #expect(assets.version.count == 16 && Set(assets.all.map(\.contentHash)).count == assets.all.count)
    }
}

import FDTDSolver
import Foundation
import Testing

@Suite struct PictureTests {
    @Test func `checksums are those of the standards`() {
        #expect(Checksum.crc32(Array("123456789".utf8)) == 0xcbf4_3926)
        #expect(Checksum.adler32(Array("Wikipedia".utf8)) == 0x11e6_0398)
        #expect(Checksum.crc32([]) == 0)
        #expect(Checksum.adler32([]) == 1)
    }

    @Test(arguments: ["nothing", "one", "flat", "cycle", "noise", "text", "skewed"])
    func `what is compressed expands to itself`(kind: String) throws {
        let bytes = Self.sample(kind)
        let compressed = Deflate.compress(bytes)
        #expect(try Inflate.expand(compressed) == bytes)
        if kind == "flat" || kind == "cycle" { #expect(compressed.count < bytes.count / 50) }
        if kind == "noise" { #expect(compressed.count < bytes.count + bytes.count / 50 + 200) }
    }

    private static func sample(_ kind: String) -> [UInt8] {
        switch kind {
        case "nothing": return []
        case "one": return [7]
        case "flat": return Array(repeating: 0, count: 100_000)
        case "cycle": return (0..<90_000).map { UInt8($0 % 251) }
        case "text": return Array(String(repeating: "the quick brown fox; ", count: 40).utf8) + [0, 255]
        case "skewed":
            // Counts like Fibonacci's numbers make the deepest tree there is, deeper than the format allows.
            var counts = [1, 1]
            while counts.count < 22 { counts.append(counts[counts.count - 1] + counts[counts.count - 2]) }
            return counts.enumerated().flatMap { value, count in (0..<count).map { _ in UInt8(value) } }
        default:
            var state: UInt64 = 1
            return (0..<100_000).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(state >> 56)
            }
        }
    }

    @Test func `a picture is a whole PNG file with the same pixels`() throws {
        let (width, height) = (37, 23)
        let pixels = (0..<(width * height * 3)).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
        let chunks = try Self.chunks(PNG.encode(width: width, height: height, pixels: pixels))
        #expect(chunks.map(\.type) == ["IHDR", "IDAT", "IEND"])
        #expect(chunks[0].data == [0, 0, 0, 37, 0, 0, 0, 23, 8, 2, 0, 0, 0])
        let stream = chunks[1].data
        #expect((Int(stream[0]) * 256 + Int(stream[1])) % 31 == 0)
        let rows = try Inflate.expand(Array(stream.dropFirst(2).dropLast(4)))
        let sum = stream.suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        #expect(Checksum.adler32(rows) == sum)
        #expect(Self.unfiltered(rows, rowBytes: 3 * width) == pixels)
    }

    @Test func `the picture of a field shows the wave in front and the shadow behind`() throws {
        let computation = try Study.computation(Study.cylinder(diameter: 100), frequency: 2100, resolution: 8)
        let phasors = computation.run { _ in }.steady.phasors
        let chunks = try Self.chunks(FieldPicture(computation, phasors: phasors).png(smallPrint: "test"))
        func size(_ offset: Int) -> Int { chunks[0].data[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) } }
        let (width, height) = (size(0), size(4))
        #expect(width > 500 && height > 500)
        let rows = try Inflate.expand(Array(chunks[1].data.dropFirst(2).dropLast(4)))
        let pixels = Self.unfiltered(rows, rowBytes: 3 * width)
        func brightness(x: Int, y: Int) -> Int {
            let place = 3 * (y * width + x)
            return pixels[place..<(place + 3)].reduce(0) { $0 + Int($1) }
        }
        let middle = (height - 92) / 2
        #expect(brightness(x: width / 16, y: middle) > brightness(x: width * 15 / 16, y: middle))
        #expect(brightness(x: width / 16, y: middle) > 3 * brightness(x: width * 6 / 10, y: middle) / 2)
    }

    private enum Broken: Error {
        case signature
        case checksum
    }

    private static func chunks(_ file: [UInt8]) throws -> [(type: String, data: [UInt8])] {
        guard file.prefix(8) == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] else { throw Broken.signature }
        func number(_ place: Int) -> UInt32 { file[place..<(place + 4)].reduce(0) { $0 << 8 | UInt32($1) } }
        var chunks: [(type: String, data: [UInt8])] = []
        var place = 8
        while place + 12 <= file.count {
            let length = Int(number(place))
            let body = Array(file[(place + 4)..<(place + 8 + length)])
            guard Checksum.crc32(body) == number(place + 8 + length) else { throw Broken.checksum }
            chunks.append((String(decoding: body.prefix(4), as: UTF8.self), Array(body.dropFirst(4))))
            place += 12 + length
        }
        return chunks
    }

    /// As the standard describes the five filters, three bytes a pixel.
    private static func unfiltered(_ bytes: [UInt8], rowBytes: Int) -> [UInt8] {
        var pixels: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: rowBytes + 1) {
            for index in 0..<rowBytes {
                let a = index >= 3 ? Int(pixels[pixels.count - 3]) : 0
                let b = pixels.count >= rowBytes ? Int(pixels[pixels.count - rowBytes]) : 0
                let c = index >= 3 && pixels.count >= rowBytes ? Int(pixels[pixels.count - rowBytes - 3]) : 0
                let p = a + b - c
                let isLeft = abs(p - a) <= abs(p - b) && abs(p - a) <= abs(p - c)
                let nearest = isLeft ? a : (abs(p - b) <= abs(p - c) ? b : c)
                let predictions = [0, a, b, (a + b) / 2, nearest]
                pixels.append(bytes[start + 1 + index] &+ UInt8(predictions[Int(bytes[start])]))
            }
        }
        return pixels
    }
}

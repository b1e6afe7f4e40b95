/// Writes 8-bit RGB pictures in the Portable Network Graphics format (RFC 2083).
package enum PNG {
    private static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    private static let bytesPerPixel = 3

    /// - Parameter pixels: `width` × `height` × 3 bytes, row by row from the top.
    package static func encode(width: Int, height: Int, pixels: [UInt8]) -> [UInt8] {
        precondition(pixels.count == width * height * bytesPerPixel, "the pixels do not fill the picture")
        // Eight bits a sample, true colour, the only methods there are, not interlaced.
        let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 2, 0, 0, 0]
        let data = zlib(filtered(pixels, rowBytes: width * bytesPerPixel))
        return signature + chunk("IHDR", header) + chunk("IDAT", data) + chunk("IEND", [])
    }

    private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        return bigEndian(UInt32(data.count)) + body + bigEndian(Checksum.crc32(body))
    }

    /// A zlib stream (RFC 1950): window of 32 KB, default effort.
    private static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        [0x78, 0x9c] + Deflate.compress(bytes) + bigEndian(Checksum.adler32(bytes))
    }

    static func bigEndian(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 0xff), UInt8(value >> 8 & 0xff), UInt8(value & 0xff)]
    }
}

extension PNG {
    /// Each row as differences to its neighbours, by the one of the five filters that leaves the least.
    private static func filtered(_ pixels: [UInt8], rowBytes: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(pixels.count + pixels.count / max(1, rowBytes))
        var above = Array(repeating: UInt8(0), count: rowBytes)
        for start in stride(from: 0, to: pixels.count, by: rowBytes) {
            let row = Array(pixels[start..<(start + rowBytes)])
            var best: [UInt8] = []
            var least = Int.max
            for filter in UInt8(0)...4 {
                let candidate = apply(filter, row: row, above: above)
                let size = candidate.reduce(0) { $0 + Int(Int8(bitPattern: $1).magnitude) }
                guard size < least else { continue }
                least = size
                best = [filter] + candidate
            }
            result += best
            above = row
        }
        return result
    }

    private static func apply(_ filter: UInt8, row: [UInt8], above: [UInt8]) -> [UInt8] {
        var result = row
        for index in row.indices where filter > 0 {
            let hasLeft = index >= bytesPerPixel
            let left = hasLeft ? row[index - bytesPerPixel] : 0
            let up = above[index]
            let predicted: UInt8
            switch filter {
            case 1: predicted = left
            case 2: predicted = up
            case 3: predicted = UInt8((Int(left) + Int(up)) / 2)
            default: predicted = paeth(left: left, up: up, corner: hasLeft ? above[index - bytesPerPixel] : 0)
            }
            result[index] = row[index] &- predicted
        }
        return result
    }

    /// Whichever neighbour is nearest to left + up − corner, ties in this order.
    private static func paeth(left: UInt8, up: UInt8, corner: UInt8) -> UInt8 {
        let (a, b, c) = (Int(left), Int(up), Int(corner))
        let toLeft = abs(b - c)
        let toUp = abs(a - c)
        let toCorner = abs(a + b - 2 * c)
        if toLeft <= toUp, toLeft <= toCorner { return left }
        return toUp <= toCorner ? up : corner
    }
}

/// Rows under headings, in columns as wide as their widest cell. Cells are hostile text and are tamed here.
struct Table {
    struct Column {
        let title: String
        var alignsRight = false
        /// Cut first, and down to this, where the whole is wider than the terminal; absent: never cut.
        var leastColumns: Int?
    }

    struct Cell: ExpressibleByStringInterpolation {
        let text: String
        /// Paints the text once its width is known.
        let paint: (@Sendable (String) -> String)?

        init(_ text: String, paint: (@Sendable (String) -> String)? = nil) {
            self.text = PlainText.line(text)
            self.paint = paint
        }

        init(stringLiteral value: String) { self.init(value) }
    }

    private static let gap = "  "

    let columns: [Column]
    var rows: [[Cell]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Columns that have nothing in any row are left out.
    ///
    /// - Parameter width: columns of the terminal; `nil` where the text goes into a file or another program, which
    ///   wants it whole.
    func lines(width: Int?, style: Style = .plain) -> [String] {
        let used = columns.indices.filter { column in
            rows.isEmpty || rows.contains { column < $0.count && !$0[column].text.isEmpty }
        }
        guard used.count == columns.count else {
            var narrowed = Table(used.map { columns[$0] })
            narrowed.rows = rows.map { row in used.filter(row.indices.contains).map { row[$0] } }
            return narrowed.lines(width: width, style: style)
        }
        let widths = fittedWidths(to: width)
        let heading = columns.map { Cell($0.title, paint: { style.faint($0) }) }
        return ([heading] + rows).map { row in
            var line = ""
            for (position, cell) in row.enumerated() where position < columns.count {
                let isLast = position == columns.count - 1
                let text = DisplayWidth.cut(cell.text, to: widths[position])
                let fill = String(repeating: " ", count: max(0, widths[position] - DisplayWidth.of(text)))
                let painted = cell.paint?(text) ?? text
                if columns[position].alignsRight {
                    line += fill + painted
                } else {
                    line += isLast ? painted : painted + fill
                }
                if !isLast { line += Self.gap }
            }
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    private func fittedWidths(to width: Int?) -> [Int] {
        var widths = columns.map { DisplayWidth.of($0.title) }
        for row in rows {
            for (position, cell) in row.enumerated() where position < widths.count {
                widths[position] = max(widths[position], DisplayWidth.of(cell.text))
            }
        }
        guard let width else { return widths }
        var excess = widths.reduce(0, +) + Self.gap.count * max(0, columns.count - 1) - width
        let cuttable = columns.indices.filter { columns[$0].leastColumns != nil }
        for position in cuttable.sorted(by: { widths[$0] > widths[$1] }) where excess > 0 {
            let least = max(columns[position].leastColumns ?? 0, DisplayWidth.of(columns[position].title))
            let cut = min(excess, max(0, widths[position] - least))
            widths[position] -= cut
            excess -= cut
        }
        return widths
    }
}

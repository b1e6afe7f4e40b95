import Domain

/// A picture of all assignments in index order: one cell each, coloured and shaped by its status.
///
/// Where the study was split by several dimensions and the labels say so, cells stand in a table whose rows and
/// columns are the values of the dimensions; else they flow, as many to a line as there is room.
struct AssignmentMap: Sendable {
    struct Axes: Hashable, Sendable {
        let rowTitle: String
        let columnTitle: String
        let rows: [String]
        let columns: [String]
    }

    enum Size: String, Sendable {
        case large, medium, small
    }

    let axes: Axes?
    let size: Size
    private let jobs: [Int: JobRecord]
    private let holders: Holders
    /// One more than the highest index.
    private let end: Int

    /// A larger study is told by its counts alone.
    static let cellLimit = 10_000

    /// - Parameter jobs: the study's assignments; where one was deleted its place stays empty.
    init(jobs: [JobRecord], dimensions: [String], holders: Holders) {
        self.holders = holders
        let indexed = jobs.compactMap { job in job.index.map { ($0, job) } }
        self.jobs = Dictionary(indexed) { first, _ in first }
        end = (indexed.map(\.0).max() ?? -1) + 1
        axes = Self.axes(of: jobs, dimensions: dimensions)
        let across = axes?.columns.count ?? 0
        size =
            switch max(end, across * across) {
            case ...80: .large
            case ...700: .medium
            default: .small
            }
    }

    /// A region for each row of the table, or for each stretch of cells that flow: of ten thousand cells only the
    /// neighbours of a changed one are sent again.
    func regions(list: String) -> [Region] {
        let step = axes?.columns.count ?? Self.stretch
        return stride(from: 0, to: end, by: step).map { start in
            let cells = (start..<min(start + step, end)).map { jobs[$0] }
            let id = "map:\(start / step)"
            var fingerprint = Fingerprint()
            for cell in cells {
                fingerprint.add(cell.map(mark) ?? -1)
                if end <= Self.titleLimit, let cell, cell.status.isHeld { fingerprint.add(cell.holderName) }
            }
            let newest = cells.compactMap { $0?.sequence }.max() ?? .zero
            let heading = axes.flatMap { $0.rows.indices.contains(start / step) ? $0.rows[start / step] : nil }
            return Region(
                id, in: list, fingerprint: fingerprint, sequence: newest,
                isTimed: cells.contains { $0?.status.isHeld == true }, template: axes == nil ? "map-stretch" : "map-row"
            ) {
                let marks = cells.enumerated().map { cell($1, index: start + $0) }
                return [
                    "id": .text(id), "from": .text(String(start)), "heading": .text(heading),
                    "cells": .markup(axes == nil ? marks.joined() : marks.map { "<td>\($0)</td>" }.joined()),
                ]
            }
        }
    }

    /// What a cell shows, as a number: its status, and how far it is in tenths.
    private func mark(_ job: JobRecord) -> Int64 {
        let status = Int64(JobStatus.allCases.firstIndex(of: job.status) ?? 0)
        let cancelling: Int64 = job.isCancelRequested ? 1 : 0
        let scheduled: Int64 = job.isScheduled ? 1 : 0
        let unknown: Int64 = holders.isHeard(job) ? 0 : 1
        return (((status * 2 + cancelling) * 2 + scheduled) * 2 + unknown) * 16 + Int64(tenths(job) ?? 11)
    }

    private func tenths(_ job: JobRecord) -> Int? {
        guard job.status == .running, let fraction = job.progress.fraction else { return nil }
        return Format.perMille(fraction) / 100
    }

    private func cell(_ job: JobRecord?, index: Int) -> Markup {
        guard let job else { return "<i class=\"cell is-gone\"></i>" }
        let word = Marks.jobWord(job, isHeard: holders.isHeard(job))
        let share: Markup = tenths(job).map { " t\($0)" } ?? .none
        let text: Markup = size == .large ? "<b>\(index)</b>" : .none
        return """
            <a class="cell is-\(word)\(share)" href="\(Links.job(job.id))" tabindex="-1"\(title(job, word: word))>\
            \(text)</a>
            """
    }

    /// For thousands of cells the page makes the title where the pointer is (`Modules/map.js`).
    private func title(_ job: JobRecord, word: String) -> Markup {
        guard end <= Self.titleLimit else { return .none }
        let name = "\(JobWords.tag(index: job.index, id: job.id)) \(job.label ?? "")"
        let worker = job.status.isHeld ? job.holderName.map { " on \($0)" } ?? "" : ""
        return " title=\"\(name): \(word)\(worker)\""
    }

    /// The labels of a product are its values joined by ` · `, in the order of the dimensions; the first dimension
    /// turns slowest. So rows are the first dimensions and columns the rest.
    private static func axes(of jobs: [JobRecord], dimensions: [String]) -> Axes? {
        guard dimensions.count >= 2, !jobs.isEmpty else { return nil }
        var labels: [(index: Int, parts: [String])] = []
        for job in jobs {
            guard let index = job.index, let label = job.label else { return nil }
            let parts = label.components(around: " · ")
            guard parts.count == dimensions.count else { return nil }
            labels.append((index, parts))
        }
        for split in 1..<dimensions.count {
            let rows = distinct(labels.map { $0.parts[..<split].joined(separator: " · ") })
            let columns = distinct(labels.map { $0.parts[split...].joined(separator: " · ") })
            guard columns.count <= columnLimit || split == dimensions.count - 1 else { continue }
            guard rows.count >= 2, columns.count >= 2 else { return nil }
            let rowPlaces = Dictionary(rows.enumerated().map { ($1, $0) }) { first, _ in first }
            let columnPlaces = Dictionary(columns.enumerated().map { ($1, $0) }) { first, _ in first }
            let isGrid = labels.allSatisfy { index, parts in
                let row = rowPlaces[parts[..<split].joined(separator: " · ")] ?? 0
                let column = columnPlaces[parts[split...].joined(separator: " · ")] ?? 0
                return index == row * columns.count + column
            }
            guard isGrid else { return nil }
            return Axes(
                rowTitle: dimensions[..<split].joined(separator: " · "),
                columnTitle: dimensions[split...].joined(separator: " · "), rows: rows, columns: columns)
        }
        return nil
    }

    private static func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }

    /// Cells of one region where they flow.
    private static let stretch = 100
    /// Wider tables take another dimension to their rows, if there is one.
    private static let columnLimit = 24
    private static let titleLimit = 2_000
}

extension String {
    /// The pieces between the occurrences of `separator`.
    func components(around separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        parts.append(String(rest))
        return parts
    }
}

package import Domain

/// What the window of a session's program shows: bars, simulation, counts and the pictures of its tabs.
package struct WindowView: Sendable {
    package struct Picture: Sendable {
        package var tab: String
        package var path: String
        package var takenAt: Instant

        package init(tab: String, path: String, takenAt: Instant) {
            self.tab = tab
            self.path = path
            self.takenAt = takenAt
        }
    }

    /// Tells a worker's windows apart: plain letters and digits.
    package var id: String
    /// What it is of, where a worker has several.
    package var title: String?
    package var state: WindowState
    package var pictures: [Picture]

    package init(id: String = "w", title: String? = nil, state: WindowState, pictures: [Picture]) {
        self.id = id
        self.title = title
        self.state = state
        self.pictures = pictures
    }
}

extension WindowView {
    /// What a job is called, for the title of its window.
    package static func title(of job: HeldJob) -> String {
        JobWords.name(label: job.label, index: job.index, id: job.job)
    }
}

enum WindowPart {
    /// - Parameter isHeard: of a session that isn't heard, what it last said stands, and without an end.
    static func region(_ view: WindowView, isHeard: Bool, isOver: Bool, now: Instant) -> Region {
        let state = view.state
        var fingerprint = Fingerprint()
        fingerprint.add(view.title)
        fingerprint.add(isHeard)
        fingerprint.add(isOver)
        state.add(to: &fingerprint)
        return Region(
            "window:\(view.id)", in: "worker-windows", fingerprint: fingerprint, template: "worker-window"
        ) {
            var values = values(state, isHeard: isHeard, isOver: isOver, now: now)
            values.set("id", .text("window:\(view.id)"))
            values.set("title", .text(view.title))
            return values
        }
    }

    private static func values(
        _ state: WindowState, isHeard: Bool, isOver: Bool, now: Instant
    ) -> Values {
        let style: StaticString =
            switch state.ending?.isSuccess {
            case true?: "is-done"
            case false?: "is-failed"
            case nil: isHeard ? "" : "is-still"
            }
        let simulation = state.simulationCount.map { count in
            state.totalSimulations.map { "\(count) of \($0)" } ?? "\(count)"
        }
        let isRunning = isHeard && !isOver && state.ending == nil
        return [
            "overall": .markup(Bars.progress(state.progress, label: "Overall progress", style: style)),
            "percent": .text(state.progress.map(Format.percent)),
            "stage": .text(state.stage.map(LogText.plain)),
            "subStage": .text(state.subStage.map(LogText.plain)),
            "stageBar": .markup(
                Bars.progress(
                    state.stageProgress, label: "Progress of this stage", style: isHeard ? "is-good" : "is-still")),
            "stagePercent": .text(state.stageProgress.map(Format.percent)),
            "simulation": .text(simulation),
            "case": .text(state.currentCase.map(LogText.plain)),
            "eta": .markup(isRunning ? state.etaAt.map { TimeMark.markup($0, .until, now: now) } : nil),
            "step": .markup(isRunning ? state.stepEndsAt.map { TimeMark.markup($0, .until, now: now) } : nil),
            "warnings": .count(state.warningCount), "hasWarnings": .flag(state.warningCount > 0),
            "errors": .count(state.errorCount), "hasErrors": .flag(state.errorCount > 0),
            "ending": .text(state.ending.map { LogText.plain($0.reason) }),
            "isLast": .flag(!isHeard && !isOver),
        ]
    }

    /// `nil` where it has sent none.
    static func picturesRegion(_ view: WindowView, now: Instant) -> Region? {
        let pictures = view.pictures
        if pictures.isEmpty { return nil }
        var fingerprint = Fingerprint()
        fingerprint.add(view.title)
        for picture in pictures { fingerprint.add(picture.path) }
        return Region(
            "shots:\(view.id)", in: "worker-shots", fingerprint: fingerprint, template: "worker-pictures"
        ) {
            [
                "id": .text("shots:\(view.id)"), "title": .text(view.title),
                "pictures": .list(
                    pictures.map {
                        [
                            "tab": .text($0.tab), "path": .text($0.path),
                            "taken": .markup(TimeMark.markup($0.takenAt, .ago, now: now)),
                        ]
                    }),
            ]
        }
    }
}

extension WindowState {
    /// All that the page shows of it.
    fileprivate func add(to fingerprint: inout Fingerprint) {
        for share in [progress, stageProgress] { fingerprint.add(share) }
        for moment in [etaAt, stepEndsAt] { fingerprint.add(moment) }
        for count in [simulationCount, totalSimulations] { fingerprint.add(count ?? -1) }
        fingerprint.add(warningCount)
        fingerprint.add(errorCount)
        for words in [stage, subStage, currentCase, ending?.reason] { fingerprint.add(words) }
        fingerprint.add(ending?.isSuccess == true)
    }
}

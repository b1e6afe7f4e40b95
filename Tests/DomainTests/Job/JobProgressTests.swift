import Domain
import Testing

@Suite struct JobProgressTests {
    private let known = JobProgress(
        fraction: 0.4, stage: "mesh", stageFraction: 0.9, etaAt: Instant(milliseconds: 5), message: "cells"
    )

    @Test func whatIsNotSaidStays() {
        #expect(known.merging(JobProgress()) == known)
        #expect(JobProgress().merging(known) == known)
    }

    @Test func whatIsSaidReplaces() {
        let later = Instant(milliseconds: 9)
        let merged = known.merging(JobProgress(fraction: 0.5, stageFraction: 1, etaAt: later, message: "done"))
        #expect(
            merged == JobProgress(fraction: 0.5, stage: "mesh", stageFraction: 1, etaAt: later, message: "done")
        )
    }

    @Test func aNewStageForgetsTheShareOfTheOldOne() {
        #expect(known.merging(JobProgress(stage: "solve")).stageFraction == nil)
        #expect(known.merging(JobProgress(stage: "solve", stageFraction: 0.1)).stageFraction == 0.1)
        #expect(known.merging(JobProgress(stage: "mesh")).stageFraction == 0.9)
    }

    @Test(arguments: [
        (-0.1, 0.0), (0, 0), (0.25, 0.25), (1, 1), (17, 1), (.infinity, 0), (-.infinity, 0), (.nan, 0),
    ])
    func aShareIsBetweenNoughtAndOne(said: Double, kept: Double) {
        let merged = JobProgress().merging(JobProgress(fraction: said, stageFraction: said))
        #expect(merged.fraction == kept)
        #expect(merged.stageFraction == kept)
    }
}

"""What waits and when it is due, with a clock of our own."""

from __future__ import annotations

import json
import unittest

from muster._outbox import GAP_SECONDS, LINE_LIMIT_BYTES, WAITING_LINES_LIMIT, Artifact, Lines, Outbox, Progress, pieces


class PaceTests(unittest.TestCase):
    def setUp(self) -> None:
        self.outbox = Outbox()

    def run_for(self, seconds: float, each: float) -> list:
        """Says something every `each` seconds and takes whenever something is due; what was taken, with its time."""
        taken, now, said = [], 100.0, 0
        end = now + seconds
        while now < end:
            said += 1
            self.outbox.progress(Progress(fraction=said / 10_000))
            self.outbox.line("info", f"line {said}", now)
            due = self.outbox.due(now)
            while due is not None and due < now + each:
                taken += [(due, message) for message in self.outbox.take(due)]
                due = self.outbox.due(due)
            now += each
        self.said = said
        return taken

    def test_five_a_second_of_each_kind_and_never_more(self) -> None:
        taken = self.run_for(10, each=0.001)
        for kind in (Progress, Lines):
            times = [at for at, message in taken if isinstance(message, kind)]
            self.assertIn(len(times), (50, 51))
            gaps = [later - earlier for earlier, later in zip(times, times[1:])]
            self.assertGreaterEqual(min(gaps), GAP_SECONDS - 1e-9)

    def test_no_line_and_no_last_value_is_lost(self) -> None:
        taken = self.run_for(3.1, each=0.01)
        taken += [(0.0, message) for message in self.outbox.take(103.1, everything=True)]
        lines = [line.text for _, message in taken if isinstance(message, Lines) for line in message.lines]
        self.assertEqual(lines, [f"line {number}" for number in range(1, self.said + 1)])
        shares = [message.fraction for _, message in taken if isinstance(message, Progress)]
        self.assertEqual(shares[-1], self.said / 10_000)
        self.assertEqual(shares, sorted(shares))
        self.assertTrue(self.outbox.is_empty)

    def test_the_first_goes_at_once_and_the_next_after_the_gap(self) -> None:
        self.outbox.progress(Progress(fraction=0.1))
        self.assertEqual(self.outbox.due(5.0), 5.0)
        self.assertEqual(self.outbox.take(5.0), [Progress(fraction=0.1)])
        self.assertIsNone(self.outbox.due(5.0))
        self.outbox.progress(Progress(fraction=0.2))
        self.assertAlmostEqual(self.outbox.due(5.01) or 0, 5.0 + GAP_SECONDS)
        self.assertEqual(self.outbox.take(5.01), [])
        self.assertEqual(self.outbox.take(5.0 + GAP_SECONDS), [Progress(fraction=0.2)])

    def test_a_clock_that_was_set_back_holds_nothing_up(self) -> None:
        self.outbox.progress(Progress(fraction=0.1))
        self.outbox.take(1_000.0)
        self.outbox.progress(Progress(fraction=0.2))
        self.assertEqual(self.outbox.due(5.0), 5.0)

    def test_artifacts_keep_their_place_among_lines(self) -> None:
        self.outbox.line("info", "a", 1.0)
        self.outbox.artifact(Artifact("/x", "x"))
        self.outbox.line("info", "b", 2.0)
        self.outbox.progress(Progress(fraction=1.0))
        kinds = [type(message).__name__ for message in self.outbox.take(0.0)]
        self.assertEqual(kinds, ["Lines", "Artifact", "Lines", "Progress"])

    def test_where_nothing_is_taken_the_oldest_lines_go_and_that_is_said(self) -> None:
        self.outbox.artifact(Artifact("/x", "x"))
        for number in range(WAITING_LINES_LIMIT + 10):
            self.outbox.line("info", str(number), 1.0)
        first, artifact, rest = self.outbox.take(0.0)
        assert isinstance(first, Lines) and isinstance(rest, Lines) and isinstance(artifact, Artifact)
        dropped = int(first.lines[0].text.split()[0])
        self.assertEqual(dropped + len(rest.lines), WAITING_LINES_LIMIT + 10)
        self.assertEqual(rest.lines[-1].text, str(WAITING_LINES_LIMIT + 9))


class ProgressTests(unittest.TestCase):
    def test_what_is_not_said_stays(self) -> None:
        known = Progress(0.5, "solve", 0.25, 10.0, "a")
        self.assertEqual(known.merged(Progress(fraction=0.6)), Progress(0.6, "solve", 0.25, 10.0, "a"))

    def test_a_new_stage_forgets_the_share_of_the_old_one(self) -> None:
        known = Progress(0.5, "solve", 0.25)
        self.assertEqual(known.merged(Progress(stage="write")), Progress(0.5, "write", None))
        self.assertEqual(known.merged(Progress(stage="solve")), known)


class PieceTests(unittest.TestCase):
    def test_lines_are_cut_where_a_pipe_would_not_take_them_whole(self) -> None:
        for text in ("x" * 10_000, "é" * 5_000, "𝄞" * 3_000, "\x01" * 9_000, '"' * 9_000, "a\nb", ""):
            found = pieces(text)
            self.assertEqual("".join(found), text.replace("\n", ""))
            for piece in found:
                self.assertLessEqual(len(json.dumps(piece, ensure_ascii=False).encode()), LINE_LIMIT_BYTES)

    def test_half_a_character_is_no_harm(self) -> None:
        self.assertEqual(pieces("\ud834"), ["?"])


if __name__ == "__main__":
    unittest.main()

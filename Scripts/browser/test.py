#!/usr/bin/env python3
"""The dashboard in a real Chromium, on a real server with real workers.

Pages are opened before anything works and once more when everything is done: both must show the same. No page may
write an error into the console or ask for what its policy refuses, and without scripts every page must be whole.
Screenshots of every page, light and dark, wide and narrow, are kept in build/screenshots.

    Scripts/browser/test.py             the test
    Scripts/browser/test.py --nodes     the same with two servers on one PostgreSQL: the pages are those of the first,
                                        the workers speak to the second
    Scripts/browser/test.py --readme    the same with the whole example; writes the pictures of the README, too
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

root = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(root / "Scripts"))
sys.path.insert(0, str(root / "Scripts" / "browser"))
from fleet import Deadline, Fleet, TestFailure, Watch, check  # noqa: E402
from fleet.pair import Pair  # noqa: E402
from fleet.processes import binary  # noqa: E402
from lab import Lab  # noqa: E402
from viewer import Viewer, launch  # noqa: E402

screenshots = root / "build" / "screenshots"
images = root / "Documentation" / "images"
looks = [(theme, width) for theme in ("light", "dark") for width in (1440, 390)]
height = {1440: 900, 390: 844}


def study_file(folder: Path, whole: bool) -> Path:
    """The example's study; for the test coarser and half as large, so that an assignment takes about a second."""
    study = json.loads((root / "Examples" / "FDTD" / "study.json").read_text(encoding="utf-8"))
    if not whole:
        study["phantoms"].pop("cylinder")
        study["frequencies"] = study["frequencies"][:3]
        study["cellSize"], study["resolution"] = 1.6, 10
    path = folder / "phantoms.json"
    path.write_text(json.dumps(study), encoding="utf-8")
    return path


def shoot(browser: Browser, fleet: Fleet, pages: dict[str, str], moment: str) -> list[str]:
    """Every page in every look, and whether it fits into its width."""
    errors = []
    screenshots.mkdir(parents=True, exist_ok=True)
    for theme, width in looks:
        viewer = Viewer(
            browser, fleet.url, fleet.deadline, color_scheme=theme, viewport={"width": width, "height": height[width]})
        for name, path in pages.items():
            viewer.open(path)
            picture = screenshots / f"{name}-{moment}-{theme}-{width}.png"
            viewer.page.screenshot(path=picture, full_page=True, animations="disabled")
            if not viewer.fits():
                errors.append(f"{path} is wider than {width} pixels ({picture})")
        errors += viewer.close()
    return errors


def picture(browser: Browser, fleet: Fleet, path: str, file: str) -> None:
    images.mkdir(parents=True, exist_ok=True)
    viewer = Viewer(
        browser, fleet.url, fleet.deadline, color_scheme="light", viewport={"width": 1280, "height": 800},
        device_scale_factor=1.5)
    viewer.open(path).page.screenshot(path=images / file, animations="disabled")
    viewer.close()


def completed(count: int, running: int = 0):
    def condition(watch: Watch) -> bool:
        return any(
            study["counts"]["completed"] >= count and study["counts"]["running"] >= running
            for study in watch.of_kind("study"))
    return condition


def run(browser: Browser, fleet: Fleet, writes_readme: bool) -> None:
    errors = shoot(browser, fleet, {"fleet": "/", "workers": "/workers", "studies": "/studies"}, "empty")
    made = json.loads(fleet.muster(
        "study", "create", str(study_file(fleet.folder, writes_readme)), "--name", "phantoms", "--split-by",
        "phantoms,frequencies,directions", "--json"))
    study, total = made["id"], made["counts"]["total"]
    job = next(iter(fleet.api.pages(f"/studies/{study}/assignments")))["id"]
    print(f"study {study} of {total} assignments; opening its pages before anybody works")
    paths = {
        "fleet": "/", "workers": "/workers", "studies": "/studies", "study": f"/studies/{made['name']}",
        "jobs": "/jobs", "job": f"/jobs/{job}",
    }
    early = {name: Viewer(browser, fleet.url, fleet.deadline).open(path) for name, path in paths.items()}

    workers = [
        fleet.work(f"worker-{number}", ["--study", "phantoms"], [binary("fdtd"), "{config}"], ["--stay"])
        for number in (1, 2, 3)
    ]
    watch = Watch(fleet.api, f"study:{study}")
    watch.until("work under way", completed(total // 3, running=2))
    session = fleet.api.get("/sessions")["items"][0]["id"]
    paths["worker"] = f"/workers/{session}"
    early["worker"] = Viewer(browser, fleet.url, fleet.deadline).open(paths["worker"])
    if writes_readme:
        picture(browser, fleet, paths["fleet"], "fleet.png")
        picture(browser, fleet, paths["study"], "study.png")
    errors += shoot(browser, fleet, paths | {"settings": "/settings"}, "working")
    watch.until("the end of the study", completed(total))

    print("the study is finished; opening the pages once more")
    errors += same(browser, fleet, early, paths, "when the study is finished")
    errors += shoot(browser, fleet, paths, "finished")
    for worker in workers:
        check(worker.stop(fleet.deadline) == 0, f"{worker.name} did not end well:\n{worker.log()}")
    print("the workers are gone; and once more")
    errors += same(browser, fleet, early, paths, "when the workers are gone")
    errors += without_scripts(browser, fleet, paths)
    errors += retried(browser, fleet)
    errors += window(browser, fleet)
    for viewer in early.values():
        errors += viewer.close()
    check(not errors, "\n  ".join(["", *dict.fromkeys(errors)]))


def same(browser: Browser, fleet: Fleet, early: dict[str, Viewer], paths: dict[str, str], when: str) -> list[str]:
    """Law 6: whoever opened the page first sees what whoever opens it last sees."""
    errors = []
    for name, path in paths.items():
        late = Viewer(browser, fleet.url, fleet.deadline).open(path)
        difference = early[name].difference(late)
        if difference:
            errors.append(f"{path} is not the same {when}, opened early (-) and late (+):\n{difference}")
        errors += late.close()
    return errors


def retried(browser: Browser, fleet: Fleet) -> list[str]:
    """A job that failed, opened then, and tried again by somebody else: its page and its log go on."""
    scene = fleet.folder / "again.json"
    scene.write_text("{}", encoding="utf-8")
    made = json.loads(fleet.muster("job", "submit", str(scene), "--queue", "again", "--max-attempts", "1", "--json"))
    path = f"/jobs/{made['jobs'][0]['id']}"
    worker = fleet.work("again", ["--queue", "again"], ["sh", "-c", "echo tried; exit 3"])
    early = Viewer(browser, fleet.url, fleet.deadline).open(path)
    failed = "(count) => document.querySelectorAll('#job-attempts .badge.is-failed').length === count"
    early.until("the first failure", f"() => ({failed})(1)")
    errors = early.close()
    early = Viewer(browser, fleet.url, fleet.deadline).open(path)
    fleet.muster("job", "retry", made["jobs"][0]["id"])
    print("a job that failed is tried again; opening its page once more")
    early.until("the second failure", f"() => ({failed})(2)")
    early.until("the lines of both", "() => document.querySelectorAll('#log .log li').length >= 2")
    errors += same(browser, fleet, {"job": early}, {"job": path}, "when the job was tried again")
    check(worker.stop(fleet.deadline) == 1, f"{worker.name} did not end well:\n{worker.log()}")
    return errors + early.close()


def window(browser: Browser, fleet: Fleet) -> list[str]:
    """A worker that GOLIAT's own window reports of, opened before it says anything and once more after it ended."""
    lab = Lab(fleet.url)
    paths = {"window": f"/workers/{lab.worker}", "window-study": lab.study}
    early = {name: Viewer(browser, fleet.url, fleet.deadline).open(path) for name, path in paths.items()}
    lab.begin()
    lab.lines(0, ("header", "GOLIAT"), ("info", "  - Phantom: duke"))
    lab.lines(2, ("warning", "    - Falls back"), ("error", "\nNo convergence"))
    lab.lines(1, ("success", "    - Done in 0.11s"), ("highlight", "Cell size: 2.5 mm"))
    lab.pictures("Timings", "Disk_I/O")
    print("a window of GOLIAT's has spoken; opening its worker once more")
    # A study's timeline grows with the time; it is compared when it has ended.
    errors = same(browser, fleet, early, {"window": paths["window"]}, "while a window speaks")
    errors += shoot(browser, fleet, paths, "speaking")
    lab.say(type="finished", message="Study finished successfully")
    errors += same(browser, fleet, early, paths, "when the window has finished")
    errors += without_scripts(browser, fleet, paths)
    for viewer in early.values():
        errors += viewer.close()
    return errors


def without_scripts(browser: Browser, fleet: Fleet, paths: dict[str, str]) -> list[str]:
    """The words of a page are there without its scripts, too."""
    errors = []
    for name, path in paths.items():
        plain = Viewer(browser, fleet.url, fleet.deadline, java_script_enabled=False).open(path)
        if len(plain.page.inner_text("#main").split()) < 5:
            errors.append(f"{path} shows nothing without scripts")
        errors += plain.close()
    return errors


def main() -> int:
    deadline = Deadline(seconds=1_200)
    writes_readme = "--readme" in sys.argv[1:]
    try:
        make = Pair if "--nodes" in sys.argv[1:] else Fleet
        with make("browser", deadline) as fleet, sync_playwright() as playwright:
            browser = launch(playwright)
            try:
                run(browser, fleet, writes_readme)
            finally:
                browser.close()
    except TestFailure as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        return 1
    print(f"passed; screenshots are in {screenshots.relative_to(root)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

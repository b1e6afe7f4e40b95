"""A reader of the dashboard in a real Chromium, who notices what a person would not: errors and refused resources."""

from __future__ import annotations

import difflib
import os
import shutil
import sys
from pathlib import Path
from time import monotonic

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Playwright, TimeoutError

folder = Path(__file__).resolve().parent
sys.path.insert(0, str(folder.parent))
from fleet import Deadline, TestFailure, check  # noqa: E402

content = (folder / "content.js").read_text(encoding="utf-8")

# A violation of the page's own policy is an event on the document, whatever the console makes of it.
listen = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""


def launch(playwright: Playwright) -> Browser:
    """The distribution's Chromium; as root it has no sandbox to give."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    check(path, "there is no Chromium; run Scripts/setup")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=path, headless=True, args=arguments)


class Viewer:
    """One page in a context of its own: a browser gives one server six connections, and every page keeps one."""

    def __init__(self, browser: Browser, url: str, deadline: Deadline, **options: object):
        self.url = url
        self.deadline = deadline
        self.errors: list[str] = []
        self.runs_scripts = options.get("java_script_enabled", True)
        options.setdefault("viewport", {"width": 1440, "height": 900})
        options.setdefault("locale", "en-GB")
        options.setdefault("timezone_id", "UTC")
        self.context = browser.new_context(**options)  # type: ignore[arg-type]
        self.context.add_init_script(listen)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(f"{self.page.url}: {error}"))
        self.page.on("response", lambda answer: answer.status >= 400 and self.errors.append(
            f"{answer.url}: answered {answer.status}"))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(f"{self.page.url}: {message.text}")

    def open(self, path: str) -> Viewer:
        """Until the page is there and, where it is a live one, until its streams are open."""
        self.page.goto(self.url + path, timeout=self._left())
        if self.runs_scripts and self.page.locator("body[data-live]").count() > 0:
            self.until(
                "the page's streams",
                "() => document.querySelector('#link-state')?.textContent === 'live'"
                " && document.querySelector('[data-log-state]')?.textContent !== ''")
        return self

    def until(self, what: str, condition: str, argument: object = None) -> None:
        try:
            self.page.wait_for_function(condition, arg=argument, timeout=self._left())
        except TimeoutError as error:
            raise TestFailure(f"waited too long for {what} on {self.page.url}") from error

    def content(self) -> str:
        return str(self.page.evaluate(content))

    def difference(self, other: Viewer, patience_seconds: float = 60) -> str:
        """What this page and another show differently; nothing once they agree, which they must within a moment:
        what the server said last may still be on its way to one of them. A loaded machine has long moments."""
        last = monotonic() + min(self._left() / 1000, patience_seconds)
        while True:
            mine, theirs = self.content(), other.content()
            if mine == theirs:
                return ""
            if monotonic() >= last:
                lines = mine.splitlines(), theirs.splitlines()
                return "\n".join(difflib.unified_diff(*lines, "early", "late", "", "", 2))
            self.page.wait_for_timeout(100)

    def fits(self) -> bool:
        """Nothing sticks out to the side."""
        return bool(self.page.evaluate(
            "() => document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth"))

    def close(self) -> list[str]:
        """What went wrong in all the time that it was open."""
        try:
            self.context.close()
        except Error as error:
            self.errors.append(str(error))
        return self.errors

    def _left(self) -> float:
        return self.deadline.left() * 1000

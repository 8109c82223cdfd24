"""Chromium through Playwright's library, and what no page of ours may do in it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.server.plugin import required

NAMES = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = (1280, 390)


def chromium() -> str:
    """Where Chromium is; without one the test fails in CI, and is skipped elsewhere."""
    if found := next(filter(None, map(shutil.which, NAMES)), None):
        return found
    raise (pytest.fail.Exception if required() else pytest.skip.Exception)(
        "no Chromium (Debian: chromium)"
    )


@contextmanager
def started() -> Iterator[Browser]:
    """A Chromium."""
    # Chromium has no sandbox for root, whom containers and CI often run as.
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    executable = chromium()
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=executable, args=["--disable-gpu", *root]
        ) as browser,
    ):
        yield browser


@contextmanager
def watched(browser: Browser, width: int, **options: Any) -> Iterator["Watched"]:
    """A page of a width, in which at the end nothing may have gone wrong."""
    viewport = {"width": width, "height": options.pop("height", 850)}
    with browser.new_context(viewport=viewport, **options) as context:  # type: ignore[arg-type]
        found = Watched(context.new_page())
        yield found
        assert found.troubles == []


class Watched:
    """A page, and what went wrong in it: messages, errors, dialogs."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.troubles: list[str] = []
        self.asked: list[str] = []
        """The addresses that the page asked for, itself included."""
        page.on("console", lambda message: self.troubles.append(message.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("dialog", lambda dialog: self.troubles.append(dialog.message))
        page.on("request", lambda request: self.asked.append(request.url))

    def hosts(self) -> set[str]:
        """The hosts, with ports, that were asked; what is in the page itself has none."""
        return {urlsplit(url).netloc for url in self.asked if not url.startswith("data:")}


def fits(page: Page) -> bool:
    """Whether only parts of a page scroll sideways, and not the page."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

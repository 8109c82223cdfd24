"""What every page keeps to in a browser, and the way through it by keys."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.chromium import WIDTHS, Watched, fits

NAMELESS = """[...document.querySelectorAll('a')].filter(
    one => !one.textContent.trim() && !one.getAttribute('aria-label')).length"""
# The element that has the focus: its words, and whether it can be seen that it has it.
FOCUSED = """(() => {
    const one = document.activeElement, style = getComputedStyle(one);
    const box = one.querySelector('rect'), place = one.getBoundingClientRect();
    return {
        words: [one.textContent.trim(), one.title, one.value, one.id].filter(Boolean),
        isMarked: style.outlineStyle !== 'none' || box && getComputedStyle(box).strokeWidth > '3',
        isInView: place.bottom > 0 && place.top < innerHeight,
    };
})()"""
# Of long tables what comes after the first rows and columns is made as they are.
SHORTEN = """document.querySelectorAll('tr:nth-child(n + 10), .heat td:nth-child(n + 10)')
    .forEach(one => one.remove())"""
VIOLATIONS = """async options => (await axe.run(options)).violations.map(
    one => [one.id, ...one.nodes.map(node => node.html)])"""
COLOURS = "color-contrast"
TALLEST = 2500


def check(opened: Watched, address: str, picture: Path) -> None:
    """A page fits each screen, has one heading, and breaks no rule of axe, light or dark.

    Colours take axe longer than all its other rules; they are the same at each width.
    """
    wide, *narrow = WIDTHS
    _look(opened.page, address, wide, picture)
    assert _violations(opened.page) == []
    opened.page.emulate_media(color_scheme="dark")
    assert _violations(opened.page, runOnly=[COLOURS]) == []
    opened.page.emulate_media(color_scheme="light")
    for width in narrow:
        _look(opened.page, address, width, picture)
        assert _violations(opened.page, rules={COLOURS: {"enabled": False}}) == []


def _look(page: Page, address: str, width: int, picture: Path) -> None:
    page.set_viewport_size({"width": width, "height": 850})
    page.goto(address)
    assert fits(page)
    assert page.locator("h1").count() == 1
    assert page.evaluate(NAMELESS) == 0
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    name = picture.with_name(f"{picture.stem}-{width}.png")
    clip = {"x": 0, "y": 0, "width": width, "height": height}
    page.screenshot(path=name, full_page=True, clip=clip)  # type: ignore[arg-type]
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert fits(page)
    page.evaluate(SHORTEN)
    page.evaluate(pytest.importorskip("axe_playwright_python.sync_playwright").Axe().axe_script)


def _violations(page: Page, **options: Any) -> list[list[str]]:
    """The rules of axe that a page breaks, each with the elements."""
    found: list[list[str]] = page.evaluate(VIOLATIONS, {**options, "resultTypes": ["violations"]})
    return found


def tab_to(page: Page, words: str, *, key: str = "Tab", most: int = 300) -> None:
    """Presses Tab until what has the focus begins with these words.

    It can be seen at each stop on the way which element has the focus. The page is waited for: what
    it is to show may not be there yet, and then there is nothing to stop at.
    """
    page.wait_for_load_state()
    for _ in range(most):
        page.keyboard.press(key)
        found = page.evaluate(FOCUSED)
        assert found["isMarked"], found
        assert found["isInView"], found
        if any(one.startswith(words) for one in found["words"]):
            return
    raise AssertionError(f"{words}: not reached by {most} times {key}")

"""The Neo4j Browser as a person uses it: a page in Chromium that files are dropped on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Page, expect

from tests.support.chromium import started
from tests.support.server import Server

PLACES = """() => {
    const moved = [...document.querySelectorAll('[data-testid=frame] svg g[transform]')];
    return moved.map(one => one.getAttribute('transform')).join();
}"""
FILE = """([name, text]) => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([Uint8Array.from(text)], name));
    return dropped;
}"""

MILLISECONDS = 300_000  # a page of this size starts slowly on a busy machine
expect.set_options(timeout=MILLISECONDS)
BETWEEN_LOOKS = 300  # milliseconds


@contextmanager
def browser(server: Server) -> Iterator["Browser"]:
    """The Browser page of a server, logged in; the page reaches nothing but the server."""
    with (
        started() as chromium,
        chromium.new_context(
            viewport={"width": 1200, "height": 760},
            permissions=["clipboard-read", "clipboard-write"],
        ) as context,
    ):
        host = urlsplit(server.http).netloc
        context.route(lambda url: urlsplit(url).netloc != host, lambda route: route.abort())
        context.set_default_timeout(MILLISECONDS)
        page = Browser(context.new_page())
        page.connect(server)
        yield page


class Browser:
    """What a person does on the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frame = page.get_by_test_id("frame").first
        self.nodes = self.frame.locator("svg .node")

    def connect(self, server: Server) -> None:
        self.page.goto(f"{server.http}/browser/?{urlencode({'dbms': server.uri, 'db': 'neo4j'})}")
        self.page.get_by_test_id("username").fill(server.user)
        self.page.get_by_test_id("password").fill(server.password or "")
        self.page.get_by_test_id("connect").click()
        self._frame(":play start")  # what it shows when it is connected

    def drop(self, path: Path) -> None:
        """Drops a file on the window."""
        file = self.page.evaluate_handle(FILE, [path.name, [*path.read_bytes()]])
        self.page.dispatch_event("[data-testid=main]", "drop", {"dataTransfer": file})

    def style(self, path: Path) -> None:
        """Drops a style sheet, which the page then shows."""
        self.drop(path)
        self._frame(":style")

    def favourites(self, folder: str) -> set[str]:
        """The titles that a folder of the favourites lists."""
        self.page.get_by_test_id("navigationFavorites").click()
        self.page.get_by_test_id(f"expandFolder-{folder}").click()
        titles = self.page.locator("[data-testid^=scriptTitle-]")
        expect(titles).not_to_have_count(0)
        return {str(one.get_attribute("data-testid"))[12:] for one in titles.all()}

    def run(self, text: str) -> None:
        """Pastes a command or a statement, and runs it."""
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.page.locator("[data-testid=activeEditor] textarea").focus()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Control+v")
        self.page.get_by_test_id("editor-Run").click()
        self._frame(text.partition("\n")[0])

    def ask(self, text: str, parameters: str) -> None:
        """Sets parameters, asks, and waits until the graph is drawn and stands still."""
        self.run(parameters)
        expect(self.page.get_by_test_id("rawParamData").first).to_be_visible()
        self.run(text)
        self.frame.get_by_title("Fullscreen").click()
        expect(self.nodes).not_to_have_count(0)
        self._settle()
        self.frame.get_by_label("zoom-to-fit").click()
        self._settle()

    def _settle(self) -> None:
        """Waits until nothing of the graph has moved since it was last looked at."""
        before = None
        for _ in range(MILLISECONDS // BETWEEN_LOOKS):
            places = self.page.evaluate(PLACES)
            if places == before:
                return
            before = places
            self.page.wait_for_timeout(BETWEEN_LOOKS)
        raise AssertionError("the graph does not stand still")

    def _frame(self, command: str) -> None:
        expect(self.frame.get_by_test_id("frameCommand")).to_contain_text(command)

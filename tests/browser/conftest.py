"""A real town, a real server, a real browser."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import socket
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator

from tests.commands import run_command, running

#: Whether a click on an element leads to another page.
LEADS_ON = """one => {
  const isPartial = each => [...each.attributes].some(({name}) => name.startsWith("hx-"));
  const link = one.closest("a[href]");
  if (link)
    return !link.download && !link.target && !link.getAttribute("href").startsWith("#")
      && !isPartial(link);
  const button = one.closest("button"), form = button && button.type === "submit" && button.form;
  return !!form && !form.target && !isPartial(form) && !isPartial(button)
    && !("keep" in form.dataset) && !("followUp" in form.dataset)  // sent when the net is there
    && (form.noValidate || button.formNoValidate || form.matches(":valid"));
}"""


@pytest.fixture(autouse=True)
def clicks_end_on_the_page_they_lead_to():
    """What a test does after a click must not happen on the page that is leaving.

    ``no_wait_after``: the click fetches a file, the page stays.
    """
    click = Locator.click

    def patient(self, **options):
        if options.get("no_wait_after") or not self.evaluate(LEADS_ON):
            return click(self, **options)
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            return click(self, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locator, "click", patient)
        yield


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Town:
    """The demo town behind a running server."""

    def __init__(self, folder, port):
        self.base = f"http://127.0.0.1:{port}"
        self.url = f"sqlite:///{folder}/town.sqlite3"
        self.environ = {"PORT": str(port), "BASE_URL": self.base}
        self.folder = folder

    def command(self, *words):
        """Run ``matchsvc WORDS`` on the town's database."""
        done = run_command(self.url, *words, folder=self.folder, **self.environ)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def login(self, role, number=0):
        """The number-th log-in of a role."""
        logins = json.loads((self.folder / "var" / "demo-logins.json").read_text())
        return [login for login in logins if login["role"] == role][number]


@pytest.fixture(scope="session")
def built_town(tmp_path_factory):
    """The demo town's folder, built once for all test processes, to be copied and never changed."""
    run = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        run = run.parent
    folder = run / "built-town"
    with (run / "built-town.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            building = run / "building-town"
            building.mkdir()
            Town(building, _free_port()).command("demo", "--no-serve")
            building.rename(folder)
    return folder


@contextmanager
def _open(built_town, folder):
    shutil.copytree(built_town, folder)
    town = Town(folder, _free_port())
    with serving(town):
        yield town


@contextmanager
def serving(town):
    """The town's server, from when it answers."""
    with running({"DATABASE_URL": town.url, **town.environ}, "serve", folder=town.folder):
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{town.base}/readyz", timeout=2)
                break
            except OSError:
                time.sleep(0.1)
        yield


@pytest.fixture(scope="session")
def town(built_town, tmp_path_factory):
    """The town that tests only look at."""
    with _open(built_town, tmp_path_factory.mktemp("quiet") / "town") as town:
        yield town


@pytest.fixture(scope="module")
def lively_town(built_town, tmp_path_factory):
    """A town of its own for a test that changes it."""
    folder = tmp_path_factory.mktemp("lively") / "town"
    with _open(built_town, folder) as town:
        yield town
    shutil.rmtree(folder, ignore_errors=True)


class Visitor:
    """One person at one screen."""

    def __init__(self, browser, town, *, width=1280, scheme="light", language="sv-SE"):
        self.town = town
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, locale=language, color_scheme=scheme
        )
        self.context.set_default_timeout(30_000)
        self.page = self.context.new_page()
        self.complaints = []
        self.taps = self.texts = self.screens = 0
        self.page.on("framenavigated", self._count_screen)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message):
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def _count_screen(self, frame):
        self.screens += frame == self.page.main_frame

    @contextmanager
    def errand(self, name, told):
        """Count an errand done by the words below: ``told[name]`` is taps, texts, screens."""
        before = self.taps, self.texts, self.screens
        yield
        after = self.taps, self.texts, self.screens
        told[name] = tuple(now - then for now, then in zip(after, before, strict=True))

    def log_in(self, role, number=0):
        login = self.town.login(role, number)
        self.open("/login")
        self.page.fill("[name=email]", login["email"])
        self.page.fill("[name=password]", login["password"])
        self.page.locator("main button[type=submit]").click()
        self.page.wait_for_url(lambda url: "/login" not in url)
        return self

    def open(self, path):
        return self.page.goto(path if path.startswith("http") else self.town.base + path)

    def text(self):
        return self.page.inner_text("body")

    # What people do, by the words that they see.

    def see(self, words):
        """Wait until the words stand on the page."""
        # The head of each page holds its help, hidden until it is asked for.
        self.page.get_by_text(words).locator("visible=true").first.wait_for()

    def press(self, name, about=None, **options):
        """Press a button; ``about`` tells it from the others of the same name."""
        self.taps += 1
        self._named("button", name, about).click(**options)

    def follow(self, name, about=None, *, within=None):
        """Follow a link, ``within`` a part of the page that has a name."""
        place = self.page.get_by_role("navigation", name=within) if within else None
        self.taps += 1
        self._named("link", name, about, place).click()

    def _named(self, role, name, about=None, place=None):
        whole = re.escape(name) + (rf"\s*:\s*{re.escape(about)}" if about else "")
        return (place or self.page).get_by_role(role, name=re.compile(rf"^\s*{whole}\s*$"))

    def open_menu(self):
        """The user's own menu; on a phone what is under More."""
        wide = self.page.get_by_role("banner")
        narrow = self.page.get_by_role("navigation", name="Genvägar")
        bar = narrow if self.page.viewport_size["width"] < 768 else wide
        menu = bar.locator("details").last  # the help of the page stands before it
        menu.locator("summary").click()
        return menu

    def follow_in_menu(self, name):
        self.open_menu().get_by_role("link", name=name, exact=True).click()

    def group(self, legend):
        """The fields below one legend."""
        name = re.compile(f"^{re.escape(legend)}")
        either = self.page.get_by_role("group", name=name)
        return either.or_(self.page.get_by_role("radiogroup", name=name)).first

    def write(self, label, words):
        self.texts += 1
        self._field("textbox", label).fill(words)

    def select(self, label, choice):
        self.taps += 2  # it opens, and a choice is made
        self._field("combobox", label).select_option(label=choice)

    def _field(self, role, label):
        return self.page.get_by_role(role, name=re.compile(rf"^{re.escape(label)}(\W|$)"))

    def open_fold(self, name):
        """Open what is folded away."""
        self.taps += 1
        self.page.locator("summary", has_text=name).click()

    def tick(self, label):
        """Tick one box, named by the words that it begins with."""
        self.taps += 1
        self.page.get_by_role("checkbox", name=re.compile(rf"^{re.escape(label)}")).check()

    def choose(self, legend, *answers):
        """Tick or choose answers below a legend."""
        for answer in answers:
            group = self.group(legend)
            headings = group.locator("details:not([open]) > summary:visible")
            while headings.count():
                self.taps += 1
                headings.first.click()  # the answers under a heading show when it is opened
            name = re.compile(rf"^{re.escape(answer)}(\W|$)")
            self.taps += 1
            choice = group.get_by_role("radio", name=name)
            choice.or_(group.get_by_role("checkbox", name=name)).first.check()

    def shot(self, name):
        """Keep a picture at both widths, when somebody wants to look (JOURNEY_SHOTS=folder)."""
        folder = os.environ.get("JOURNEY_SHOTS")
        if not folder:
            return
        own = self.page.viewport_size
        for width in (390, 1280):
            self.page.set_viewport_size({"width": width, "height": 900})
            path = Path(folder) / f"{name}-{width}.png"
            self.page.screenshot(path=path, full_page=True, animations="disabled")
        self.page.set_viewport_size(own)

    def close(self):
        self.context.close()


@pytest.fixture(scope="session")
def visitor_class():
    """For a test that keeps its visitors longer than ``visit`` does."""
    return Visitor


@pytest.fixture
def visit(browser, town):
    """``visit(role, width=390)``: somebody logged in, or nobody, in the town that stays."""
    visitors = []

    def start(role=None, *, number=0, where=None, **screen):
        visitor = Visitor(browser, where or town, **screen)
        visitors.append(visitor)
        return visitor.log_in(role, number) if role else visitor

    yield start
    for visitor in visitors:
        visitor.close()

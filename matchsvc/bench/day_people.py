"""What staff and visitors of a compressed day do: one request after the other, as in a browser.

A journey is a generator: it gives the next :class:`Ask` and is sent the :class:`Page` that came.
Forms are read from the page, with their hidden fields, and sent as they stand but for what somebody
fills in; so a form that loses a field fails here.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection, Generator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from matchsvc.accounts.models import Role
from matchsvc.bench.day_checks import Ledger

OK, MOVED = frozenset({200}), frozenset({303})
WORDS = ("kök", "lager", "Berg", "butik", "Kvarn", "trädgård", "An", "städ")
NOTE = "Samtal om veckan på arbetsplatsen. Det går bra och tiderna hålls."
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|D-\d+|(?<=/l/)[\w-]{20,}|(?<=/answers/)\w+")


@dataclass(frozen=True, slots=True)
class Ask:
    """One request.

    Attributes:
        method: GET or POST.
        path: with its query.
        form: what is sent with a POST.
        expected: statuses that are no error.
    """

    method: str
    path: str
    form: Mapping[str, Any] = field(default_factory=dict)
    expected: Collection[int] = OK

    @property
    def route(self) -> str:
        """The address without what is somebody's own: what figures are kept by."""
        return f"{self.method} {_ID.sub('…', urlsplit(self.path).path)}"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer: its status, where it leads, and its words."""

    status: int
    location: str
    text: str

    def form(self, ending: str) -> Form | None:
        """The first form whose address ends so, or None."""
        import lxml.html

        for found in lxml.html.fromstring(self.text).forms:
            if (found.action or "").endswith(ending):
                return Form(found)
        return None

    def links(self, pattern: str) -> list[str]:
        """Addresses in the page that match all of a pattern."""
        return [each for each in re.findall(r'href="([^"#]+)"', self.text) if
                re.fullmatch(pattern, each)]  # fmt: skip


class Form:
    """A form of a page, with what stands in it."""

    def __init__(self, found: Any) -> None:
        self.action: str = found.action
        self.values: dict[str, Any] = {}
        self.choices: dict[str, list[str]] = {}
        self.texts: list[str] = []
        for name, value in found.form_values():
            before = self.values.get(name)
            self.values[name] = value if before is None else [*_listed(before), value]
        for control in found.iter("input", "button", "textarea", "select"):
            name, kind = control.get("name"), control.get("type")
            if name is None:
                continue
            if kind in {"radio", "checkbox", "submit"} or control.tag == "button":
                self.choices.setdefault(name, []).append(control.get("value", ""))
            elif control.tag == "textarea":
                self.texts.append(name)
            elif control.tag == "select" and control.value_options:
                self.choices[name] = [each for each in control.value_options if each]
                self.values.setdefault(name, control.value_options[0])  # as browsers do

    def sent(self, expected: Collection[int] = MOVED, **filled: Any) -> Ask:
        """Send the form with some fields filled in."""
        return Ask("POST", self.action, {**self.values, **filled}, expected)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


Journey = Generator[Ask, Page, None]


@dataclass(slots=True)
class Person:
    """Somebody at a browser.

    Attributes:
        cookies: by name; the web server's answers change them.
        begin: makes her next journey.
        may_know: whether the protected person of the day is hers to handle.
    """

    cookies: dict[str, str]
    begin: Callable[[], Journey]
    may_know: bool = False
    _now: Journey | None = None
    _last: Page | None = None

    def next_ask(self) -> Ask:
        """What she asks next; a new journey when the last one is over."""
        while True:
            if self._now is None:
                self._now, self._last = self.begin(), None
            try:
                return next(self._now) if self._last is None else self._now.send(self._last)
            except StopIteration:
                self._now = None

    def got(self, page: Page | None) -> None:
        """What came; None, or what was not expected, ends the journey."""
        if page is None:
            self._now = None
        self._last = page


def _get(path: str) -> Ask:
    return Ask("GET", path)


def _follow(path: str) -> Generator[Ask, Page, Page]:
    """Open a page that leads some of those who ask to another one: by role, to where they begin."""
    page = yield Ask("GET", path, expected={200, 302, 303})
    while page.location:
        page = yield Ask("GET", page.location, expected={200, 302, 303})
    return page


def week(luck: random.Random) -> Journey:
    """My week, and a search from it."""
    page = yield from _follow("/my-week")
    if form := page.form("/search"):
        page = yield form.sent(OK, q=luck.choice(WORDS))


def case(luck: random.Random, people: list[str], ledger: Ledger) -> Journey:
    """Open somebody's case and write a note."""
    person = luck.choice(people)
    yield _get(f"/participants/{person}")
    page = yield _get(f"/participants/{person}/notes")
    if form := page.form("/notes"):
        words = ledger.write(NOTE)
        page = yield form.sent(happened=words, minutes="15")
        ledger.saved.add(words)
        yield _get(page.location)


def follow_up(luck: random.Random, ledger: Ledger) -> Journey:
    """Log a follow-up that is due."""
    page = yield _get("/follow-ups")
    due = page.links(r"/follow-ups/[0-9a-f-]{36}")
    if not due:
        return
    path = luck.choice(due)
    page = yield _get(path)
    if form := page.form(path):
        said = {name: luck.choice(form.choices[name]) for name in form.choices if
                name.startswith(("kept-", "works-"))}  # fmt: skip
        said |= {"mood": "good", "attendance": "as_agreed", "own_words": "Det är bra."}
        said |= {"participant_agrees": "true", "is_well_functioning": "true"}
        # Two may open the same one: the second is told that it is done.
        page = yield form.sent({303, 409}, **said)
        if page.location:
            ledger.logged.add(UUID(path.rpartition("/")[2]))
            yield _get(page.location)


def meeting(luck: random.Random, people: list[str], today: date, ledger: Ledger) -> Journey:
    """Book a meeting with somebody."""
    page = yield _get("/meetings/new")
    form = page.form("/meetings/new")
    if form is None:
        return
    day = today + timedelta(days=luck.randint(7, 90))
    day -= timedelta(days=max(0, day.weekday() - 4))
    at = f"{luck.randint(8, 16):02}:{luck.choice((0, 10, 20, 30, 40, 50)):02}"
    agenda = ledger.write("Veckan som gick")
    # 409: somebody is busy then, or it is a holiday; the page says so and keeps what was typed.
    page = yield form.sent(
        {303, 409}, participants=luck.choice(people), day=f"{day}", at=at, minutes="30",
        place="Rådhuset", agenda=agenda,
        kind=luck.choice(form.choices["kind"]),
    )  # fmt: skip
    if page.location:
        ledger.saved.add(agenda)
        yield _get(page.location)
    yield _get("/meetings")


def match(luck: random.Random) -> Journey:
    """Look for somebody for an offer."""
    page = yield _get("/matching")
    offers = page.links(r"/matching/offers/[^/\"?]+")
    if offers:
        yield _get(luck.choice(offers))


def employers(luck: random.Random) -> Journey:
    """Look at an employer."""
    page = yield _get("/employers")
    known = page.links(r"/employers/[0-9a-f-]{36}|/employers/A\d+")
    if known:
        yield _get(luck.choice(known))


def reports(luck: random.Random) -> Journey:
    """Read the figures."""
    page = yield _get("/reports")
    pages = page.links(r"/reports/[a-z-]+")
    if pages:
        yield _get(luck.choice(pages))


def staff(
    luck: random.Random, roles: Collection[Role], people: list[str], today: date, ledger: Ledger
) -> Journey:
    """What a member of staff does next, by her roles."""
    do: list[Callable[[], Journey]] = []
    if Role.CASE_WORKER in roles and people:
        do += [lambda: week(luck), lambda: match(luck), lambda: follow_up(luck, ledger)]
        do += [lambda: case(luck, people, ledger)] * 2
        do += [lambda: meeting(luck, people, today, ledger)]
    if Role.EMPLOYER_LIAISON in roles or Role.PLACEMENT_COORDINATOR in roles:
        do += [lambda: week(luck), lambda: employers(luck), lambda: match(luck)]
    if Role.UNIT_MANAGER in roles or Role.AUDITOR in roles:
        do += [lambda: reports(luck)]
    if Role.UNIT_MANAGER in roles:
        do += [lambda: week(luck)]
    return luck.choice(do)() if do else home()


def home() -> Journey:
    """Open the service: it leads to where a role begins."""
    yield from _follow("/")


def survey(luck: random.Random, token: str) -> Journey:
    """Open an employer's link, begin, and answer to the end; afterwards the link says thanks."""
    page = yield Ask("GET", f"/l/{token}", expected={200, 410})
    form = page.form("/start")
    if form is None:
        return
    page = yield form.sent()
    while page.location and "/answers/" in page.location:
        path = urlsplit(page.location).path
        page = yield _get(path)
        form = page.form(path)
        if form is None:
            return
        # 422: the question must be answered and this visitor pressed on; she goes on elsewhere.
        page = yield form.sent({303, 422}, **_answer(luck, form))
        if page.status != 303:  # noqa: PLR2004
            return


def _answer(luck: random.Random, form: Form) -> dict[str, str]:
    said = {"go": "next"}
    if "answer" in form.choices:
        said["answer"] = luck.choice(form.choices["answer"])
    if "text" in form.texts:
        said["text"] = "Det fungerade bra."
    return said

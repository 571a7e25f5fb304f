"""No list of people can be filtered or sorted by sex or birth region, and none opens from them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.demo.town import make_town
from matchsvc.participants.cases import latest_case
from matchsvc.participants.models import ExitDestination, ExitReason
from matchsvc.swedish import local_date
from tests.factories import COMMAND

SECRET = re.compile(r"sex|gender|kön|birth|born|region|country|född", re.IGNORECASE)
#: Groups are counted here, and nobody is listed.
COUNTED = {"/reports/outcomes": {"by"}, "/reports/funnel": {"group"}}
#: Everything that somebody might try.
TRIED = (
    "&".join(
        f"{name}={value}"
        for name in ("sort", "order", "order_by", "by", "filter", "group")
        for value in ("sex", "birth_region")
    )
    + "&sex=woman&kon=kvinna&birth_region=outside_europe&birth_country=SO&scope=woman"
)


def test_no_operation_takes_sex_or_birth_region_to_choose_people_by(client_as):
    """Every parameter of every GET operation, its values too."""
    spec = client_as(Role.AUDITOR).get("/api/v1/openapi.json").get_json()
    found, seen = set(), 0
    for path, operations in spec["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", []):
            if "$ref" in parameter:  # a key of the path
                continue
            seen += 1
            said = " ".join([parameter["name"], *map(str, parameter["schema"].get("enum") or [])])
            counted = any(path.endswith(end) for end in COUNTED)
            if SECRET.search(said) and not (
                counted and parameter["name"] in COUNTED[path[path.index("/reports") :]]
            ):
                found.add((path, parameter["name"]))
    assert seen > 50
    assert found == set()


def people_of(page, asked):
    """A page without what differs from one answer to the next."""
    page = page.replace(asked.replace("&", "&amp;"), "").replace(asked, "")
    page = re.sub(r'name="csrf_token" value="[^"]*"|content="[^"]*"', "", page)
    return re.findall(r"D-\d{4}|/(?:placements|follow-ups)/[0-9a-f-]{36}", page)


@pytest.mark.sqlite_only
def test_whatever_is_asked_for_every_page_lists_the_same_people_in_the_same_order(
    session, client_as, app
):
    now = db.utcnow()
    make_town(
        session, COMMAND, participants=20, base_url="http://localhost", today=local_date(now),
        now=now,
    )  # fmt: skip
    listing = set()
    pages = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods
        and not rule.arguments
        and not rule.rule.startswith(("/api/", "/static", "/login", "/logout", "/exports", "/help"))
    }
    of_a_worker = {"/participants", "/placements", "/proposals", "/follow-ups", "/my-week"}
    for role, asked in ((Role.UNIT_MANAGER, pages), (Role.CASE_WORKER, of_a_worker)):
        client = client_as(
            session.scalars(
                select(User).join(UserRole).where(UserRole.role == role).order_by(User.email)
            ).first()
        )
        for page in sorted(asked):
            plain = client.get(page)
            if plain.mimetype != "text/html" or not people_of(plain.text, TRIED):
                continue
            listing.add(page)
            tried = client.get(f"{page}?{TRIED}")
            assert tried.status_code == 422 or (
                people_of(tried.text, TRIED) == people_of(plain.text, TRIED)
            ), page
    assert of_a_worker <= listing

    # From the reports' pages only the two lists that are without groups open.
    for page in (
        "/reports?from=2025-01&to=2026-12", "/reports/funnel", "/reports/exposure",
        "/reports/indicators", "/reports/employers", "/reports/surveys",
    ):  # fmt: skip
        text = client_as_manager(session, client_as).get(page).text
        main = text.split("<main", 1)[1].split("</main>", 1)[0]
        opened = {
            address
            for address in re.findall(r'href="([^"]+)"', main)
            if re.match(r"/(participants|placements|follow-ups|proposals|cohort)", address)
        }
        allowed = {"/participants?scope=no_destination", "/follow-ups/late"}
        assert opened <= allowed, page
        assert not people_of(main, TRIED), page
        assert (opened == allowed) == page.startswith("/reports?"), page


def client_as_manager(session, client_as):
    return client_as(
        session.scalars(
            select(User).join(UserRole).where(UserRole.role == Role.UNIT_MANAGER)
        ).first()
    )


def ended(session, make, destination, worker):
    person = make.participant(worker)
    case = latest_case(session, person)
    case.enrolled_on = date(2026, 2, 1)
    case.ended_on, case.exit_reason = date(2026, 5, 1), ExitReason.OTHER
    case.exit_destination = destination
    session.flush()
    return person


def test_the_list_without_destination_holds_those_who_need_one_and_ends_with_it(
    session, make, client_as
):
    worker = make.user(role=Role.CASE_WORKER)
    unknown = ended(session, make, ExitDestination.UNKNOWN, worker)
    none = ended(session, make, None, worker)
    known = ended(session, make, ExitDestination.STUDIES, worker)
    running = make.participant(worker)
    back = ended(session, make, None, worker)
    make.case(back, worker, enrolled_on=date(2026, 8, 1))  # a later case runs
    mended = ended(session, make, None, worker)
    make.case(
        mended, worker, enrolled_on=date(2026, 8, 1), ended_on=date(2026, 9, 1),
        exit_reason=ExitReason.OTHER, exit_destination=ExitDestination.STUDIES,
    )  # fmt: skip
    hidden = ended(session, make, None, None)
    hidden.protected = True
    session.flush()

    page = client_as(worker).get("/participants?scope=no_destination").text

    for person, is_there in (
        (unknown, True), (none, True), (known, False), (running, False), (back, False),
        (mended, False), (hidden, False),
    ):  # fmt: skip
        assert (f'/participants/{person.alias}"' in page) is is_there, person.alias
    api = client_as(worker).get("/api/v1/participants?scope=no_destination").get_json()
    assert {unknown.alias, none.alias} == set(re.findall(r"D-\d+", str(api)))


@pytest.mark.parametrize(
    ("role", "is_led"),
    [(Role.UNIT_MANAGER, True), (Role.CASE_WORKER, True), (Role.AUDITOR, False)],
)
def test_what_to_mend_is_shown_to_those_who_may_mend_it(client_as, role, is_led):
    page = client_as(role).get("/reports").text
    assert ("Avslutade ärenden utan destination" in page) is is_led
    assert ("/follow-ups/late" in page) is is_led

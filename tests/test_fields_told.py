"""Each field of a person, looked for in the bytes of every answer to everybody.

A person of the town gets values of their own in each field group of the table of authority. Then
each kind of reader asks by every GET route of the application, pages and programs and files, and
every answer is searched, also what is packed in it and written on paper.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter

import pypdfium2
import pytest
from sqlalchemy import select, update

from matchsvc import db, secrecy
from matchsvc.accounts import authority
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.authority_shapes import Scope
from matchsvc.accounts.models import LoginSession, Role, Unit
from matchsvc.employers.models import Contact, Site
from matchsvc.messages.links import LinkState, link_state
from matchsvc.messages.models import SignedLink
from matchsvc.own_page import standing_link
from matchsvc.participants.access import involve
from matchsvc.participants.mapping_models import MapCell
from matchsvc.participants.models import (
    Capacity,
    Case,
    Competence,
    Involvement,
    Need,
    Participant,
    Wish,
)
from matchsvc.placements.models import Placement
from matchsvc.support import links as support_links
from matchsvc.swedish import local_date
from matchsvc.workday.meeting_models import Meeting, MeetingPerson
from matchsvc.workday.note_models import Note, NoteCategory
from tests import test_who_may_what as tried
from tests.soak import SOAK
from tests.test_who_may_what import TABLES, above, addresses_of, guarded_rules, some_row

pytestmark = pytest.mark.sqlite_only
town, door, service = tried.town, tried.door, tried.service
our_unit, other_unit = tried.our_unit, tried.other_unit
MARKS = {
    "name": ("Zvantevinda", "Qvarkholmsdotter"),
    "identity_number": ("198001022389", "800102-2389", "19800102-2389"),
    "contact": ("0709173351", "070-917 33 51", "zvq.marker@example.org"),
    "mapping": ("Kartlagtzq ord",),
    "case_notes": ("Antecknatzq skedde", "Antecknatzq lovades"),
    "wish_words": ("Onskatzq med egna ord",),
    "need_notes": ("Behovetzq gar sa har",),
    "competence_words": ("Kunskaptzq egna ord", "Kunskaptzq intygare"),
    "meeting_words": ("Dagordningtzq om henne", "Motestzq utfall"),
}


@pytest.fixture(scope="module")
def person(town):
    """Somebody at a workplace who has each field group filled with its marks."""
    placement = town.scalars(select(Placement).where(Placement.begun_on.is_not(None))).first()
    found = town.get(Participant, placement.participant_id)
    worker = town.scalar(
        select(Involvement.user_id).where(
            Involvement.participant_id == found.id, Involvement.capacity == Capacity.CASE_WORKER
        )
    )
    found.given_name, found.family_name = MARKS["name"]
    found.sort_key = "qvarkholmsdotter zvantevinda"
    found.personal_id = MARKS["identity_number"][0]
    found.phone, _, found.email = MARKS["contact"]
    case = latest_case(town, found)
    now, today = db.utcnow(), local_date(db.utcnow())
    cells = town.scalars(select(MapCell).where(MapCell.participant_id == found.id)).all()
    if not cells:
        cells = [
            MapCell(
                participant_id=found.id,
                case_id=case,
                area="health",
                side="own",
                words="",
                changed_by_id=worker,
                changed_at=now,
            )
        ]
        town.add_all(cells)
    for cell in cells:
        cell.words = MARKS["mapping"][0]
    town.add(
        Note(
            unit_id=found.unit_id,
            about_type="participant",
            about_id=found.id,
            author_id=worker,
            written_at=now,
            happened_on=today,
            category=next(iter(NoteCategory)),
            happened=MARKS["case_notes"][0],
            agreed=MARKS["case_notes"][1],
        )
    )
    town.add(Wish(participant_id=found.id, own_words=MARKS["wish_words"][0], recorded_on=today))
    need = town.scalars(select(Need).where(Need.participant_id == found.id)).first()
    if need is None:
        need = Need(participant_id=found.id, condition_id=town.scalar(select(Need.condition_id)))
        town.add(need)
    need.note = MARKS["need_notes"][0]
    kept = Competence.archived_at.is_(None), Competence.participant_id == found.id
    for competence in town.scalars(select(Competence).where(*kept)):
        competence.own_words, competence.voucher = MARKS["competence_words"]
    for meeting in town.scalars(meetings_of(found)):
        meeting.agenda, meeting.outcome = MARKS["meeting_words"]
    town.commit()
    found.worker = worker
    return found


def meetings_of(person):
    among = select(MeetingPerson.meeting_id).where(MeetingPerson.ref_id == person.id)
    return select(Meeting).where(Meeting.id.in_(among))


def latest_case(town, person):
    return town.scalar(
        select(Case.id).where(Case.participant_id == person.id).order_by(Case.enrolled_on.desc())
    )


#: Where the table's words say that a group is shown, when not on any page of its scope.
ONLY_AT = {"identity_number": "/copy"}
#: What operations of figures want to know; asked only where a plain question was answered 422.
FIGURES_OF = (
    "from=2026-01-01&to=2026-12-31",
    "year=2026",
    "from=2026-01-01&to=2026-12-31&by=sex",
)


def readable(answer):
    """All that an answer holds, as one text: its head, its body, what is packed or set on paper."""
    body = answer.get_data()
    parts = [str(answer.headers), body.decode("utf-8", "replace"), body.decode("latin-1")]
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts += [packed.read(each).decode("utf-8", "replace") for each in packed.namelist()]
    if body.startswith(b"%PDF"):
        paper = pypdfium2.PdfDocument(body)
        parts += [page.get_textpage().get_text_bounded() for page in paper]
        paper.close()
    return "\n".join(parts)


def rows_about(town, person):
    """A row of each kind that is about the person; of her unit where a kind is about nobody."""

    def row(table):
        model = TABLES[table]
        if table == "participant":
            return person
        if table == "meeting" and (hers := town.scalars(meetings_of(person)).first()):
            return hers
        found = select(model).limit(3_000)
        if hasattr(model, "participant_id"):
            found = found.where(model.participant_id == person.id)
        for each in town.scalars(found).unique():
            if above(town, each).get("participant") is person:
                return each
        if hasattr(model, "participant_id"):
            return None
        return some_row(town, table, town.get(Unit, person.unit_id))

    kept = {}
    return lambda table: kept[table] if table in kept else kept.setdefault(table, row(table))


def read_everything(app, client, rows, town, number):
    """Each GET that a role may enter, about the person: the rule and the text of the answer.

    In the quick run a reader asks by every fourth route, each reader by others; in the soak by all.
    """
    found = [each for each in guarded_rules(app) if each[1] == "GET"]
    for place, (rule, _method, roles) in enumerate(found):
        if client.user_roles.isdisjoint(roles) or not (SOAK or (place + number) % 4 == 0):
            continue
        made = addresses_of(rule, rows, town)
        if made is None:
            continue
        answer = client.get(made[0])
        for asked in FIGURES_OF:
            if answer.status_code == 422:
                answer = client.get(f"{made[0]}?{asked}")
        yield rule, answer.status_code, readable(answer)


def told(text):
    return {group for group, marks in MARKS.items() if any(mark in text for mark in marks)}


#: Who asks: the roles, how she is tied to the person, and the scope that it makes.
READERS = {
    **{f"{role} of the unit": ((role,), None, authority.SCOPE_OF_ROLE[role]) for role in Role},
    "supervisor at her workplace": (
        (Role.SUPERVISOR,),
        Capacity.SUPERVISOR,
        Scope.OWN_WORKPLACE,
    ),
    "manager with a reason": (
        (Role.UNIT_MANAGER,),
        Capacity.READING_WITH_REASON,
        Scope.WITH_REASON,
    ),
    "her case worker": ((Role.CASE_WORKER,), Capacity.CASE_WORKER, Scope.OWN_CASE),
}


@pytest.fixture
def reader(town, door, our_unit, person):
    def open_for(roles, capacity, unit=None):
        client = door(unit or our_unit, list(roles))
        client.user_roles = set(roles)
        proven = update(LoginSession).where(LoginSession.user_id == client.user.id)
        town.execute(proven.values(confirmed_at=db.utcnow()))  # so that lists are given as files
        town.commit()
        if capacity is not None:
            me = accounts.actor_of(town, client.user.id)
            involve(town, me, person.id, client.user.id, capacity)
            town.commit()
        return client

    return open_for


@pytest.mark.parametrize("who", READERS)
def test_nobody_is_told_a_field_that_the_table_denies(
    service, town, person, reader, who, record_property
):
    roles, capacity, scope = READERS[who]
    client = reader(roles, capacity)
    answers, leaks, seen = Counter(), [], set()
    for rule, status, text in read_everything(
        service, client, rows_about(town, person), town, list(READERS).index(who)
    ):
        answers[status] += 1
        seen |= told(text)
        leaks += [
            f"{who} is told {group} by {rule.rule}"
            for group in told(text)
            if not authority.may_see(group, scope, protected=False)
            or ONLY_AT.get(group, "") not in rule.rule
        ]
    record_property(f"{who}: answers", f"{dict(answers)}, told {sorted(seen)}")
    assert answers[500] == 0
    assert not leaks, "\n".join(leaks)
    allowed = {g for g in MARKS if authority.may_see(g, scope, protected=False)}
    assert seen == allowed or not SOAK, "what the table gives is really shown somewhere"


def test_another_unit_is_told_nothing_of_anybody(
    service, town, person, reader, other_unit, record_property
):
    client = reader(tuple(Role), None, other_unit)
    found = list(read_everything(service, client, rows_about(town, person), town, 0))
    record_property("another unit: answers", dict(Counter(status for _, status, _ in found)))
    leaks = [(rule.rule, told(text)) for rule, _status, text in found if told(text)]
    assert not leaks


def links_near(town, person):
    """Tokens of links of every purpose in the town, with new ones that are the person's own."""
    now, today = db.utcnow(), local_date(db.utcnow())
    worker = accounts.actor_of(town, person.worker)
    tokens = {"own_page": standing_link.make_link(town, worker, person.id, today=today, now=now)}
    placement = town.scalars(
        select(Placement).where(
            Placement.participant_id == person.id, Placement.begun_on.is_not(None)
        )
    ).first()
    contact = town.scalars(
        select(Contact)
        .join(Site, Site.employer_id == Contact.employer_id)
        .where(Site.id == placement.site_id)
    ).first()
    tokens["employer_support"] = support_links.make_link(
        town, worker, placement.id, contact.id, base_url="http://x", today=today, now=now
    )
    found = {name: token for name, (token, _row) in tokens.items()}
    for link in town.scalars(select(SignedLink).where(SignedLink.revoked_at.is_(None))):
        if link.purpose not in found and link_state(link, now) is LinkState.LIVE:
            found[link.purpose] = f"a token of the test for {link.purpose}".replace(" ", "-")
            link.token_hash = secrecy.hash_token(found[link.purpose])
    town.commit()
    return found


def test_a_link_tells_nothing_of_anybody_before_it_is_proven(
    service, town, person, record_property
):
    links = links_near(town, person)
    rules = [
        rule
        for rule in service.url_map.iter_rules()
        if "token" in rule.arguments and rule.arguments == {"token"} and "GET" in rule.methods
    ]
    opened, leaks = Counter(), []
    for name, token in links.items():
        client = service.test_client()
        for rule in rules:
            answer = client.get(rule.build({"token": token})[1], follow_redirects=True)
            opened[name] += answer.status_code == 200
            leaks += [f"{name}: {rule.rule} tells {group}" for group in told(readable(answer))]
    record_property("links opened, by purpose", dict(opened))
    assert not leaks, "\n".join(leaks)
    assert opened["own_page"]
    assert opened["employer_support"]

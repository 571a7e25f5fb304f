"""Subsidies that employers are told of (EMPL-07): a dated table. The state's agency decides.

What is known came from the acts and ordinances named in each row and stands with the day somebody
last looked. A unit that learns of a change adds a row; what stood before stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import inspect, or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.employers import checks
from matchsvc.employers.access import READERS, own_unit_of
from matchsvc.employers.network_models import SubsidyVersion
from matchsvc.employers.subsidy_texts import STARTER
from matchsvc.errors import N_, NotFound
from matchsvc.swedish import add_months

#: Who writes down that a rule has changed.
CHANGERS = (Role.ADMIN, Role.UNIT_MANAGER)
#: Who reads.
SEERS = (*READERS, Role.ADMIN, Role.SUPERVISOR)
#: After so many months somebody should look again.
FRESH_MONTHS = 12
REVERSED = N_("Sista dagen ligger före den första. Byt plats på dagarna.")
NOT_YET = N_("Dagen kan inte ligga i framtiden.")
TOO_EARLY = N_("Raden som gäller nu började senare än så. Välj en senare dag.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyContent:
    """What is known of a subsidy from a day on.

    Attributes:
        name: as people call it.
        what: in two plain sentences.
        limits: amounts and times.
        law: act or ordinance with paragraphs.
        source: where it was read.
        valid_from, valid_to: both inclusive.
        verified_on: the day somebody last looked.
    """

    name: str
    what: str
    limits: str
    law: str
    source: str
    valid_from: date
    valid_to: date | None = None
    verified_on: date


@dataclass(frozen=True, slots=True)
class Subsidy:
    """A subsidy as it is known now.

    Attributes:
        now: the row that holds; the latest one when none holds any more.
        earlier: rows it replaced, newest first.
        coming: rows whose first day has not come.
        is_old: nobody has looked for FRESH_MONTHS months.
        has_ended: its last day has passed.
    """

    now: SubsidyVersion
    earlier: Sequence[SubsidyVersion]
    coming: Sequence[SubsidyVersion]
    is_old: bool
    has_ended: bool


def load_subsidies(session: Session) -> int:
    """Put the rows that came with us in place; again adds nothing. Gives back how many."""
    if not inspect(session.connection()).has_table(SubsidyVersion.__tablename__):
        return 0  # the schema was taken to an earlier step
    known = set(
        session.scalars(select(SubsidyVersion.code).where(SubsidyVersion.unit_id.is_(None)))
    )
    missing = [row for row in STARTER if row["code"] not in known]
    session.add_all(SubsidyVersion(unit_id=None, **row) for row in missing)
    session.flush()
    return len(missing)


def list_subsidies(session: Session, actor: Actor, *, today: date) -> list[Subsidy]:
    """Every subsidy as the unit knows it on a day, in the order they came. One query."""
    actor.require_role(*SEERS)
    rows = session.scalars(
        select(SubsidyVersion)
        .where(or_(SubsidyVersion.unit_id.is_(None), SubsidyVersion.unit_id == actor.unit_id))
        .order_by(SubsidyVersion.created_at.desc(), SubsidyVersion.id)
    ).all()
    by_code: dict[str, list[SubsidyVersion]] = {}
    for row in rows:
        by_code.setdefault(row.code, []).append(row)
    order = [str(row["code"]) for row in STARTER]
    codes = [*order, *sorted(set(by_code) - set(order))]
    return [_as_known(by_code[code], today) for code in codes if code in by_code]


def _as_known(rows: list[SubsidyVersion], today: date) -> Subsidy:
    """The unit's own words go before ours, a later first day before an earlier."""
    ordered = sorted(rows, key=lambda row: row.valid_from or date.min, reverse=True)
    ordered.sort(key=lambda row: row.unit_id is None)
    begun = [row for row in ordered if row.valid_from is None or row.valid_from <= today]
    now = (begun or ordered)[0]
    return Subsidy(
        now=now,
        earlier=[row for row in begun if row is not now],
        coming=[row for row in ordered if row not in begun and row is not now],
        is_old=add_months(now.verified_on, FRESH_MONTHS) < today,
        has_ended=now.valid_to is not None and now.valid_to < today,
    )


def get_subsidy(session: Session, actor: Actor, code: str, *, today: date) -> Subsidy:
    """One subsidy.

    Raises:
        NotFound: there is none of that code.
    """
    for subsidy in list_subsidies(session, actor, today=today):
        if subsidy.now.code == code:
            return subsidy
    raise NotFound("subsidy")


def add_version(
    session: Session, actor: Actor, code: str, content: SubsidyContent, *, today: date
) -> SubsidyVersion:
    """Write down what holds from a day on. What stood before is kept.

    Raises:
        NotFound: there is none of that code.
        Invalid: with a sentence for every wrong field.
    """
    actor.require_role(*CHANGERS)
    subsidy = get_subsidy(session, actor, code, today=today)
    texts = {name: getattr(content, name) for name in ("name", "what", "limits", "law", "source")}
    wrong: dict[str, str | None] = {
        name: checks.text_fault(said, today=today) if said.strip() else checks.REQUIRED
        for name, said in texts.items()
    }
    if content.valid_to is not None and content.valid_to < content.valid_from:
        wrong["valid_to"] = REVERSED
    now = subsidy.now
    if now.unit_id is not None and now.valid_from and content.valid_from < now.valid_from:
        wrong["valid_from"] = TOO_EARLY
    if content.verified_on > today:
        wrong["verified_on"] = NOT_YET
    checks.refuse(wrong)
    row = SubsidyVersion(
        unit_id=own_unit_of(actor, None), code=code, by_id=actor.user_id, **asdict(content)
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "create", "subsidy", row.id)
    return row

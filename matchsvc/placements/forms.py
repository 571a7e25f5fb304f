"""The placement forms and their limits (domain.md 2.3), as data with its legal source."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.errors import NotFound
from matchsvc.placements.models import DecisionAuthority, PlacementForm
from matchsvc.swedish import add_months

_READ_ON = date(2026, 4, 25)  # the day of the law text that was read, domain.md 3.14


def _forms() -> list[PlacementForm]:
    af, board, nobody = (
        DecisionAuthority.AF,
        DecisionAuthority.SOCIAL_BOARD,
        DecisionAuthority.NONE,
    )
    common = {
        "max_months_extended": None,
        "season_must_be_exceeded": False,
        "bar_check": True,
        "extract_for_children": True,
        "verified_on": _READ_ON,
    }
    return [
        PlacementForm(
            **common
            | {
                "code": "work_practice",
                "name_sv": "Arbetspraktik",
                "name_en": "Work practice",
                "max_months": 6,
                "decision_authority": af,
                "union_consultation": True,
                "insurance": "kammarkollegiet",
                "supervisor_required": True,
                "certificate_required": True,
                "employer_may_choose": True,
                "season_must_be_exceeded": True,
                "legal_source": "2000:634 7, 14, 14 a §§",
            }
        ),
        PlacementForm(
            **common
            | {
                "code": "work_training",
                "name_sv": "Arbetsträning",
                "name_en": "Work training",
                "max_months": 6,
                "max_months_extended": 12,
                "decision_authority": af,
                "union_consultation": True,
                "insurance": "kammarkollegiet",
                "supervisor_required": True,
                "certificate_required": False,
                "employer_may_choose": True,
                "legal_source": "2007:414 10 §",
            }
        ),
        PlacementForm(
            **common
            | {
                "code": "enhanced_work_training",
                "name_sv": "Förstärkt arbetsträning",
                "name_en": "Enhanced work training",
                "max_months": 12,
                "decision_authority": af,
                "union_consultation": True,
                "insurance": "kammarkollegiet",
                "supervisor_required": True,
                "certificate_required": False,
                "employer_may_choose": False,
                "legal_source": "2007:414 10 §",
            }
        ),
        PlacementForm(
            **common
            | {
                "code": "sol_practice",
                "name_sv": "SoL-praktik",
                "name_en": "Social-services practice",
                "max_months": None,
                "decision_authority": board,
                "union_consultation": False,
                "insurance": "municipality",
                "supervisor_required": True,
                "certificate_required": False,
                "employer_may_choose": True,
                "bar_check": False,
                "legal_source": "SoL 2025:400 12:4-6",
            }
        ),
        PlacementForm(
            **common
            | {
                "code": "taster",
                "name_sv": "Prova på",
                "name_en": "Taster",
                "max_months": 1,
                "decision_authority": nobody,
                "union_consultation": False,
                "insurance": "municipality",
                "supervisor_required": False,
                "certificate_required": False,
                "employer_may_choose": True,
                "bar_check": False,
                "legal_source": "Egen regel",
            }
        ),
    ]


#: A source that nobody has read for so long may have changed.
LOOK_AFTER_MONTHS = 12


def load_forms(session: Session) -> None:
    """Put the forms in place; again changes nothing, nor when somebody last read the law."""
    read_on = {form.code: form.verified_on for form in list_forms(session)}
    for form in _forms():
        form.verified_on = max(form.verified_on, read_on.get(form.code, form.verified_on))
        session.merge(form)
    session.flush()


def needs_a_look(form: PlacementForm, *, today: date) -> bool:
    """Whether nobody has compared the form with its source for a year."""
    return add_months(form.verified_on, LOOK_AFTER_MONTHS) <= today


def verify_form(session: Session, actor: Actor, code: str, *, today: date) -> PlacementForm:
    """Write down that somebody has read the source, and that the form still says what it says.

    Raises:
        Refused: not a manager.
        NotFound: there is none of that code.
    """
    actor.require_role(Role.UNIT_MANAGER)
    form = get_form(session, code)
    form.verified_on = max(form.verified_on, today)
    session.flush()
    audit.record(session, actor, "verify", "placement_form", fields=[code])
    return form


def list_forms(session: Session) -> list[PlacementForm]:
    """All forms, by code."""
    return list(session.scalars(select(PlacementForm).order_by(PlacementForm.code)))


def get_form(session: Session, code: str) -> PlacementForm:
    """One form.

    Raises:
        NotFound: there is none of that code.
    """
    form = session.get(PlacementForm, code)
    if form is None:
        raise NotFound("placement_form")
    return form

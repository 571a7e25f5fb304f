"""What proves that a list is gone: canonical JSON, its SHA-256, and a tagged paper of the same.

All of it is numbers, days, names of tables and ids of lists and accounts. Nothing is read from
anybody's file for it: the rows are gone when it is made.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from matchsvc.accounts.models import Unit
from matchsvc.errors import NotFound
from matchsvc.retention.models import PlanState, RetentionPlan
from matchsvc.swedish import local_date
from matchsvc.web.papers import printable, render_pdf
from matchsvc.web.words import long_day_words

TEMPLATE = Path(__file__).parent / "papers" / "proof.typ"
_A_LINE = 32  # signs of a checksum that fit on a line


def proof(plan: RetentionPlan) -> dict[str, Any]:
    """What a finished list proves: numbers, days and who decided, and nobody whom it was about."""
    told = {
        "plan": str(plan.id),
        "unit": str(plan.unit_id),
        "due_by": plan.due_by.isoformat(),
        "people": plan.people,
        "referrals": plan.referrals,
        "list_sha256": plan.list_hash,
        "proposed_by": str(plan.proposed_by_id),
        "proposed_at": plan.proposed_at.isoformat(),
        "approved_by": str(plan.approved_by_id),
        "approved_at": plan.approved_at.isoformat() if plan.approved_at else None,
        "ended_at": plan.ended_at.isoformat() if plan.ended_at else None,
        "deleted": plan.deleted,
        "kept": dict(sorted(plan.kept.items())),
        "rows": dict(sorted(plan.rows.items())),
    }
    if plan.backups_gone_on is not None:  # not said of lists from before it was asked
        told["backups_gone_on"] = plan.backups_gone_on.isoformat()
    return told


def proof_bytes(plan: RetentionPlan) -> bytes:
    """The proof as canonical JSON: the bytes that the checksum is of."""
    told = json.dumps(proof(plan), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return told.encode()


def proof_hash(plan: RetentionPlan) -> str:
    """SHA-256 of the proof as canonical JSON."""
    return hashlib.sha256(proof_bytes(plan)).hexdigest()


def make_paper(plan: RetentionPlan, unit: Unit, reasons: dict[str, str]) -> bytes:
    """The proof as a tagged PDF in Swedish; the same bytes each time.

    Args:
        plan: done.
        unit: whose list it was.
        reasons: words for why somebody stayed, by code.

    Raises:
        NotFound: the list is not done, so that it proves nothing yet.
    """
    if plan.state is not PlanState.DONE or plan.ended_at is None:
        raise NotFound("retention_plan")
    with force_locale("sv"):
        data = _paper_data(plan, unit, reasons)
    return render_pdf(TEMPLATE, data, made_at=plan.ended_at)


def _paper_data(plan: RetentionPlan, unit: Unit, reasons: dict[str, str]) -> dict[str, Any]:
    assert plan.ended_at is not None  # noqa: S101 - make_paper has looked
    what, number = str(_("Vad")), str(_("Antal"))
    kept = [[str(_(reasons[code])), str(many)] for code, many in sorted(plan.kept.items())]
    counted = [[str(_("Raderade akter")), str(plan.deleted)]]
    if plan.referrals:
        counted.append([str(_("Raderade remisser")), str(plan.rows.get("referral", 0))])
    counted += [[str(_("Stannade: %(why)s", why=words)), many] for words, many in kept]
    parts = [
        {
            "title": str(_("Vad som hände")),
            "header": [what, number],
            "rows": counted,
        },
        {
            "title": str(_("Vilka som bestämde, och när")),
            "header": [what, str(_("Uppgift"))],
            "rows": _decided(plan),
        },
    ]
    if plan.rows:
        tables = [[name, str(many)] for name, many in sorted(plan.rows.items())]
        rows = {"title": str(_("Raderade rader")), "header": [str(_("Tabell")), number]}
        parts.append({**rows, "rows": tables})
    return {
        "title": str(_("Protokoll över radering")),
        "about": str(_("Antal, dagar och kontrollsummor. Ingen enskild nämns.")),
        "unit": printable(unit.name) or "",
        "municipality": printable(unit.municipality) or "",
        "owner": "",
        "contact": printable(unit.phone or unit.name) or "",
        "notes": _notes(plan),
        "parts": parts,
    }


def _notes(plan: RetentionPlan) -> list[str]:
    found = [
        str(
            _(
                "Här står antal, dagar och kontrollsummor. Ingen enskild nämns, och inget i det "
                "här pappret leder till någon."
            )
        ),
        str(_("Kvar finns händelser utan namn, som rapporterna räknar.")),
    ]
    if plan.backups_gone_on is not None:
        day = long_day_words(plan.backups_gone_on)
        found.append(
            str(
                _(
                    "Säkerhetskopior som togs före raderingen har kvar det raderade tills de tas "
                    "bort, senast %(day)s.",
                    day=day,
                )
            )
        )
    return found


def _decided(plan: RetentionPlan) -> list[list[str]]:
    assert plan.approved_at is not None  # noqa: S101 - it is done
    assert plan.ended_at is not None  # noqa: S101
    return [
        [str(_("Listans nummer")), str(plan.id)],
        [str(_("Tiden hade gått senast")), long_day_words(plan.due_by)],
        [str(_("Listan gjordes")), long_day_words(local_date(plan.proposed_at))],
        [str(_("av kontot")), str(plan.proposed_by_id)],
        [str(_("Listan godkändes")), long_day_words(local_date(plan.approved_at))],
        [str(_("av kontot")), str(plan.approved_by_id)],
        [str(_("Raderingen var klar")), long_day_words(local_date(plan.ended_at))],
        [str(_("Listans kontrollsumma (SHA-256)")), _broken(plan.list_hash)],
        [str(_("Protokollets kontrollsumma (SHA-256)")), _broken(plan.proof_hash or "")],
    ]


def _broken(mark: str) -> str:
    return "\n".join(mark[at : at + _A_LINE] for at in range(0, len(mark), _A_LINE))

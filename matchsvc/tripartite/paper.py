"""The agreement as a paper: Swedish, tagged, with who signed and the mark of the words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from matchsvc.tripartite import wording
from matchsvc.tripartite.content import from_text
from matchsvc.tripartite.models import TripartiteAgreement
from matchsvc.web.papers import printable
from matchsvc.web.words import day_words

TEMPLATE = Path(__file__).parent / "papers" / "agreement.typ"


def paper_data(
    row: TripartiteAgreement, facts: Mapping[str, str], signed: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What the template reads, every text printable.

    Args:
        row: the version.
        facts: names and facts, as :func:`matchsvc.tripartite.signing.facts_of`.
        signed: ``capacity``, ``name``, ``at`` and ``how`` of each signature.
    """
    with force_locale("sv"):
        data = {
            "title": _("Överenskommelse"),
            "about": _("Vad vi är överens om, och vem som gör vad"),
            "owner": _("Version %(n)s", n=row.number),
            "state": str(wording.STATE[row.state]),
            "unit": facts["unit"],
            "municipality": facts["municipality"],
            "contact": facts["unit"],
            "form": facts["form_sv"],
            "participant": facts["participant"],
            "employer": " · ".join(
                dict.fromkeys(filter(None, (facts["employer"], facts["site"], facts["org_number"])))
            ),
            "sections": [
                {"title": title, "lines": lines}
                for title, lines in wording.sections_of(from_text(row.content), facts)
                if lines
            ],
            "terms": [
                {"title": party, "lines": lines} for party, lines in wording.terms_of(row.terms)
            ],
            "signatures": [
                {
                    "party": str(wording.PARTY[each["capacity"]]),
                    "name": each["name"],
                    "day": day_words(each["at"], weekday=False, year=True),
                    "how": str(each["how"]),
                }
                for each in signed
            ],
            "mark": row.content_hash[:16] if row.content_hash else "",
        }
    made: dict[str, Any] = json.loads(json.dumps(data))
    return {name: _printable(value) for name, value in made.items()}


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value) or ""
    if isinstance(value, list):
        return [_printable(each) for each in value]
    if isinstance(value, dict):
        return {name: _printable(each) for name, each in value.items()}
    return value

"""Everything that is kept about somebody, as a paper to read: the same rows as page and file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from matchsvc.accounts.models import Unit
from matchsvc.errors import NotFound
from matchsvc.rights import wording
from matchsvc.rights.whole_copy import Kept
from matchsvc.swedish import local_date
from matchsvc.web.papers import direction_of, printable, render_pdf
from matchsvc.web.words import long_day_words

TEMPLATE = Path(__file__).parent / "papers" / "copy.typ"
#: Rows on one paper, so that each is made while the page waits (docs/copy.md). What
#: is longer comes in volumes: nothing of it is kept for later, and no line stands open for long.
PER_VOLUME = 1_000


def volumes_of(kept: Kept) -> int:
    """How many papers the copy is."""
    return max(1, -(-(kept.number + len(_readings(kept))) // PER_VOLUME))


def make_copy_paper(kept: Kept, unit: Unit, *, volume: int = 1, made_at: datetime) -> bytes:
    """The tagged PDF, in Swedish.

    Args:
        kept: from :func:`matchsvc.rights.whole_copy.read_everything`.
        unit: whose paper it is.
        volume: which of :func:`volumes_of`, from 1.
        made_at: stands on the paper and in its properties.

    Raises:
        NotFound: there is no such volume.
    """
    if not 1 <= volume <= volumes_of(kept):
        raise NotFound("own_copy")
    with force_locale("sv"):
        data = copy_paper_data(kept, unit, volume=volume, made_at=made_at)
    return render_pdf(TEMPLATE, data, made_at=made_at)


def copy_paper_data(
    kept: Kept, unit: Unit, *, volume: int = 1, made_at: datetime
) -> dict[str, Any]:
    """What the template reads, every text printable."""
    first = (volume - 1) * PER_VOLUME
    last = first + PER_VOLUME
    of = volumes_of(kept)
    title = str(_("Kopia av allt"))
    if of > 1:
        title = _("Kopia av allt, del %(n)s av %(of)s", n=volume, of=of)
    readings = _readings(kept)[max(0, first - kept.number) : max(0, last - kept.number)]
    return {
        "title": title,
        "about": str(_("Allt som finns sparat om en person, till personen")),
        "unit": _printed(unit.name),
        "municipality": _printed(unit.municipality),
        "owner": "",
        "contact": _printed(unit.phone or unit.name),
        "notes": [
            _(
                "Så här stod det %(day)s. %(number)s rader finns sparade.",
                day=long_day_words(local_date(made_at)),
                number=kept.number,
            ),
            str(
                _(
                    "Det här är till dig som uppgifterna handlar om. Andra personer står som ***. "
                    "De som arbetar här står med roll och enhet. Tiderna är i UTC: lägg till en "
                    "timme på vintern och två på sommaren."
                )
            ),
        ],
        "parts": _parts(kept, first, last),
        "row": str(_("Rad")),
        "readings": readings,
        "readings_title": str(_("Vem som har läst")),
        "readings_note": str(_("Dag för dag, med roll och enhet. Klockslagen står i filen.")),
        "readings_head": [str(_("Dag")), str(_("Vem")), str(_("Vad")), str(_("Gånger"))],
    }


def _parts(kept: Kept, first: int, last: int) -> list[dict[str, Any]]:
    """The rows from the first place to before the last, counted through all tables."""
    found, start = [], 0
    for table, rows in kept.tables.items():
        chosen = rows[max(0, first - start) : max(0, last - start)]
        if chosen:
            found.append(
                {
                    "title": _printed(str(wording.part_words(table))),
                    "first": max(0, first - start) + 1,
                    "of": len(rows),
                    "rows": [_row(row) for row in chosen],
                }
            )
        start += len(rows)
    return found


def _row(row: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"what": _printed(str(wording.column_words(column))), **_said(value)}
        for column, value in row.items()
        if str(value).strip()
    ]


def _said(value: Any) -> dict[str, str]:
    if isinstance(value, bool):
        text = str(_("Ja")) if value else str(_("Nej"))
    elif isinstance(value, list | dict):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = str(value)
    said = _printed(text)
    return {"text": said, "dir": direction_of(said)}


def _readings(kept: Kept) -> list[list[str]]:
    """How often each role did each thing on a day, the latest first."""
    seen = Counter(
        (each["at"][:10], each["by"], f"{each['action']} {each['what'] or ''}")
        for each in kept.readings
    )
    return [[day, _printed(by), _printed(what), str(n)] for (day, by, what), n in seen.items()]


def _printed(text: str) -> str:
    return printable(text) or str(_("(Texten har tecken som inte kan skrivas ut. Den är i filen.)"))

"""Writes docs/retention.md from the list of classes and the tables that name them."""

from __future__ import annotations

from pathlib import Path

from matchsvc import db
from matchsvc import migrate as _tables
from matchsvc.accounts.settings_list import REGISTRY
from matchsvc.retention.classes import CLASSES, VERIFIED_ON

TARGET = Path(__file__).resolve().parents[1] / "docs" / "retention.md"
_HEAD = """# Hur länge saker sparas

Skriven av `scripts/write_retention.py`. Lagarna lästes senast {day}. Perioder som enheten kan ändra
visas med sitt förval; lagens minsta gräns går inte att gå under.

## Så raderas en akt
1. `matchsvc retention plan`, eller sidan Radering av akter, visar vems tid har kommit och vad som
   håller kvar. En chef ser sin enhet. Den som har skyddade personuppgifter finns bara för sina
   handläggare.
2. En person gör en lista, högst 200 akter. En annan godkänner exakt den listan; har något hänt
   sedan dess behövs en ny.
3. Schemaläggaren (eller `matchsvc retention run`) raderar en person i taget, var och en i en
   transaktion. Allt frågas om igen först. Den kan avbrytas när som helst och går sedan vidare.
4. Kvar blir händelser utan namn som rapporterna räknar, och ett protokoll: antal rader, dagar,
   vilka två som bestämde och listans SHA-256. Säkerhetskopior har kvar det raderade tills de tas
   bort, se operations.md.

Ett **stopp** (tvist, tillsyn, begärd akt) håller kvar en akt tills en annan än den som satte det
häver det. I SQLite skrivs det raderade över i filen (`secure_delete`); PostgreSQL städar med
`vacuum`.

"""


def written() -> str:
    """The whole document."""
    assert _tables.TABLES  # importing them is what makes them known
    tables: dict[str, list[str]] = {name: [] for name in CLASSES}
    for table in sorted(db.Base.metadata.tables.values(), key=lambda each: each.name):
        if "retention" in table.info:
            tables[table.info["retention"]].append(table.name)
    parts = [_HEAD.format(day=VERIFIED_ON.isoformat())]
    for name, each in CLASSES.items():
        period = each.period
        if each.setting:
            period = period % {"n": REGISTRY[each.setting].default}
        parts.append(
            f"## {each.title}\n"
            f"- klass: `{name}`\n- enligt: {each.basis}\n- räknas från: {each.starts}\n"
            f"- hur länge: {period}"
            + (f" (inställningen `{each.setting}`)" if each.setting else "")
            + f"\n- vad som händer: {each.action}\n"
            f"- tabeller: {', '.join(f'`{table}`' for table in tables[name])}\n\n"
        )
    return "".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    TARGET.write_text(written(), encoding="utf-8")

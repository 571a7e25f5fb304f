"""Writes docs/retention.md from the list of classes and the tables that name them."""

from __future__ import annotations

from pathlib import Path

from matchsvc import db
from matchsvc import migrate as _tables
from matchsvc.accounts.settings_list import REGISTRY
from matchsvc.retention.classes import CLASSES
from matchsvc.retention.due import KEPT_BECAUSE

TARGET = Path(__file__).resolve().parents[1] / "docs" / "retention.md"
_HEAD = """# Hur länge saker sparas

Skriven av `scripts/write_retention.py`. Lagarna lästes {day}, innan programmet skrevs. Enheten
noterar själv när någon har läst dem igen (bland inställningarna); efter ett år påminner sidan.
Perioder som enheten kan ändra visas med sitt förval; lagens minsta gräns går inte att gå under.

## Så raderas en akt
1. `matchsvc retention plan`, eller sidan Radering av akter, visar vems tid har kommit och vad som
   håller kvar. En chef ser sin enhet. Den som har skyddade personuppgifter finns bara för sina
   handläggare.
2. En person gör en lista, högst 200 akter. En annan godkänner exakt den listan; har något hänt
   sedan dess behövs en ny.
3. Schemaläggaren (eller `matchsvc retention run`) raderar en person i taget, var och en i en
   transaktion. Allt frågas om igen först. Den kan avbrytas när som helst och går sedan vidare.
4. Kvar blir händelser utan namn som rapporterna räknar (beslut 18), och ett protokoll: antal rader,
   dagar, vilka två konton som bestämde och listans SHA-256. Det hämtas som taggad PDF och som JSON.
   JSON-filens SHA-256 står på pappret och i loggen: `sha256sum radering.json` ska ge samma tal.
5. Säkerhetskopior har kvar det raderade tills de tas bort. Hur många dagar det är säger
   inställningen `retention_backup_days` ({backups} från början); dagen står i protokollet.

## Vad som håller kvar en akt
Var och en står vid personen, med en länk till sidan där den avslutas när det finns en sådan.

{kept}
Ett **stopp** (tvist, tillsyn, begärd akt) hävs av en annan än den som satte det. Ett jobb tills
vidare som har börjat håller ingen kvar: ingen antecknar när det slutar. En plan som ingen skrev
under läggs ned på planens sida när ärendet är avslutat.

I SQLite skrivs det raderade över i filen (`secure_delete`); PostgreSQL städar med `vacuum`.

"""


def written() -> str:
    """The whole document."""
    assert _tables.TABLES  # importing them is what makes them known
    tables: dict[str, list[str]] = {name: [] for name in CLASSES}
    for table in sorted(db.Base.metadata.tables.values(), key=lambda each: each.name):
        if "retention" in table.info:
            tables[table.info["retention"]].append(table.name)
    parts = [
        _HEAD.format(
            day=REGISTRY["retention_verified_on"].default,
            backups=REGISTRY["retention_backup_days"].default,
            kept="".join(f"- {words}\n" for words in KEPT_BECAUSE.values()),
        )
    ]
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

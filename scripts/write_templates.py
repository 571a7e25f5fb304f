"""Write the tables of facts that the templates of docs/templates/ refer to, from the models.

Usage: write_templates.py [--check]    with --check: exit 1 when a file is not up to date
"""

import json
import sys
from collections import Counter
from pathlib import Path

from sqlalchemy import Table

from matchsvc import migrate
from matchsvc.db import RETENTION_CLASSES, Base, EncryptedText
from matchsvc.messages.models import RecipientKind, Via
from matchsvc.participants.consent_models import Category, DisclosureRule, Party
from matchsvc.rights.copy_schema import copy_schema
from matchsvc.rights.whole_copy import HIDDEN, LEFT_OUT, OTHERS, REACHED

FOLDER = Path(__file__).parent.parent / "docs"
BLANK = "____"
assert migrate.TABLES  # importing it is what puts every table into the metadata


def sealed(table: Table) -> list[str]:
    """The columns of a table that are encrypted at rest."""
    return [
        column.name
        for column in table.columns
        if isinstance(column.type, EncryptedText) or "sealed_for" in column.info
    ]


def row(*cells: object) -> str:
    """A line of a table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def facts() -> str:
    """Tables by retention class, and who may be told what: for the record of processing."""
    tables = sorted(Base.metadata.tables.items())
    classes = Counter(table.info["retention"] for _name, table in tables)
    lines = [
        "# Fakta om behandlingen",
        "",
        "Skriven av `scripts/write_templates.py` ur programmets tabeller; ändra inte för hand.",
        f"Tomma fält ({BLANK}) fylls i av enheten, i en egen kopia.",
        "",
        "## Gallringsklasser",
        row("klass", "tabeller", "börjar", "sedan", "rättslig grund", "gallringsbeslut"),
        row(*["---"] * 6),
        *(
            row(name, classes[name], starts, then, BLANK, BLANK)
            for name, (starts, then) in RETENTION_CLASSES.items()
        ),
        "",
        "## Tabeller",
        "*Om deltagare*: raderna ingår i kopian till den registrerade (artikel 15).",
        "",
        row("tabell", "klass", "om deltagare", "krypterade fält", "rättslig grund"),
        row(*["---"] * 5),
    ]
    about = set(REACHED) | {"participant"}
    for name, table in tables:
        hers = "ja" if name in about else "nej"
        basis = BLANK if name in about else "–"
        words = ", ".join(sealed(table)) or "–"
        lines.append(row(f"`{name}`", table.info["retention"], hers, words, basis))
    kinds = ", ".join(f"`{kind.value}`" for kind in RecipientKind)
    ways = ", ".join(f"`{via.value}`" for via in Via)
    lines += [
        "",
        "## Mottagare utanför enheten",
        f"Bara med en av reglerna {', '.join(f'`{rule.value}`' for rule in DisclosureRule)}.",
        "",
        *(f"- `{party.value}`" for party in Party),
        "",
        "Slag av uppgifter: " + ", ".join(f"`{each.value}`" for each in Category) + ".",
        "",
        "## Meddelanden",
        f"Till {kinds}, genom {ways}. Ingen uppgift om en deltagare står i dem.",
    ]
    return "\n".join(lines) + "\n"


def copy() -> str:
    """What stands where in the file with everything that is kept about somebody."""
    tables = Base.metadata.tables
    others = {table: sorted(c for t, c in OTHERS if t == table) for table, _column in OTHERS}
    lines = [
        "# The copy of everything",
        "",
        "Written by `scripts/write_templates.py`. `GET /api/v1/rights/people/KEY/copy` and",
        "`kopia.json` hold `form` (1), `made_on` (a day), `rows` (how many), `tables` (by name, a",
        "list of rows, each a value by column; what is empty is left out) and `readings` (`at`,",
        "`action`, `what`, `by`: who was in the record, the latest first).",
        "[copy.schema.json](copy.schema.json) is its form as a JSON Schema (also at",
        "`GET /api/v1/rights/copy-schema`); a test holds a whole town's copies to it.",
        "",
        "`copy.pdf` is the same as a tagged paper, with the readings day by day. A volume holds a",
        "thousand rows (about 170 pages): 0.3 s for 200 rows, 0.7 s for a whole volume on a free",
        "core, under two seconds on a busy one.",
        "",
        "- A column that names a colleague holds role and unit.",
        "- A column that names a thing (a concept, a site) holds what it is called.",
        f"- A column that is about another person holds `{HIDDEN}`.",
        "- Ids, hashes and tokens are left out; instants are ISO 8601 in UTC, days `YYYY-MM-DD`.",
        "",
        "## Tables in it",
        row("table", "found by", f"columns that hold `{HIDDEN}`"),
        row(*["---"] * 3),
        row("`participant`", "herself, and rows merged into hers", "–"),
    ]
    for name, (column, parent) in REACHED.items():
        hidden = ", ".join(f"`{each}`" for each in others.get(name, [])) or "–"
        by = "anything of hers" if parent == "*" else parent
        lines.append(row(f"`{name}`", f"`{column}` of {by}", hidden))
    lines += ["", "## Tables that are not in it", row("table", "why"), row("---", "---")]
    lines += [row(f"`{name}`", f"It {why}.") for name, why in LEFT_OUT.items() if name in tables]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write or compare the files."""
    stale = 0
    schema = json.dumps(copy_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    for path, text in (
        (FOLDER / "templates" / "fakta.md", facts()),
        (FOLDER / "copy.md", copy()),
        (FOLDER / "copy.schema.json", schema),
    ):
        if "--check" not in sys.argv[1:]:
            path.write_text(text, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != text:
            print(f"{path} is not up to date: run scripts/write_templates.py")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())

"""Write docs/who-may-what.md from the table of authority (matchsvc/accounts/authority.py).

Usage: write_authority.py [--check]    with --check: exit 1 when the file is not up to date
"""

import sys
from pathlib import Path

from matchsvc.accounts import authority
from matchsvc.accounts.authority_shapes import READ, Scope
from matchsvc.accounts.authority_states import PLACE_WORDS, STATES, Place
from matchsvc.accounts.models import Role
from matchsvc.accounts.wording import ROLES

FILE = Path(__file__).parent.parent / "docs" / "who-may-what.md"


def names(roles: frozenset[Role]) -> str:
    """Roles in plain words, in their own order."""
    if len(roles) == len(Role):
        return "alla roller"
    return ", ".join(_sv(role) for role in Role if role in roles) or "ingen"


def scopes(seen: frozenset[Scope]) -> str:
    """Scopes in plain words, the nearest first."""
    return "; ".join(words for scope, words in authority.SCOPE_WORDS.items() if scope in seen) or (
        "ingen"
    )


def places(met: frozenset[Place]) -> str:
    """Places in plain words, in their own order."""
    return "; ".join(words for place, words in PLACE_WORDS.items() if place in met) or "ingenstans"


def page() -> str:
    """The whole document, in Swedish."""
    lines = [
        "# Vem som får vad",
        "",
        "Skriven av `scripts/write_authority.py` ur `matchsvc/accounts/authority.py`.",
        "Tjänsten frågar samma rader vid varje anrop. Det som ingen rad säger ja till är nej.",
        "",
        "## Vilka roller som kommer in",
        "",
        "Rollen öppnar dörren. Sedan avgör enheten och ärendet vilka rader som finns.",
        "",
        "| vad | läsa | ändra | varför |",
        "|---|---|---|---|",
        *(
            f"| {line.thing} | {names(line.read)} | {names(line.write)} |"
            f" {authority.WHY_WORDS[line.why]} |"
            for line in authority.LINES
        ),
        "",
        "## Delar med andra roller",
        "",
        "| vad | gör | roller | vilka |",
        "|---|---|---|---|",
        *(
            f"| {line.thing} | {'läsa' if each.act == READ else 'ändra'} | {names(each.roles)} |"
            f" {', '.join(f'`{door}`' for door in each.doors.split())} |"
            for line in authority.LINES
            for each in line.apart
        ),
        "",
        "## Uppgifter om en person",
        "",
        "| uppgift | syns för | när uppgifterna är skyddade | regel |",
        "|---|---|---|---|",
        *(
            f"| {field.words} | {scopes(field.seen)} | {scopes(field.seen_if_protected)} |"
            f" {field.law} |"
            for field in authority.FIELDS
        ),
        "",
        "## När läget avgör",
        "",
        "Vilken roll någon än har: i ett läge möts personen bara här.",
        "",
        "| läge | möts här | inte här | regel |",
        "|---|---|---|---|",
        *(
            f"| {line.words} | {places(line.met)} | {places(frozenset(Place) - line.met)} |"
            f" {line.law} |"
            for line in STATES
        ),
        "",
        "## Vad en roll ser utan koppling till personen",
        "",
        *(
            f"- {_sv(role)}: {authority.SCOPE_WORDS[authority.SCOPE_OF_ROLE[role]]}"
            for role in Role
        ),
    ]
    return "\n".join(lines) + "\n"


def _sv(role: Role) -> str:
    return str(ROLES[role]._args[0])  # noqa: SLF001 - the Swedish in the code, of no request


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(FILE.read_text(encoding="utf-8") != page())
    FILE.write_text(page(), encoding="utf-8")

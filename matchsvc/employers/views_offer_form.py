"""The offer's form: rows that grow and shrink by plain posts, and words not yet understood.

A field of a row is called ``requirements/0/purpose``: the name the rules use for what is wrong
with it, so that every sentence stands where it belongs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from matchsvc.employers.grounds import ground_sentence, protected_ground_in
from matchsvc.employers.models import Offer
from matchsvc.employers.offer_checks import MOST_MERITS, MOST_REQUIRED
from matchsvc.employers.offers import content_of_offer
from matchsvc.employers.schemas import days_of_mask
from matchsvc.errors import N_

KINDS = ("requirements", "languages", "licences")
_LISTS = ("forms", "weekdays", "offers", "excludes")
_BUTTONS = ("csrf_token", "add", "remove", "look", "site")
_ROW_FIELDS = {
    "requirements": ("concept_id", "text", "importance", "purpose"),
    "languages": ("concept_id", "part", "level", "purpose"),
    "licences": ("concept_id", "purpose"),
}
_ROW = re.compile(r"(requirements|languages|licences)/(\d{1,4})/(\w+)")
_MOST_ROWS = MOST_REQUIRED + MOST_MERITS + 1  # one more than allowed, so that the rule can say so

CONFIRM = N_("Välj vad du menar, eller ta bort kravet.")
NOT_FOUND = N_("Vi känner inte till det. Skriv med andra ord, till exempel laga mat.")
WHICH = N_("Skriv vad som behövs, eller ta bort kravet.")


@dataclass
class OfferForm:
    """What was typed.

    Attributes:
        values: fields by name as text; lists for those that are ticked.
        rows: rows of each kind, each a dict of text.
        is_only_about_rows: a button added, removed or looked up a row: nothing is to be saved.
        focus: id of the field to begin in.
    """

    values: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, list[dict[str, str]]] = field(
        default_factory=lambda: {kind: [] for kind in KINDS}
    )
    is_only_about_rows: bool = False
    focus: str | None = None

    def data(self) -> dict[str, Any]:
        """As the offer's schema loads it; rows without a concept are left to ``unconfirmed``."""
        rows = {
            kind: [
                {name: value for name, value in row.items() if name != "text" and value}
                | ({} if row.get("concept_id") or kind != "requirements" else {"concept_id": "?"})
                for row in found
            ]
            for kind, found in self.rows.items()
        }
        return {**self.values, **rows}

    def words_to_link(self) -> Iterator[tuple[int, str]]:
        """Index and words of each requirement that has no concept yet."""
        for index, row in enumerate(self.rows["requirements"]):
            if row.get("text") and not row.get("concept_id"):
                yield index, row["text"]

    def typed_words(self) -> Iterator[str]:
        """Words that have not become a concept; they may hold a wish to exclude."""
        for _, words in self.words_to_link():
            yield words

    def unconfirmed(self) -> dict[str, str]:
        """A sentence for each requirement whose meaning nobody has confirmed."""
        faults = {}
        for index, row in enumerate(self.rows["requirements"]):
            if row.get("concept_id"):
                continue
            words = row.get("text", "")
            ground = protected_ground_in(words)
            said = ground_sentence(ground) if ground else (CONFIRM if words else WHICH)
            faults[f"requirements/{index}/text"] = said
        return faults

    def concept_ids(self) -> set[str]:
        """Ids whose names the page shows."""
        return {row.get("concept_id", "") for rows in self.rows.values() for row in rows}


def read_offer_form(form: MultiDict[str, str]) -> OfferForm:
    """Read a posted form; a row in which nothing was written is dropped, a button obeyed."""
    typed = OfferForm()
    found: dict[str, dict[int, dict[str, str]]] = {kind: {} for kind in KINDS}
    for name in form:
        match = _ROW.fullmatch(name)
        if match and match[3] in _ROW_FIELDS[match[1]]:
            found[match[1]].setdefault(int(match[2]), {})[match[3]] = form[name].strip()
        elif name in _LISTS:
            typed.values[name] = [value for value in form.getlist(name) if value]
        elif name not in _BUTTONS:
            typed.values[name] = form[name]
    removed = form.get("remove", "")
    for kind, rows in found.items():
        typed.rows[kind] = [
            row
            for index, row in sorted(rows.items())[:_MOST_ROWS]
            if _is_written(row) and f"{kind}/{index}" != removed
        ]
    added = form.get("add", "")
    if added in KINDS:
        typed.rows[added].append({})
        first = "text" if added == "requirements" else "concept_id"
        typed.focus = f"{added}/{len(typed.rows[added]) - 1}/{first}"
    typed.is_only_about_rows = bool(added or removed or "look" in form)
    return typed


def _is_written(row: dict[str, str]) -> bool:
    return any(row.get(name) for name in ("concept_id", "text", "purpose"))


def form_of_offer(offer: Offer) -> OfferForm:
    """The form as it stands before anything was changed."""
    content = content_of_offer(offer)
    lines: dict[str, tuple[Any, ...]] = {
        "requirements": content.requirements,
        "languages": content.languages,
        "licences": content.licences,
    }
    rows = {
        kind: [
            {name: str(getattr(line, name)) for name in _ROW_FIELDS[kind] if name != "text"}
            for line in found
        ]
        for kind, found in lines.items()
    }
    values = {
        name: getattr(content, name) for name in content.__dataclass_fields__ if name not in KINDS
    }
    values["weekdays"] = days_of_mask(content.weekdays)
    if content.supervisor_named is not None:
        values["supervisor_named"] = "true" if content.supervisor_named else "false"
    return OfferForm(values, rows)

"""The fixed list of what is published of a unit, and the groups that it tells apart.

docs/published-tables.md is written from this list (a test compares the two).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matchsvc.errors import N_
from matchsvc.reports.funnel import STEPS
from matchsvc.reports.outcomes import POPULATIONS as TESTS
from matchsvc.reports.published_blocks import Kind
from matchsvc.reports.published_counts import COUNTED, RESULTS
from matchsvc.reports.words import REGIONS, SEXES

AGE_BANDS = ("-24", "25-34", "35-44", "45-54", "55-64", "65-", "unknown")
KINDS: tuple[Kind, ...] = tuple((sex, region) for sex in SEXES for region in REGIONS)

#: Groups with rows of their own, before the kinds one by one.
POPULATIONS: Mapping[str, frozenset[Kind]] = {
    "all": frozenset(KINDS),
    **{name: frozenset(filter(TESTS[name], KINDS)) for name in TESTS if name != "all"},
    "others_than_foreign_born_women": frozenset(
        kind for kind in KINDS if "unknown" not in kind and not TESTS["foreign_born_women"](kind)
    ),
}
_WORTH = {
    "foreign_born_women": 64,
    "others_than_foreign_born_women": 16,
    "women": 24,
    "women_outside_europe": 12,
    "men": 8,
}
#: The further dimension of each measure; one at a time, and of whole years only.
BY: Mapping[str, tuple[str, ...]] = {
    measure: ("age_band", "programme", "form")
    if measure == "placements"
    else ("age_band", "programme")
    for measure in COUNTED
}


def worth(blocks: Collection[frozenset[Kind]]) -> int:
    """How much a reader can see when people are told apart by these blocks."""
    present = frozenset().union(*blocks)
    shown = sum(
        weight
        for name, weight in _WORTH.items()
        if all(block <= POPULATIONS[name] or not block & POPULATIONS[name] for block in blocks)
        and POPULATIONS[name] & present
    )
    return shown + sum(len(block) == 1 for block in blocks)


#: Populations that a plain partition tells apart.
_PLAIN: tuple[tuple[str, ...], ...] = (
    (),
    ("foreign_born_women",),
    ("women",),
    ("foreign_born_women", "others_than_foreign_born_women"),
    ("foreign_born_women", "women"),
    ("women", "women_outside_europe"),
    ("women", "men"),
    ("foreign_born_women", "women", "men"),
)


def plain_groupings(blocks: Collection[frozenset[Kind]]) -> list[list[list[frozenset[Kind]]]]:
    """Ways to sort blocks of kinds by the populations that they lie in."""
    found = []
    for names in _PLAIN:
        groups: dict[tuple[bool, ...], list[frozenset[Kind]]] = {}
        for block in sorted(blocks, key=sorted):
            groups.setdefault(tuple(block <= POPULATIONS[n] for n in names), []).append(block)
        found.append(list(groups.values()))
    return found


def plain_partitions(kinds: Collection[Kind]) -> set[frozenset[frozenset[Kind]]]:
    """The same, as partitions of kinds."""
    return {
        frozenset(frozenset().union(*group) for group in groups)
        for groups in plain_groupings([frozenset({kind}) for kind in kinds])
    }


def kinds_of(told: Sequence[Any]) -> frozenset[Kind]:
    """The kinds of people of a block in a published content."""
    return frozenset((sex, region) for sex, region in told[0])


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """One table of the list.

    Attributes:
        name: in the API and in files.
        title: what people call it.
        measures: what is counted in it, by names of the registry.
        by: what people are told apart by.
        periods: of ``quarter``, ``year``, ``cumulative``.
    """

    name: str
    title: str
    measures: tuple[str, ...]
    by: tuple[str, ...]
    periods: tuple[str, ...]


_EVERY = ("quarter", "year", "cumulative")
_GROUPS = ("sex", "birth_region")

TABLES: Mapping[str, PublishedTable] = {
    table.name: table
    for table in (
        PublishedTable(
            "shares",
            N_("Andelar"),
            ("published_share",),
            _GROUPS,
            _EVERY,
        ),
        PublishedTable(
            "groups",
            N_("Personer per grupp"),
            (
                "published_started",
                "published_placements",
                "published_hires",
                "published_municipal_employment",
            ),
            _GROUPS,
            _EVERY,
        ),
        PublishedTable(
            "results",
            N_("Till arbete och studier"),
            ("published_cohort", "published_to_work", "published_studies"),
            _GROUPS,
            ("year", "cumulative"),
        ),
        PublishedTable(
            "funnel",
            N_("Vägen steg för steg"),
            ("published_funnel",),
            _GROUPS,
            ("year", "cumulative"),
        ),
        PublishedTable(
            "age_band",
            N_("Personer per grupp och ålder"),
            (
                "published_started",
                "published_placements",
                "published_hires",
                "published_municipal_employment",
            ),
            (*_GROUPS, "age_band"),
            ("year",),
        ),
        PublishedTable(
            "programme",
            N_("Personer per grupp och program"),
            (
                "published_started",
                "published_placements",
                "published_hires",
                "published_municipal_employment",
            ),
            (*_GROUPS, "programme"),
            ("year",),
        ),
        PublishedTable(
            "form",
            N_("Placeringar per grupp och form"),
            ("published_placements",),
            (*_GROUPS, "form"),
            ("year",),
        ),
    )
}
FUNNEL_STEPS = tuple(STEPS)
RESULT_NAMES = RESULTS[:2]

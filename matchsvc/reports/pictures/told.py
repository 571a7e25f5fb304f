"""The five pictures from what reports count, with period, definition and source inside each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from matchsvc.errors import N_
from matchsvc.reports.counts import Period
from matchsvc.reports.funnel import STEPS
from matchsvc.reports.measures import REGISTRY, step_title, text_of
from matchsvc.reports.outcomes import Share
from matchsvc.reports.page import Finding, is_surely_lower
from matchsvc.reports.pictures.picture import Picture, Words
from matchsvc.reports.pictures.shares import comparison, steps_by_group, trend
from matchsvc.reports.pictures.times import lead_times, way
from matchsvc.reports.quarterly_sources import STRETCHES, Stand, Value
from matchsvc.reports.trend import QuarterPoint
from matchsvc.reports.words import COMPARED, REGIONS, SEXES
from matchsvc.web.words import month_words

NAMES = ("trend", "groups", "funnel", "lead-times", "way")
_HIDDEN = N_("Färre än fem personer, eller ett tal som annars går att räkna ut.")
_OURS = ("woman", "outside_europe")


def months_of(period: Period, words: Words) -> str:
    """``juli 2026 till september 2026``."""
    first, last = month_words(period.start_date, year=True), month_words(period.end_date, year=True)
    return (
        first
        if first == last
        else words(N_("%(start)s till %(end)s"))
        % {
            "start": first,
            "end": last,
        }
    )


def _notes(unit: str, text: str, words: Words, *, hides: bool) -> tuple[tuple[str, str], ...]:
    notes = [
        (words(N_("Så räknas det")), text),
        (
            words(N_("Källa")),
            words(N_("%(unit)s, registrerade händelser.")) % {"unit": unit},
        ),
    ]
    if hides:
        notes.append((words("Dolt"), words(_HIDDEN)))
    return tuple(notes)


def trend_picture(points: Sequence[QuarterPoint], unit: str, words: Words) -> Picture:
    """Foreign-born women's share of placements and of hires, quarter by quarter."""
    hides = any(share.is_hidden for point in points for share in point.shares.values())
    text = " ".join(
        words(text)
        for text in (
            text_of("published_placements"),
            text_of("published_hires"),
            REGISTRY["published_share"].time_rule,
        )
    )
    return trend(points, words, notes=_notes(unit, text, words, hides=hides))


def groups_picture(
    groups: Sequence[tuple[str, str, Share]], period: Period, unit: str, words: Words
) -> Picture:
    """To work, of those enrolled in a period, by sex and region of birth."""
    named = [(_group_name(sex, region, words), share) for sex, region, share in groups]
    places = [k for k, (sex, region, _s) in enumerate(groups) if (sex, region) == _OURS]
    return comparison(
        _groups_title(named, words),
        words(N_("Till arbete, av de inskrivna %(months)s. Strecket visar osäkerheten."))
        % {"months": months_of(period, words)},
        named,
        words,
        highlight=places[0] if places else None,
        notes=_notes(
            unit,
            words(text_of("published_to_work")),
            words,
            hides=any(share.is_hidden for _n, share in named),
        ),
    )


def _group_name(sex: str, region: str, words: Words) -> str:
    return f"{words(SEXES.get(sex, sex))}, {words(REGIONS.get(region, region))}"


def _groups_title(named: Sequence[tuple[str, Share]], words: Words) -> str:
    known = [(name, share) for name, share in named if share.n is not None and share.of]
    if len(known) > 1:

        def rate(each: tuple[str, Share]) -> float:
            return (each[1].n or 0) / (each[1].of or 1)

        low, high = min(known, key=rate), max(known, key=rate)
        if is_surely_lower(low[1], high[1]):
            text = words(N_("Andelen till arbete skiljer sig mest mellan %(low)s och %(high)s"))
            return text % {
                "low": f"”{low[0][:1].lower()}{low[0][1:]}”",
                "high": f"”{high[0][:1].lower()}{high[0][1:]}”",
            }
        return words(N_("Till arbete: inga säkra skillnader mellan grupperna"))
    return words(N_("Till arbete: för få personer för att jämföra grupper"))


def funnel_picture(
    steps: Sequence[tuple[str, Share, Share]],
    title: str,
    period: Period,
    until: date,
    unit: str,
    words: Words,
    *,
    group: str = "foreign_born_women",
) -> Picture:
    """How far a group and everybody else have come of those enrolled in a period."""
    names = COMPARED[group]
    return steps_by_group(
        title,
        words(N_("Andel av de inskrivna %(months)s som hade nått steget %(until)s."))
        % {"months": months_of(period, words), "until": until.isoformat()},
        (words(names[0]), words(names[1])),
        [(words(step_title(name)), ours, others) for name, ours, others in steps],
        words,
        notes=_notes(
            unit,
            words(
                N_(
                    "Den som har nått ett senare steg räknas också i de tidigare. Okänt kön och "
                    "okänd födelseregion räknas inte bland alla andra."
                )
            ),
            words,
            hides=any(share.is_hidden for _n, *pair in steps for share in pair),
        ),
    )


def gap_finding(group: str, step: str | None, *, can_compare: bool, words: Words) -> Finding:
    """Where the ways part in the funnel, without claiming why.

    Args:
        group: who is compared with everybody else.
        step: at which the group most certainly loses more; None when nowhere surely.
        can_compare: whether any step has enough people.
        words: turns Swedish into the reader's language.
    """
    name = words(COMPARED[group][0])
    if not can_compare:
        return Finding(N_("%(group)s: för få personer för att jämföra"), {"group": name})
    if step is None:
        return Finding(N_("%(group)s: inget steg skiljer säkert från andra"), {"group": name})
    names = list(STEPS)
    before = step_title(names[names.index(step) - 1])
    return Finding(
        N_("%(group)s: vägarna skiljs mest mellan ”%(before)s” och ”%(step)s”"),
        {"group": name, "before": words(before), "step": words(step_title(step))},
    )


def times_picture(values: Mapping[str, Value], period: Period, unit: str, words: Words) -> Picture:
    """Days from enrolment to each step that was reached in a period."""
    stretches = [
        (words(step_title(name)), value.n, value.quartiles)
        for name in STRETCHES
        if (value := values.get(f"days_to:{name}")) is not None
    ]
    return lead_times(
        stretches,
        words(
            N_(
                "De som nådde steget %(months)s. Strecket: så många dagar behövde hälften. "
                "Lådan: hälften i mitten."
            )
        )
        % {"months": months_of(period, words)},
        words,
        notes=_notes(
            unit,
            words(REGISTRY["days_to_step"].definition),
            words,
            hides=any(count is None for _n, count, _q in stretches),
        ),
    )


def way_picture(stands: Sequence[Stand], period: Period, unit: str, words: Words) -> Picture:
    """Where everybody stands on the last day of a period, and who went on in it."""
    return way(
        [(words(step_title(each.step)), each.here, each.went_on) for each in stands],
        words(N_("Öppna ärenden %(day)s, och vilka som gick vidare %(months)s."))
        % {"day": period.end_date.isoformat(), "months": months_of(period, words)},
        words,
        notes=_notes(
            unit,
            f"{words(REGISTRY['stands_at_step'].definition)} "
            f"{words(REGISTRY['went_on'].definition)}",
            words,
            hides=any(each.here is None or each.went_on is None for each in stands),
        ),
    )

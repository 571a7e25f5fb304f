"""The published rules of matching, slowly and plainly: one pair, plain Python, no arrays.

Written from the text of the rules (docs/how-matching-works.md), not from the engine, which must
agree with it in every integer and every word.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass
class Held:
    """One competence: what, which rung (1 claimed ... 4 confirmed), at which level if any."""

    concept: int
    rung: int
    level: int | None = None


@dataclass
class Asked:
    """One requirement."""

    concept: int
    merit: bool = False
    level: int | None = None


@dataclass
class Person:
    id: int
    wait_days: int = 0
    held: list[Held] = field(default_factory=list)
    wanted: list[int] = field(default_factory=list)
    licences: set[int] = field(default_factory=set)
    licences_known: bool = True
    languages: dict[tuple[int, int], int] = field(default_factory=dict)  # absent = not known
    hours: int | None = 40
    days: set[int] | None = field(default_factory=lambda: set(range(7)))
    start: date | None = date(2026, 1, 1)
    areas: set[int] | str | None = "everywhere"
    needs: set[int] = field(default_factory=set)
    needs_known: bool = True


@dataclass
class Offer:
    id: int
    asked: list[Asked] = field(default_factory=list)
    occupation: int | None = None
    licences: set[int] = field(default_factory=set)
    languages: dict[tuple[int, int], int] = field(default_factory=dict)
    hours_start: int | None = 10
    days: set[int] | None = field(default_factory=lambda: {0, 1, 2, 3, 4})
    start_from: date | None = None
    start_by: date | None = None
    season: tuple[tuple[int, int], tuple[int, int]] | None = None
    valid_until: date | None = None
    area: int | None = 0
    offered: set[int] = field(default_factory=set)
    excluded: set[int] = field(default_factory=set)
    barred: bool = False
    is_open: bool = True
    places: int = 1


@dataclass
class Table:
    """The published table, as it stands in the document."""

    required: tuple[int, int, int] = (60, 25, 15)
    merit: tuple[int, int, int] = (18, 8, 4)
    evidence: tuple[int, int, int, int] = (7, 8, 9, 10)


def is_on_or_under(parents, concept, above):
    while concept is not None:
        if concept == above:
            return True
        concept = parents[concept]
    return False


def how_near(parents, held, asked):
    """same / narrower / parent / grandparent / none."""
    if held == asked:
        return "same"
    if is_on_or_under(parents, held, asked):
        return "narrower"
    parent = parents[asked]
    if parent is not None and is_on_or_under(parents, held, parent):
        return "parent"
    grandparent = None if parent is None else parents[parent]
    if grandparent is not None and is_on_or_under(parents, held, grandparent):
        return "grandparent"
    return "none"


NEARNESS = ["same", "narrower", "parent", "grandparent"]


def best_of(parents, held, asked, allowed):
    """Place of the best-evidenced competence that qualifies; ties: nearest, then first."""
    found = None
    for place, competence in enumerate(held):
        near = how_near(parents, competence.concept, asked)
        if near not in allowed:
            continue
        key = (competence.rung, -NEARNESS.index(near), -place)
        if found is None or key > found[0]:
            found = (key, place, near)
    return found and (found[1], found[2])


def score(parents, table, held, asked):
    """One requirement: its three points, their sources, the most it can give, and the word."""
    own, second, third = table.merit if asked.merit else table.required
    parent = parents[asked.concept]
    grandparent = None if parent is None else parents[parent]
    if grandparent is None:
        own, third = own + third, 0
    if parent is None:
        own, second = own + second, 0

    sources = [best_of(parents, held, asked.concept, ["same", "narrower"]), None, None]
    if parent is not None:
        sources[1] = best_of(parents, held, asked.concept, ["same", "narrower", "parent"])
    if grandparent is not None:
        sources[2] = best_of(parents, held, asked.concept, NEARNESS)

    points = []
    for number, source in zip((own, second, third), sources, strict=True):
        points.append(number * table.evidence[held[source[0]].rung - 1] if source else 0)

    at_level = [
        c
        for c in held
        if is_on_or_under(parents, c.concept, asked.concept)
        and (asked.level is None or (c.level or 0) >= asked.level)
    ]
    word = "met" if at_level else "partly" if any(sources) else "missing"
    return {
        "points": points,
        "sources": sources,
        "most": 10 * (own + second + third),
        "state": word,
    }


def cover(parents, table, person, offer):
    parts = [score(parents, table, person.held, asked) for asked in offer.asked]
    points = sum(sum(part["points"]) for part in parts)
    most = sum(part["most"] for part in parts)
    required = [p["state"] for p, a in zip(parts, offer.asked, strict=True) if not a.merit]
    return {
        "parts": parts,
        "points": points,
        "maximum": most,
        "cover": 10_000 * points // most if most else 10_000,
        "required_met": required.count("met"),
        "required_partly": required.count("partly"),
        "required_of": len(required),
    }


def gates(person, offer, today):
    """Every closed or unknown thing: {gate: {(what, skill): "closed" or "ask"}}."""
    found = {}
    for gate, state, *thing in (
        *papers_and_languages(person, offer),
        *hours_and_days(person, offer),
        *start_and_season(person, offer, today),
        *area(person, offer),
        *conditions(person, offer),
        *the_offer_itself(offer, today),
    ):
        what, skill = (*thing, -1, -1)[:2]
        found.setdefault(gate, {})[what, skill] = state
    return found


def papers_and_languages(person, offer):
    for licence in offer.licences - person.licences:
        yield "licence", "closed" if person.licences_known else "ask", licence
    for (language, skill), lowest in offer.languages.items():
        level = person.languages.get((language, skill))
        if level is None:
            yield "language", "ask", language, skill
        elif level < lowest:
            yield "language", "closed", language, skill


def hours_and_days(person, offer):
    if person.hours is None or offer.hours_start is None:
        yield "hours", "ask"
    elif person.hours < offer.hours_start:
        yield "hours", "closed"
    if person.days is None:
        yield "weekdays", "ask"
    elif offer.days is None:
        if len(person.days) < 7:
            yield "weekdays", "ask"
    elif not offer.days & person.days:
        yield "weekdays", "closed"
    elif offer.days - person.days:
        yield "weekdays", "ask"


def area(person, offer):
    if person.areas is None:
        yield "reach", "ask", -1 if offer.area is None else offer.area
    elif person.areas != "everywhere":
        if offer.area is None:
            yield "reach", "ask"
        elif offer.area not in person.areas:
            yield "reach", "closed", offer.area


def conditions(person, offer):
    for condition in person.needs:
        if condition in offer.excluded:
            yield "conditions", "closed", condition
        elif condition not in offer.offered:
            yield "conditions", "ask", condition
    if not person.needs_known:
        for condition in offer.excluded - person.needs:
            yield "conditions", "ask", condition


def the_offer_itself(offer, today):
    if offer.barred:
        yield "employer_bar", "closed"
    if not offer.is_open:
        yield "offer_closed", "closed", 0
    if offer.places < 1:
        yield "offer_closed", "closed", 1
    if offer.valid_until is not None and offer.valid_until < today:
        yield "offer_closed", "closed", 2


def start_and_season(person, offer, today):
    first = max(day for day in (today, person.start, offer.start_from) if day is not None)
    if offer.start_by is not None:
        if first > offer.start_by:
            yield "start", "closed"
        elif person.start is None:
            yield "start", "ask"
    if offer.season is not None:
        last = max(first, offer.start_by or first)
        days = (first + timedelta(n) for n in range((last - first).days + 1))
        if not any(is_in_season(day, offer.season) for day in days):
            yield "season", "closed"
        elif person.start is None:
            yield "season", "ask"


def is_in_season(day, season):
    begins, ends = season
    month_day = (day.month, day.day)
    if begins <= ends:
        return begins <= month_day <= ends
    return month_day >= begins or month_day <= ends


def wishes(parents, person, offer):
    """For each wanted concept how near the nearest thing in the offer is."""
    has = [asked.concept for asked in offer.asked]
    has += [] if offer.occupation is None else [offer.occupation]
    nearest_first = [*NEARNESS, "none"]
    nearest = []
    for wanted in person.wanted:
        near = [how_near(parents, concept, wanted) for concept in has]
        nearest.append(min(near, key=nearest_first.index, default="none"))
    return nearest


def is_closed(found):
    return any("closed" in things.values() for things in found.values())


def order_people(parents, table, people, offer, today):
    """Ids, open ones first; most cover, then longest wait, then id."""
    return [
        person.id
        for person in sorted(
            people,
            key=lambda person: (
                is_closed(gates(person, offer, today)),
                -cover(parents, table, person, offer)["cover"],
                -person.wait_days,
                person.id,
            ),
        )
    ]


def order_offers(parents, table, person, offers, today):
    return [
        offer.id
        for offer in sorted(
            offers,
            key=lambda offer: (
                is_closed(gates(person, offer, today)),
                -cover(parents, table, person, offer)["cover"],
                offer.id,
            ),
        )
    ]

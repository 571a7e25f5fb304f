"""Random and odd worlds to match in, and their translation into the engine's arrays."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from matchsvc.matching.engine import Matching
from matchsvc.matching.inputs import Hierarchy, Offers, People, Reach
from matchsvc.matching.weights import Weights
from tests.matching.reference import Asked, Held, Offer, Person, Table

TODAY = date(2026, 11, 22)
LICENCES, LANGUAGES, AREAS, CONDITIONS = 3, 2, 3, 4
SKILLS = 4


@dataclass
class World:
    parents: list[int | None]
    people: list[Person]
    offers: list[Offer]
    table: Table = field(default_factory=Table)
    today: date = TODAY

    def matching(self):
        return Matching(
            hierarchy=Hierarchy(np.array([-1 if p is None else p for p in self.parents], np.int32)),
            people=people_arrays(self.people),
            offers=offer_arrays(self.offers),
            weights=Weights("t", self.table.required, self.table.merit, self.table.evidence),
            today=self.today.toordinal(),
        )


def random_world(random, people=6, offers=5, concepts=14):
    return World(
        parents=random_parents(random, concepts),
        people=[random_person(random, number, concepts) for number in range(people)],
        offers=[random_offer(random, number, concepts) for number in range(offers)],
        table=random.choice(TABLES),
    )


TABLES = [
    Table(),
    Table(required=(50, 30, 20), merit=(10, 10, 10), evidence=(5, 5, 9, 10)),
    Table(required=(100, 0, 0), merit=(1, 0, 0), evidence=(10, 10, 10, 10)),
]


def random_parents(random, concepts):
    """Trees of any depth, in any numbering: a parent's number may be the larger."""
    numbers = list(range(concepts))
    random.shuffle(numbers)
    parents: list[int | None] = [None] * concepts
    for place in range(1, concepts):
        if random.random() < 0.8:
            parents[numbers[place]] = numbers[random.randrange(place)]
    return parents


def some(random, values, share=0.4):
    return {value for value in values if random.random() < share}


def maybe(random, value, share=0.7):
    return value if random.random() < share else None


def random_day(random):
    return TODAY + timedelta(random.randint(-300, 500))


def random_days(random):
    every, week = set(range(7)), {0, 1, 2, 3, 4}
    return random.choice([every, week, {random.randrange(7)}, some(random, every) | {6}])


def random_person(random, number, concepts):
    held = [
        Held(random.randrange(concepts), random.randint(1, 4), maybe(random, random.randint(1, 6)))
        for _ in range(random.choice([0, 1, 3, 6]))
    ]
    places = [(lang, skill) for lang in range(LANGUAGES) for skill in range(SKILLS)]
    return Person(
        id=number,
        wait_days=random.choice([0, 0, 31, 58]),
        held=held,
        wanted=random.sample(range(concepts), k=min(2, concepts)),
        licences=some(random, range(LICENCES)),
        licences_known=random.random() < 0.6,
        languages={place: random.randint(0, 6) for place in some(random, places, 0.7)},
        hours=maybe(random, random.randint(1, 40)),
        days=maybe(random, random_days(random)),
        start=maybe(random, random_day(random)),
        areas=random.choice([None, "everywhere", some(random, range(AREAS)), {0}]),
        needs=some(random, range(CONDITIONS), 0.3),
        needs_known=random.random() < 0.6,
    )


def random_offer(random, number, concepts):
    asked = [
        Asked(
            random.randrange(concepts),
            merit=random.random() < 0.4,
            level=maybe(random, random.randint(1, 6), 0.3),
        )
        for _ in range(random.choice([0, 1, 4, 8]))
    ]
    places = [(lang, skill) for lang in range(LANGUAGES) for skill in range(SKILLS)]
    month_day = (random.randint(1, 12), random.randint(1, 28))
    other = random.choice([(2, 29), (12, 31), (1, 1), (10, 15)])
    return Offer(
        id=number,
        asked=asked,
        occupation=maybe(random, random.randrange(concepts)),
        licences=some(random, range(LICENCES), 0.2),
        languages={place: random.randint(1, 6) for place in some(random, places, 0.15)},
        hours_start=maybe(random, random.randint(1, 30)),
        days=maybe(random, random_days(random)),
        start_from=maybe(random, random_day(random), 0.4),
        start_by=maybe(random, random_day(random), 0.5),
        season=maybe(random, random.choice([(month_day, other), (other, month_day)]), 0.5),
        valid_until=maybe(random, random_day(random), 0.3),
        area=maybe(random, random.randrange(AREAS)),
        offered=some(random, range(CONDITIONS), 0.4),
        excluded=some(random, range(CONDITIONS), 0.2),
        barred=random.random() < 0.05,
        is_open=random.random() < 0.9,
        places=random.choice([0, 1, 1, 1, 2]),
    )


def people_arrays(people):
    held = [(c.concept, c.rung, c.level or 0) for p in people for c in p.held]
    concept, rung, level = np.array(held, np.int32).reshape(-1, 3).T
    return People(
        id_rank=column(people, lambda p: p.id),
        wait_days=column(people, lambda p: p.wait_days),
        held_pointer=pointer(len(p.held) for p in people),
        held_concept=concept,
        held_rung=rung,
        held_level=level,
        wanted_pointer=pointer(len(p.wanted) for p in people),
        wanted_concept=np.array([c for p in people for c in p.wanted], np.int32),
        licences=flags((p.licences for p in people), LICENCES),
        licences_known=column(people, lambda p: p.licences_known, bool),
        languages=levels([p.languages for p in people], unknown=-1),
        hours_per_week=column(people, lambda p: p.hours or 0),
        weekdays=column(people, lambda p: mask(p.days)),
        start_from=column(people, lambda p: ordinal(p.start)),
        reach=column(people, lambda p: reach(p.areas)),
        areas=flags((p.areas if isinstance(p.areas, set) else set() for p in people), AREAS),
        needs=flags((p.needs for p in people), CONDITIONS),
        needs_known=column(people, lambda p: p.needs_known, bool),
    )


def offer_arrays(offers):
    asked = [(a.concept, a.merit, a.level or 0) for o in offers for a in o.asked]
    concept, merit, level = np.array(asked, np.int32).reshape(-1, 3).T
    return Offers(
        id_rank=column(offers, lambda o: o.id),
        requirement_pointer=pointer(len(o.asked) for o in offers),
        requirement_concept=concept,
        requirement_is_merit=merit.astype(bool),
        requirement_level=level,
        occupation=column(offers, lambda o: place(o.occupation)),
        licences=flags((o.licences for o in offers), LICENCES),
        languages=levels([o.languages for o in offers], unknown=0),
        hours_start=column(offers, lambda o: o.hours_start or 0),
        weekdays=column(offers, lambda o: mask(o.days)),
        start_from=column(offers, lambda o: ordinal(o.start_from)),
        start_by=column(offers, lambda o: ordinal(o.start_by)),
        season_from=column(offers, lambda o: month_day(o.season, 0)),
        season_to=column(offers, lambda o: month_day(o.season, 1)),
        valid_until=column(offers, lambda o: ordinal(o.valid_until)),
        area=column(offers, lambda o: place(o.area)),
        offered=flags((o.offered for o in offers), CONDITIONS),
        excluded=flags((o.excluded for o in offers), CONDITIONS),
        employer_barred=column(offers, lambda o: o.barred, bool),
        is_open=column(offers, lambda o: o.is_open, bool),
        places=column(offers, lambda o: o.places),
    )


def column(rows, value, dtype=np.int32):
    return np.array([value(row) for row in rows], dtype)


def pointer(counts):
    return np.cumsum([0, *counts])


def flags(sets, width):
    return np.array([[i in members for i in range(width)] for members in sets], bool).reshape(
        -1, width
    )


def levels(mappings, *, unknown):
    array = np.full((len(mappings), LANGUAGES, SKILLS), unknown, np.int8)
    for row, mapping in enumerate(mappings):
        for (language, skill), level in mapping.items():
            array[row, language, skill] = level
    return array


def mask(days):
    return sum(1 << day for day in days or ())


def ordinal(day):
    return day.toordinal() if day else 0


def place(index):
    return -1 if index is None else index


def month_day(season, end):
    return season[end][0] * 100 + season[end][1] if season else 0


def reach(areas):
    if areas is None:
        return Reach.UNKNOWN
    return Reach.EVERYWHERE if areas == "everywhere" else Reach.LISTED

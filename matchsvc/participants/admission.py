"""What a programme's rules say of a person: data and facts in, one verdict a rule out (PRO-06).

Nothing here touches a database or a clock, and matching never reads it: a test and an import
contract hold it to that. What is not known is said to be not known, never guessed.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from matchsvc.errors import N_, Invalid, Phrase
from matchsvc.participants.models import BirthRegion, Sex
from matchsvc.swedish import IdentityNumber, add_months

_OLDEST = 120
_SWEDEN = "SE"
_COORDINATION = 60  # added to the day of birth in a coordination number


class Verdict(enum.StrEnum):
    """What a rule says of a person."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class Criterion(enum.StrEnum):
    """Something that is asked and answered with yes or no."""

    LIVES_HERE = "lives_here"
    HAS_PERMIT = "has_permit"
    OUTSIDE_AF_GUARANTEES = "outside_af_guarantees"
    NEEDS_COORDINATION = "needs_coordination"
    CHILDCARE_MET = "childcare_met"
    INCOME_SUPPORT = "income_support"
    REGISTERED_AF = "registered_af"


class FormalLevel(enum.StrEnum):
    """The highest completed school, lowest first."""

    NONE = "none"
    PRIMARY = "primary"
    SECONDARY = "secondary"
    POST_SECONDARY = "post_secondary"


CRITERION_WORDS: Mapping[Criterion, str] = {
    Criterion.LIVES_HERE: N_("Folkbokförd i kommunen"),
    Criterion.HAS_PERMIT: N_("Rätt att vistas och arbeta i Sverige"),
    Criterion.OUTSIDE_AF_GUARANTEES: N_("Utanför etableringen och jobb- och utvecklingsgarantin"),
    Criterion.NEEDS_COORDINATION: N_("Behöver samordning mellan myndigheter"),
    Criterion.CHILDCARE_MET: N_("Barnomsorg är ordnad, eller behövs inte"),
    Criterion.INCOME_SUPPORT: N_("Får försörjningsstöd"),
    Criterion.REGISTERED_AF: N_("Inskriven på Arbetsförmedlingen"),
}
LEVEL_WORDS: Mapping[FormalLevel, str] = {
    FormalLevel.NONE: N_("Ingen avslutad skola"),
    FormalLevel.PRIMARY: N_("Grundskola"),
    FormalLevel.SECONDARY: N_("Gymnasium"),
    FormalLevel.POST_SECONDARY: N_("Efter gymnasiet"),
}
SEX_WORDS: Mapping[Sex, str] = {Sex.WOMAN: N_("Kvinna"), Sex.MAN: N_("Man")}


@dataclass(frozen=True, slots=True)
class AdmissionRules:
    """Who a programme is for. What is left out is not asked.

    Attributes:
        least_age, most_age: in whole years, both inclusive.
        sex: the one that it is for.
        not_born_in: ISO 3166 alpha-2 codes of the countries whose natives are not covered.
        most_formal: the highest school that is still covered.
        criteria: what has to be answered with yes.
    """

    least_age: int | None = None
    most_age: int | None = None
    sex: Sex | None = None
    not_born_in: tuple[str, ...] = ()
    most_formal: FormalLevel | None = None
    criteria: tuple[Criterion, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """As it is stored: only what the rules say something about."""
        said: dict[str, Any] = {
            "least_age": self.least_age,
            "most_age": self.most_age,
            "sex": self.sex.value if self.sex else None,
            "not_born_in": sorted(set(self.not_born_in)),
            "most_formal": self.most_formal.value if self.most_formal else None,
            "criteria": [each.value for each in Criterion if each in self.criteria],
        }
        return {name: value for name, value in said.items() if value not in (None, [])}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> AdmissionRules:
        """Read what :meth:`as_data` wrote."""
        sex, level = data.get("sex"), data.get("most_formal")
        return cls(
            least_age=data.get("least_age"),
            most_age=data.get("most_age"),
            sex=Sex(sex) if sex else None,
            not_born_in=tuple(sorted(data.get("not_born_in", ()))),
            most_formal=FormalLevel(level) if level else None,
            criteria=tuple(Criterion(each) for each in data.get("criteria", ())),
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a person that rules may ask about.

    Attributes:
        born_on: the day of birth, where the number says it.
        birth_year: where only the year is known.
        sex, birth_region: as enrolled.
        birth_country: ISO 3166 alpha-2.
        formal_level: the highest completed school.
        answers: the criteria that were asked about.
    """

    born_on: date | None = None
    birth_year: int | None = None
    sex: Sex = Sex.UNKNOWN
    birth_region: BirthRegion = BirthRegion.UNKNOWN
    birth_country: str | None = None
    formal_level: FormalLevel | None = None
    answers: Mapping[Criterion, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says.

    Attributes:
        rule: its code: ``age``, ``sex``, ``born_outside``, ``formal_level`` or a criterion's.
        verdict: met, not met or not known.
        words: the rule, a Swedish sentence to translate.
        values: for the ``%(name)s`` places of the words; no two rules share a name.
    """

    rule: str
    verdict: Verdict
    words: str
    values: Mapping[str, object] = field(default_factory=dict)


def evaluate(rules: AdmissionRules, facts: Facts, *, day: date) -> list[Finding]:
    """What each rule says of a person on a day, in a fixed order.

    Args:
        rules: of one version of a programme.
        facts: what is known.
        day: whose age counts: that on which the referral is complete, or of the enrolment.
    """
    found = []
    if rules.least_age is not None or rules.most_age is not None:
        found.append(_age(rules, facts, day))
    if rules.sex is not None:
        verdict = Verdict.UNKNOWN if facts.sex is Sex.UNKNOWN else _said(facts.sex is rules.sex)
        words = Phrase(SEX_WORDS.get(rules.sex, ""))
        found.append(Finding("sex", verdict, N_("Kön: %(wanted_sex)s"), {"wanted_sex": words}))
    if rules.not_born_in:
        found.append(_born_outside(rules, facts))
    if rules.most_formal is not None:
        found.append(_formal(rules.most_formal, facts))
    found += [
        Finding(each.value, _said(facts.answers.get(each)), CRITERION_WORDS[each])
        for each in Criterion
        if each in rules.criteria
    ]
    return found


def unmet(findings: Iterable[Finding]) -> list[Finding]:
    """Those that are not met or not known."""
    return [each for each in findings if each.verdict is not Verdict.MET]


def _said(answer: bool | None) -> Verdict:  # noqa: FBT001 - the answer itself, not a switch
    if answer is None:
        return Verdict.UNKNOWN
    return Verdict.MET if answer else Verdict.NOT_MET


def _age(rules: AdmissionRules, facts: Facts, day: date) -> Finding:
    least, most = rules.least_age, rules.most_age
    values: dict[str, object] = {"least_age": least, "most_age": most}
    if least is None:
        words = N_("Högst %(most_age)s år")
    elif most is None:
        words = N_("Minst %(least_age)s år")
    else:
        words = N_("Mellan %(least_age)s och %(most_age)s år, båda medräknade")
    possible = {
        (least is None or age >= least) and (most is None or age <= most)
        for age in _possible_ages(facts, day)
    }
    verdict = _said(possible.pop()) if len(possible) == 1 else Verdict.UNKNOWN
    return Finding("age", verdict, words, values)


def _possible_ages(facts: Facts, day: date) -> set[int]:
    """One age, two when only the year is known, none when nothing is."""
    if facts.born_on is not None:
        return {age_on(facts.born_on, day)}
    if facts.birth_year is None:
        return set()
    return {day.year - facts.birth_year - 1, day.year - facts.birth_year}


def age_on(born_on: date, day: date) -> int:
    """Age in whole years; who is born on 29 February turns a year on the 28th in other years."""
    years = day.year - born_on.year
    return years if day >= add_months(born_on, 12 * years) else years - 1


def _born_outside(rules: AdmissionRules, facts: Facts) -> Finding:
    country = facts.birth_country
    if country is None and facts.birth_region is BirthRegion.SWEDEN:
        country = _SWEDEN
    verdict = _said(None if country is None else country not in rules.not_born_in)
    words = N_("Född utanför de %(countries)s länder som räknas upp")
    return Finding("born_outside", verdict, words, {"countries": len(set(rules.not_born_in))})


def _formal(most: FormalLevel, facts: Facts) -> Finding:
    order = list(FormalLevel)
    level = facts.formal_level
    verdict = _said(None if level is None else order.index(level) <= order.index(most))
    words = N_("Högsta avslutade skola: %(most_formal)s")
    return Finding("formal_level", verdict, words, {"most_formal": Phrase(LEVEL_WORDS[most])})


def born_on(number: IdentityNumber | None) -> date | None:
    """The day of birth that an identity or coordination number says."""
    if number is None:
        return None
    day = int(number.digits[6:8])
    if number.is_coordination:
        day -= _COORDINATION
    try:
        return date(int(number.digits[:4]), int(number.digits[4:6]), day)
    except ValueError:  # a coordination number may lack a month or day
        return None


def check_rules(rules: AdmissionRules) -> None:
    """Raise Invalid when no person could meet the rules, or an age is not possible."""
    wrong = {}
    for name in ("least_age", "most_age"):
        value = getattr(rules, name)
        if value is not None and not 0 <= value <= _OLDEST:
            wrong[name] = N_("Skriv en ålder i hela år, till exempel 25.")
    least, most = rules.least_age, rules.most_age
    if least is not None and most is not None and least > most and not wrong:
        wrong["most_age"] = N_("Högsta åldern är lägre än den lägsta. Rätta en av dem.")
    if rules.sex is Sex.UNKNOWN:
        wrong["sex"] = N_("Välj ett av alternativen.")
    if wrong:
        raise Invalid(wrong)

"""What employers and participants answered, counted (domain.md 6.4): never a single answer.

Nothing is shown of fewer answers than the unit's smallest count. A year stands for itself: if other
periods could be chosen, two of them would give away the answers in between. Each version of a
questionnaire is counted for itself and read with the words that were asked. Of people who are
protected nothing is counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.employers.checks import SIZE_BANDS
from matchsvc.employers.models import Site
from matchsvc.employers.yearly import answers_of_year
from matchsvc.employers.yearly_words import QUESTION_ID, QUESTIONNAIRE
from matchsvc.placements.models import (
    PackagePart,
    ParticipantSurvey,
    ParticipantSurveyAnswer,
    PartState,
    Placement,
    Survey,
    SurveyAnswer,
)
from matchsvc.placements.questionnaire import UNKNOWN, Question, QuestionKind
from matchsvc.placements.questionnaire_versions import version_of
from matchsvc.reports.figures import Interval, percent, wilson
from matchsvc.reports.limits import limits_of
from matchsvc.reports.outcomes import READERS
from matchsvc.reports.survey_reads import (
    NO_SIZE,
    Answers,
    Sent,
    answers_to,
    employer_surveys,
    of_year,
    own_surveys,
)
from matchsvc.swedish import add_months

#: Below these a result says little, and the page says so (domain.md 6.4).
WEAK_RATE, WEAK_ANSWERS = 40, 30
SUCCESS, EXPERIENCE = ("E2", "E3"), ("E4", "E5", "E6", "E7", "E8")
HOST_AGAIN, SATISFIED = "E10", "E9"
#: What counts as a yes in questions that are no scale.
POSITIVE: Mapping[str, frozenset[str]] = {
    HOST_AGAIN: frozenset({"yes", "probably"}),
    "P9": frozenset({"much", "little"}),
    QUESTION_ID: frozenset({"much_more_positive", "more_positive"}),
}
_TOP = frozenset({"4", "5"})
_REHOST_MONTHS = 12

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Part:
    """``n`` of ``of`` with Wilson's interval; all None where it is hidden."""

    n: int | None
    of: int | None

    @property
    def is_hidden(self) -> bool:
        """Whether too few answered."""
        return self.of is None

    @property
    def percent(self) -> int | None:
        """Whole percent, half up."""
        return None if self.n is None or self.of is None else percent(self.n, self.of)

    @property
    def interval(self) -> Interval | None:
        """95 %, in percent."""
        return None if self.n is None or self.of is None else wilson(self.n, self.of)


HIDDEN = Part(None, None)


@dataclass(frozen=True, slots=True)
class Response:
    """How many were asked and answered.

    Attributes:
        sent: how many were asked.
        undeliverable: of them, whom no letter reached.
        started: who began.
        completed: who handed in.
    """

    sent: int
    undeliverable: int
    started: int
    completed: int

    @property
    def asked(self) -> int:
        """Who could answer: sent less undeliverable."""
        return self.sent - self.undeliverable

    @property
    def partial(self) -> int:
        """Who began and did not hand in."""
        return self.started - self.completed

    @property
    def rate(self) -> int | None:
        """Whole percent of those asked who handed in."""
        return percent(self.completed, self.asked)

    @property
    def is_weak(self) -> bool:
        """Whether so few answered that the results say little."""
        return self.completed < WEAK_ANSWERS or (self.rate or 0) < WEAK_RATE


@dataclass(frozen=True, slots=True)
class Result:
    """One question.

    Attributes:
        question: with the words that were asked.
        positive: the two highest steps, or a yes, of those who said anything; hidden where few did.
        mean: of the five steps; None for other questions and where it is hidden.
        options: how many chose each; None where it is hidden. Empty for scales.
    """

    question: Question
    positive: Part
    mean: float | None
    options: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One version of a questionnaire."""

    code: str
    response: Response
    results: tuple[Result, ...]

    def result(self, question_id: str) -> Result | None:
        """Of one question."""
        return next((each for each in self.results if each.question.id == question_id), None)


@dataclass(frozen=True, slots=True)
class Index:
    """A mean of means, with what it is made of."""

    mean: float | None
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a table: who was asked, and what they answered; hidden where few are."""

    key: str
    response: Part
    satisfied: Part
    host_again: Part


@dataclass(frozen=True, slots=True)
class SurveyReport:
    """The year's surveys.

    Attributes:
        year: of sending.
        fewest: the smallest number of answers that is shown.
        employers: the versions that were sent, the newest first.
        rehosted: those who answered and started another placement within twelve months, of those
            whose twelve months have passed.
        success, experience: by version code.
        packages: by how many parts of the package were done.
        sectors, sizes, endings: who was asked and answered, for seeing who is missing.
        minutes: median time from the start to the last answer.
        participants: as ``employers``; ``channels`` by link or assisted.
        yearly: the question of the year.
    """

    year: int
    fewest: int
    employers: tuple[Block, ...]
    rehosted: Part
    success: Mapping[str, Index]
    experience: Mapping[str, Index]
    packages: tuple[Group, ...]
    sectors: tuple[Group, ...]
    sizes: tuple[Group, ...]
    endings: tuple[Group, ...]
    minutes: int | None
    participants: tuple[Block, ...]
    channels: tuple[tuple[str, int | None], ...]
    yearly: Block | None


def survey_report(session: Session, actor: Actor, year: int, *, today: date) -> SurveyReport:
    """What was answered to the surveys sent in a year, in the actor's unit or all.

    Raises:
        Refused: the actor's role reads no reports.
    """
    actor.require_role(*READERS)
    unit_id = actor.unit_id
    fewest = limits_of(session, unit_id).count
    employers = employer_surveys(session, unit_id, year)
    given = answers_to(session, SurveyAnswer, Survey, unit_id, year, Survey.sent_on)
    own = own_surveys(session, unit_id, year)
    own_given = answers_to(
        session, ParticipantSurveyAnswer, ParticipantSurvey, unit_id, year,
        ParticipantSurvey.offered_on,
    )  # fmt: skip
    done = [each for each in employers if each.completed_at is not None]
    blocks = _blocks(session, employers, given, fewest)
    audit.record(session, actor, "read", "report_surveys", fields=[str(year)])
    packages = _packages(session, unit_id)
    return SurveyReport(
        year=year,
        fewest=fewest,
        employers=blocks,
        rehosted=_rehosted(session, done, fewest, today),
        success={block.code: _index(block, SUCCESS) for block in blocks},
        experience={block.code: _index(block, EXPERIENCE) for block in blocks},
        packages=_groups(
            done, given, fewest, lambda each: packages.get(each.placement_id, 0), range(7)
        ),
        sectors=_groups(employers, given, fewest, lambda each: each.sector),
        sizes=_groups(employers, given, fewest, lambda each: each.size, (*SIZE_BANDS, NO_SIZE)),
        endings=_groups(
            employers, given, fewest, lambda each: "early" if each.failed else "as_planned"
        ),
        minutes=_median_minutes(done, fewest),
        participants=_blocks(session, own, own_given, fewest),
        channels=_channels(own, fewest),
        yearly=_yearly(session, unit_id, year, fewest),
    )


def years_of(session: Session, actor: Actor, *, today: date) -> list[int]:
    """The years in which something was asked, the latest first; this year always."""
    first = select(func.min(Survey.sent_on))
    if actor.unit_id is not None:
        first = first.where(Survey.unit_id == actor.unit_id)
    oldest = session.scalar(first) or today
    return list(range(today.year, min(oldest.year, today.year) - 1, -1))


def _response(sent: Sequence[Sent]) -> Response:
    return Response(
        len(sent),
        sum(each.undeliverable for each in sent),
        sum(each.started_at is not None or each.completed_at is not None for each in sent),
        sum(each.completed_at is not None for each in sent),
    )


def _blocks(
    session: Session, sent: Sequence[Sent], given: Answers, fewest: int
) -> tuple[Block, ...]:
    by_code: dict[str, list[Sent]] = defaultdict(list)
    for each in sent:
        by_code[each.code].append(each)
    blocks = []
    for code in sorted(by_code, reverse=True):
        answered = [
            given.get(each.id, {}) for each in by_code[code] if each.completed_at is not None
        ]
        results = tuple(
            _result(
                question, [each[question.id] for each in answered if question.id in each], fewest
            )
            for question in version_of(session, code).questions
            if question.kind is not QuestionKind.TEXT
        )
        blocks.append(Block(code, _response(by_code[code]), results))
    return tuple(blocks)


def _result(question: Question, answers: Sequence[Sequence[str]], fewest: int) -> Result:
    said = [values for values in answers if values and UNKNOWN not in values]
    if len(said) < fewest:
        return Result(question, HIDDEN, None, ())
    if question.kind is QuestionKind.SCALE:
        steps = [int(values[0]) for values in said]
        top = sum(values[0] in _TOP for values in said)
        return Result(question, Part(top, len(said)), sum(steps) / len(steps), ())
    counts = Counter(value for values in said for value in values)
    yes = POSITIVE.get(question.id)
    positive = (
        Part(sum(counts[value] for value in yes), len(said)) if yes else Part(None, len(said))
    )
    values = [option.value for option in question.options if option.value != UNKNOWN]
    if question.kind is QuestionKind.MULTI:
        hidden = {value for value in values if 0 < counts[value] < fewest}
    else:
        hidden = hide_small({value: counts[value] for value in values}, fewest)
    options = tuple((value, None if value in hidden else counts[value]) for value in values)
    return Result(question, positive, None, options)


def hide_small(counts: Mapping[Key, int], fewest: int) -> set[Key]:
    """Which of disjoint counts, whose sum is known, stay hidden.

    Those below ``fewest`` but for zero, and then the smallest shown ones until what is hidden is
    of two at least and of ``fewest`` together: a remainder is then of nobody in particular.
    """
    hidden = {key for key, count in counts.items() if 0 < count < fewest}
    shown = sorted(
        (key for key, count in counts.items() if count >= fewest), key=lambda key: counts[key]
    )
    while hidden and shown and (len(hidden) < 2 or sum(counts[k] for k in hidden) < fewest):  # noqa: PLR2004
        hidden.add(shown.pop(0))
    return hidden


def _index(block: Block, parts: tuple[str, ...]) -> Index:
    means = [found.mean for each in parts if (found := block.result(each)) is not None]
    known = [mean for mean in means if mean is not None]
    is_whole = len(known) == len(parts)
    return Index(sum(known) / len(known) if is_whole else None, parts)


def _rehosted(session: Session, done: Sequence[Sent], fewest: int, today: date) -> Part:
    passed = [
        (each, until)
        for each in done
        if each.end_date is not None
        and (until := add_months(each.end_date, _REHOST_MONTHS)) <= today
    ]
    if len(passed) < fewest:
        return HIDDEN
    starts: dict[UUID | None, list[date]] = defaultdict(list)
    rows = session.execute(
        select(Site.employer_id, Placement.start_date)
        .join(Site, Site.id == Placement.site_id)
        .where(
            Placement.called_off_on.is_(None),
            Site.employer_id.in_({each.employer_id for each, _ in passed}),
        )
    )
    for employer_id, start in rows:
        starts[employer_id].append(start)
    again = sum(
        any(each.end_date < start <= until for start in starts[each.employer_id])
        for each, until in passed
        if each.end_date is not None
    )
    return Part(again, len(passed))


def _packages(session: Session, unit_id: UUID | None) -> dict[UUID, int]:
    """How many parts of the package are done, by placement."""
    found = (
        select(PackagePart.placement_id, func.count())
        .join(Placement, Placement.id == PackagePart.placement_id)
        .where(PackagePart.state == PartState.DONE, Placement.end_date.is_not(None))
        .group_by(PackagePart.placement_id)
    )
    if unit_id is not None:
        found = found.where(Placement.unit_id == unit_id)
    return {row[0]: row[1] for row in session.execute(found)}


def _groups(
    sent: Sequence[Sent],
    given: Answers,
    fewest: int,
    key_of: Callable[[Sent], Any],
    keys: Iterable[Any] = (),
) -> tuple[Group, ...]:
    """The surveys by a key. Each measure is hidden for itself, by how many answers it rests on."""
    members: dict[Any, list[Sent]] = {key: [] for key in keys}
    for each in sent:
        if not each.undeliverable:
            members.setdefault(key_of(each), []).append(each)
    hidden = hide_small({key: len(held) for key, held in members.items()}, fewest)
    satisfied = _shares(members, given, SATISFIED, _TOP, fewest)
    host_again = _shares(members, given, HOST_AGAIN, POSITIVE[HOST_AGAIN], fewest)
    return tuple(
        Group(
            str(key),
            HIDDEN
            if key in hidden
            else Part(sum(each.completed_at is not None for each in held), len(held)),
            satisfied[key],
            host_again[key],
        )
        for key, held in members.items()
    )


def _shares(
    members: Mapping[Any, Sequence[Sent]],
    given: Answers,
    question: str,
    yes: frozenset[str],
    fewest: int,
) -> dict[Any, Part]:
    said = {
        key: [
            values
            for each in held
            if (values := given.get(each.id, {}).get(question)) and UNKNOWN not in values
        ]
        for key, held in members.items()
    }
    hidden = hide_small({key: len(answers) for key, answers in said.items()}, fewest)
    return {
        key: HIDDEN
        if key in hidden
        else Part(sum(bool(yes & set(values)) for values in answers), len(answers))
        for key, answers in said.items()
    }


def _median_minutes(done: Sequence[Sent], fewest: int) -> int | None:
    times = [
        (each.completed_at - each.started_at).total_seconds() / 60
        for each in done
        if each.started_at is not None and each.completed_at is not None
    ]
    return round(median(times)) if len(times) >= fewest else None


def _channels(own: Sequence[Sent], fewest: int) -> tuple[tuple[str, int | None], ...]:
    counts = Counter(each.channel or "link" for each in own if each.completed_at is not None)
    both = {channel: counts[channel] for channel in ("link", "assisted")}
    hidden = hide_small(both, fewest)
    return tuple((channel, None if channel in hidden else n) for channel, n in both.items())


def _yearly(session: Session, unit_id: UUID | None, year: int, fewest: int) -> Block | None:
    answers = answers_of_year(session, unit_id, year)
    if not answers:
        return None
    said = [[value] for value in answers if value is not None]
    question = version_of(session, QUESTIONNAIRE).questions[0]
    response = Response(len(answers), 0, len(said), len(said))
    return Block(QUESTIONNAIRE, response, (_result(question, said, fewest),))


@dataclass(frozen=True, slots=True)
class Said:
    """A free text of nobody in particular, with what it seems to hold."""

    text: str
    warnings: tuple[str, ...]


def free_texts(session: Session, actor: Actor, year: int) -> dict[str, list[Said]] | None:
    """What was written in a year, for the unit's manager: without workplace, person or order.

    None for others. A kind with fewer texts than the unit's smallest count is left out. Logged.
    """
    if not actor.has_role(Role.UNIT_MANAGER) or actor.unit_id is None:
        return None
    fewest = limits_of(session, actor.unit_id).count
    found = {}
    for kind, answer, survey, day in (
        ("employers", SurveyAnswer, Survey, Survey.sent_on),
        ("participants", ParticipantSurveyAnswer, ParticipantSurvey, ParticipantSurvey.offered_on),
    ):
        asked = (
            select(answer.text, answer.warnings)
            .join(survey, survey.id == answer.survey_id)
            .join(Placement, Placement.id == survey.placement_id)
            .where(answer.text.is_not(None), survey.completed_at.is_not(None))
        )
        rows = session.execute(of_year(asked, day, survey.unit_id, actor.unit_id, year)).all()
        if len(rows) >= fewest:
            said = [Said(text, tuple(warnings)) for text, warnings in rows]
            found[kind] = sorted(said, key=lambda each: each.text.casefold())
    audit.record(session, actor, "read", "survey_texts", fields=[str(year), *found])
    return found

"""Job carving: a place made of tasks that are left lying (EMP-07, EMP-10), in the liaison's words.

Nothing is saved here. Tasks become the beginning of an offer: their hours are summed, and what each
needs is looked up in the vocabulary for a person to confirm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.employers.access import EDITORS
from matchsvc.employers.grounds import ground_sentence, protected_ground_in
from matchsvc.employers.offer_checks import MOST_HOURS
from matchsvc.errors import N_, Invalid
from matchsvc.vocabulary import rules as vocabulary
from matchsvc.vocabulary.models import ConceptType

MOST_TASKS = 12
NO_TASKS = N_("Skriv minst en uppgift.")
TOO_MANY_TASKS = N_("Högst 12 uppgifter. Slå ihop några.")
NO_WORDS = N_("Skriv vad som ska göras, eller töm raden.")
BAD_HOURS = N_("Skriv timmar i veckan, från 1 till 40.")
TOO_LONG_A_WEEK = N_("Det blir mer än 40 timmar. Dela upp det på två erbjudanden.")
_SUGGESTIONS = 3
_SKILLS = (ConceptType.SKILL, ConceptType.OCCUPATION, ConceptType.GENERIC)


@dataclass(frozen=True, slots=True)
class CarvedTask:
    """A task that somebody could do.

    Attributes:
        words: what is done.
        hours: a week.
        needs: what one has to be able to, with commas between; may be empty.
    """

    words: str
    hours: int
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """Something to be able to, and for which task.

    Attributes:
        words: as written.
        purpose: the task it is for.
        suggestions: ids of concepts that may be meant, likeliest first.
    """

    words: str
    purpose: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carved:
    """The beginning of an offer.

    Attributes:
        tasks: one line a task.
        hours: a week, all together.
        needs: each once, in the order they were written.
    """

    tasks: str
    hours: int
    needs: tuple[Need, ...]


def carve(session: Session, actor: Actor, tasks: Sequence[CarvedTask]) -> Carved:
    """Make the beginning of an offer of some tasks.

    Args:
        session: a reading transaction.
        actor: who may make offers.
        tasks: what is left lying.

    Raises:
        Invalid: a sentence for every wrong field (``task/0/hours``); the code is
            ``protected_ground`` when a text limits who may come.
    """
    actor.require_role(*EDITORS)
    wrong, is_forbidden = _faults(tasks)
    if wrong:
        raise Invalid(wrong, code="protected_ground" if is_forbidden else "invalid")
    purposes: dict[str, str] = {}
    for task in tasks:
        for words in task.needs.split(","):
            if words.strip():
                purposes.setdefault(" ".join(words.split()), task.words.strip())
    linked = vocabulary.suggest_many(session, list(purposes), top=_SUGGESTIONS * 2)
    needs = [
        Need(
            words,
            purpose,
            tuple(each.id for each in found.suggestions if each.kind in _SKILLS)[:_SUGGESTIONS],
        )
        for (words, purpose), found in zip(purposes.items(), linked, strict=True)
    ]
    lines = "\n".join(task.words.strip() for task in tasks)
    return Carved(lines, sum(task.hours for task in tasks), tuple(needs))


def _faults(tasks: Sequence[CarvedTask]) -> tuple[dict[str, str], bool]:
    wrong: dict[str, str] = {}
    is_forbidden = False
    if not tasks:
        wrong["task/0/words"] = NO_TASKS
    if len(tasks) > MOST_TASKS:
        wrong["task"] = TOO_MANY_TASKS
    for index, task in enumerate(tasks):
        if not task.words.strip():
            wrong[f"task/{index}/words"] = NO_WORDS
        if not 1 <= task.hours <= MOST_HOURS:
            wrong[f"task/{index}/hours"] = BAD_HOURS
        for name, said in (("words", task.words), ("needs", task.needs)):
            ground = protected_ground_in(said)
            if ground is not None:
                wrong[f"task/{index}/{name}"] = ground_sentence(ground)
                is_forbidden = True
    if not wrong and sum(task.hours for task in tasks) > MOST_HOURS:
        wrong[f"task/{len(tasks) - 1}/hours"] = TOO_LONG_A_WEEK
    return wrong, is_forbidden

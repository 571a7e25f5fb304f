"""What somebody said, offered to the unit's vocabulary, when nothing in it points at anybody.

The vocabulary knows no people; here stand those whose names its words may not hold.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts.models import User
from matchsvc.employers.models import Contact, Employer
from matchsvc.participants.access import names_like
from matchsvc.participants.models import Participant
from matchsvc.vocabulary.personal import names_in, phrases_in, search_patterns
from matchsvc.vocabulary.synonyms import propose_words


def names_among(session: Session, text: str) -> frozenset[str]:
    """The words of a text that are names: of participants, staff, contacts or employers.

    All units', protected ones too, whoever asks: only the text's own words come back, and they
    are used to refuse it.
    """
    patterns = search_patterns(text)
    if not patterns:
        return frozenset()
    people = names_like(session, patterns)
    for model in (User, Contact):
        like = or_(*(model.sort_key.like(pattern) for pattern in patterns))
        people |= set(session.scalars(select(model.name).where(like)))
    like = or_(*(Employer.sort_key.like(pattern) for pattern in patterns))
    employers = session.scalars(select(Employer.name).where(like))
    return names_in(text, people) | phrases_in(text, map(_without_form, employers))


def _without_form(name: str) -> str:
    """A company's name as people say it."""
    words = [
        word for word in name.split() if word.casefold() not in {"ab", "hb", "kb", "ek.", "för."}
    ]
    return " ".join(words)


def offer_words(
    session: Session, participant: Participant, concept_id: str, words: str | None, *, today: date
) -> None:
    """Let a confirmed concept's words be proposed as a synonym of the unit.

    Never a protected person's, and never what may point at somebody (``vocabulary.personal``).
    """
    if words is None or participant.protected:
        return
    own = " ".join(filter(None, (participant.given_name, participant.family_name)))
    propose_words(
        session,
        unit_id=participant.unit_id,
        concept_id=concept_id,
        text=words,
        names=names_among(session, words) | names_in(words, [own]),
        today=today,
    )

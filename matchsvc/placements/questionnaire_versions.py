"""Every version of a questionnaire, kept as it was shown: stored once, never changed."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from matchsvc.employers.yearly_words import ANSWERS, QUESTION, QUESTION_ID, QUESTIONNAIRE
from matchsvc.placements.models import QuestionnaireVersion
from matchsvc.placements.participant_questions import PARTICIPANT
from matchsvc.placements.questionnaire import (
    EMPLOYER,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
)

YEARLY = Questionnaire(
    QUESTIONNAIRE,
    (
        Question(
            QUESTION_ID,
            QuestionKind.SINGLE,
            QUESTION,
            tuple(Option(value, {"sv": sv, "en": en}) for value, sv, en in ANSWERS),
        ),
    ),
)
#: What is asked now. Earlier versions stand in the database alone.
CURRENT = (EMPLOYER, PARTICIPANT, YEARLY)


def hash_of(questionnaire: Questionnaire) -> str:
    """What tells one wording from another."""
    text = json.dumps(questionnaire.as_shown(), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def load_questionnaires(session: Session) -> None:
    """Keep the versions that are asked now; again changes nothing.

    Raises:
        ValueError: the words of a version that stands are other words: they need a new code.
    """
    if not inspect(session.connection()).has_table(QuestionnaireVersion.__tablename__):
        return  # the schema was taken to an earlier step
    for each in CURRENT:
        row = session.get(QuestionnaireVersion, each.code)
        if row is None:
            content = each.as_shown()
            session.add(
                QuestionnaireVersion(code=each.code, content=content, content_hash=hash_of(each))
            )
        elif row.content_hash != hash_of(each):
            raise ValueError(f"{each.code} was shown with other words: give it a new code")
    session.flush()


def version_of(session: Session, code: str) -> Questionnaire:
    """A questionnaire as it was shown, also when others are asked now.

    Raises:
        LookupError: there never was one.
    """
    row = session.scalar(select(QuestionnaireVersion).where(QuestionnaireVersion.code == code))
    if row is None:
        raise LookupError(code)
    return Questionnaire.from_shown(code, row.content)

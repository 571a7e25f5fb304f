"""The one question of the year (EMP-11), in both languages. New wording is a new version."""

from __future__ import annotations

QUESTIONNAIRE = "yearly-1"
QUESTION_ID = "Y1"
QUESTION = {
    "sv": "Har er syn på att anställa personer som står långt från arbetsmarknaden ändrats?",
    "en": "Has your view of employing people who are far from the labour market changed?",
}
#: From the most positive; the middle is no change.
ANSWERS: tuple[tuple[str, str, str], ...] = (
    ("much_more_positive", "Mycket mer positiv", "Much more positive"),
    ("more_positive", "Mer positiv", "More positive"),
    ("same", "Oförändrad", "The same"),
    ("more_negative", "Mer negativ", "More negative"),
    ("much_more_negative", "Mycket mer negativ", "Much more negative"),
    ("unknown", "Vet ej", "Don't know"),
)

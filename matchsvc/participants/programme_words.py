"""What the rules of programmes are called on a page."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matchsvc.errors import Phrase
from matchsvc.participants.admission import (
    CRITERION_WORDS,
    LEVEL_WORDS,
    SEX_WORDS,
    AdmissionRules,
    Facts,
    Finding,
    Verdict,
    evaluate,
)
from matchsvc.participants.countries import names_by_code
from matchsvc.participants.programme_models import ProgrammeVersion
from matchsvc.participants.programme_schemas import Answer
from matchsvc.web.words import language_of_reader

ANSWER = {Answer.YES: _l("Ja"), Answer.NO: _l("Nej")}
VERDICT = {
    Verdict.MET: _l("Uppfylld"),
    Verdict.NOT_MET: _l("Inte uppfylld"),
    Verdict.UNKNOWN: _l("Inte känd"),
}
#: The colour of each verdict's tag.
TAG = {Verdict.MET: "gran", Verdict.NOT_MET: "lingon", Verdict.UNKNOWN: "plain"}


def criteria() -> list[tuple[str, str]]:
    """Every criterion and its words."""
    return [(each.value, _(words)) for each, words in CRITERION_WORDS.items()]


def levels() -> list[tuple[str, str]]:
    """Every level of school and its words."""
    return [(each.value, _(words)) for each, words in LEVEL_WORDS.items()]


def sexes() -> list[tuple[str, str]]:
    """Those that a rule may name."""
    return [(each.value, _(words)) for each, words in SEX_WORDS.items()]


def words_of(finding: Finding) -> str:
    """The rule in the reader's language."""
    values = {
        name: _(value) if isinstance(value, Phrase) else value
        for name, value in finding.values.items()
    }
    said = str(_(finding.words))
    return said % values if values else said


def rule_lines(version: ProgrammeVersion) -> list[str]:
    """A version's rules, one sentence each."""
    rules = AdmissionRules.from_data(version.rules)
    return [words_of(each) for each in evaluate(rules, Facts(), day=version.valid_from)]


def country_names(version: ProgrammeVersion) -> list[str]:
    """The countries that a version names, in the reader's language."""
    names = names_by_code(language_of_reader())
    return sorted(names.get(code, code) for code in version.rules.get("not_born_in", []))

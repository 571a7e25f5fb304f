"""Putting lists of concepts into the database: new, changed, gone, back; never deleted."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from matchsvc.errors import Conflict
from matchsvc.vocabulary.concept_file import read_concept_files
from matchsvc.vocabulary.lists import BrokenList, ConceptList, ConceptRow, Sort
from matchsvc.vocabulary.loading import carry_out, load_list, plan_load
from matchsvc.vocabulary.models import (
    Concept,
    ConceptRelation,
    ConceptTerm,
    ConceptType,
    Condition,
    RelationKind,
    Scheme,
    VocabularyVersion,
)
from matchsvc.vocabulary.starter import load_starter, read_starter

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SKILL = ConceptType.SKILL
SKILLS = frozenset({Sort(SKILL)})
ALL = frozenset((kind, relation) for kind in ConceptType for relation in RelationKind)


def row(concept_id, label="Ord", **details):
    details.setdefault("label_en", f"{label} in English")
    return ConceptRow(id=concept_id, type=SKILL, label_sv=label, **details)


def as_list(*rows, checksum="1", decides=ALL, covered=SKILLS):
    return ConceptList(
        scheme=Scheme.ESCO,
        version=f"v{checksum}",
        checksum=checksum * 64,
        concepts={one.id: one for one in rows},
        covered=covered,
        decides=decides,
    )


@pytest.fixture
def load(session):
    def put(*rows, **details):
        return load_list(session, as_list(*rows, **details), by="test", now=NOW)

    return put


def versions(session, scheme=Scheme.ESCO):
    counted = select(func.count()).select_from(VocabularyVersion)
    return session.scalar(counted.where(VocabularyVersion.scheme == scheme))


def phrases(session, concept_id):
    rows = session.scalars(
        select(ConceptTerm).where(
            ConceptTerm.concept_id == concept_id, ConceptTerm.language == "sv"
        )
    )
    return {one.text for one in rows}


def test_the_starter_vocabulary_is_there_after_an_upgrade(session):
    concept = session.get(Concept, "laga-mat-storkok")
    assert concept.label_sv == "Laga mat i större mängd"
    assert concept.parent_id == "laga-mat"
    assert session.get(Condition, "lyfta-hogst-10").need_sv == "Lyfta högst 10 kg"


def test_loading_the_starter_vocabulary_again_changes_nothing(session):
    result = load_starter(session)
    assert not result.has_changed_anything
    assert result.unchanged == len(read_starter().concepts)
    assert versions(session, Scheme.STARTER) == 1


def test_a_corrected_word_reaches_a_database_that_has_an_older_list(session):
    session.get(Concept, "sy").label_sv = "Något gammalt"
    session.get(Condition, "lyfta-hogst-10").need_sv = "Något gammalt"
    session.scalars(select(VocabularyVersion)).one().checksum = "older"
    session.flush()

    result = load_starter(session)

    assert (result.created, result.updated, result.deprecated) == (0, 1, 0)
    session.expire_all()
    assert session.get(Concept, "sy").label_sv == "Sy och laga kläder"
    assert session.get(Condition, "lyfta-hogst-10").need_sv == "Lyfta högst 10 kg"
    assert versions(session, Scheme.STARTER) == 2


def test_a_condition_that_the_list_no_longer_has_is_deprecated(session):
    kept = session.get(Condition, "utan-trappor")
    values = {c.name: getattr(kept, c.name) for c in Condition.__table__.columns}
    session.add(Condition(**values | {"id": "gammal"}))
    session.flush()
    load_starter(session)
    session.expire_all()
    assert session.get(Condition, "gammal").is_deprecated
    assert not session.get(Condition, "utan-trappor").is_deprecated


def test_children_may_stand_before_their_parents_in_a_list(session, load):
    load(row("c", parent_id="b"), row("b", parent_id="a"), row("a"))
    assert session.get(Concept, "c").parent_id == "b"


def test_the_same_list_again_leaves_no_version(session, load):
    assert load(row("a"), checksum="1").has_changed_anything
    assert not load(row("a"), checksum="1").has_changed_anything
    assert not load(row("a"), checksum="2").has_changed_anything  # other bytes, same words
    assert versions(session) == 1


def test_what_the_list_no_longer_has_is_deprecated_and_comes_back(session, load):
    load(row("a"), row("b"), checksum="1")
    assert load(row("a"), checksum="2").deprecated == 1
    assert session.get(Concept, "b").is_deprecated

    assert load(row("a"), row("b"), checksum="3").updated == 1
    assert not session.get(Concept, "b").is_deprecated


def test_types_that_the_files_do_not_cover_are_left_alone(session, load):
    load(row("a"), row("b"), checksum="1")
    result = load(row("a"), checksum="2", covered=frozenset({Sort(ConceptType.OCCUPATION)}))
    assert result.deprecated == 0
    assert not session.get(Concept, "b").is_deprecated


def test_the_version_that_last_changed_a_concept_is_kept(session, load):
    load(row("a"), row("b"), checksum="1")
    load(row("a", "Nytt"), row("b"), checksum="2")
    names = {
        concept_id: session.get(VocabularyVersion, session.get(Concept, concept_id).version_id).name
        for concept_id in ("a", "b")
    }
    assert names == {"a": "v2", "b": "v1"}


def test_phrases_are_added_and_taken_away(session, load):
    load(row("a", phrases=("ett", "två")), checksum="1")
    result = load(row("a", phrases=("två", "tre")), checksum="2")
    assert (result.updated, result.unchanged) == (1, 0)
    assert phrases(session, "a") == {"två", "tre"}


def test_relations_are_kept_when_the_files_do_not_tell(session, load):
    related = (("b", RelationKind.OPTIONAL),)
    load(row("a", parent_id="b", related=related), row("b"), checksum="1")
    result = load(row("a", "Nytt namn"), row("b"), checksum="2", decides=frozenset())
    assert result.updated == 1
    assert session.get(Concept, "a").parent_id == "b"
    assert session.get(ConceptRelation, ("a", "b", RelationKind.OPTIONAL)) is not None

    load(row("a", "Nytt namn"), row("b"), checksum="3", decides=ALL)
    assert session.get(Concept, "a").parent_id is None
    session.expire_all()
    assert session.get(ConceptRelation, ("a", "b", RelationKind.OPTIONAL)) is None


def test_another_list_is_not_touched(session, load):
    before = session.scalar(select(func.count()).where(Concept.scheme == Scheme.STARTER))
    load(row("a"))
    stored = (Concept.scheme == Scheme.STARTER, Concept.is_deprecated.is_(False))
    assert session.scalar(select(func.count()).where(*stored)) == before


# --- our own file ---------------------------------------------------------------------------

HEADING = "Id;Typ;Ord;Engelska;Hör till;Så sägs det\n"


@pytest.fixture
def read(tmp_path):
    def from_text(text, **options):
        path = tmp_path / "egna.csv"
        path.write_text(text, encoding="utf-8")
        return read_concept_files([path], Scheme.LOCAL, **options)

    return from_text


def refused(read, text, **options):
    with pytest.raises(BrokenList) as refusal:
        read(text, **options)
    return refusal.value.fields


def test_a_units_own_words_may_belong_under_the_starter_vocabularys(session, read):
    text = HEADING + "glasa;färdighet;Glasa  fönster;Glaze windows;bygga;sätta glas|byta rutor\n"
    result = load_list(session, read(text, known=frozenset({"bygga"})), by="test", now=NOW)
    assert result.created == 1
    assert session.get(Concept, "glasa").label_sv == "Glasa fönster"
    assert phrases(session, "glasa") == {"sätta glas", "byta rutor"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_usual_delimiter_and_keys_for_headings_are_read(read, delimiter):
    table = [["\ufeffID", " type ", "label_sv", "Engelska"], ["a", "skill", "Ord", "Word"]]
    concepts = read("\n".join(delimiter.join(cells) for cells in table)).concepts
    assert concepts["a"].label_sv == "Ord"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("Id;Typ;Ord\n", "egna.csv rad 1", "engelska"),
        ("Id;Typ;Ord;Engelska;Färg\n", "egna.csv rad 1", "Färg"),
        ("Id;Id;Typ;Ord;Engelska\n", "egna.csv rad 1", "två gånger"),
        (HEADING + "a b;skill;Ord;Word;;\n", "egna.csv rad 2", "Id får bara"),
        (HEADING + "a|b;skill;Ord;Word;;\n", "egna.csv rad 2", "Id får bara"),
        (HEADING + "a;saga;Ord;Word;;\n", "egna.csv rad 2", "Typ ska vara"),
        (HEADING + "a;skill;;Word;;\n", "egna.csv rad 2", "Skriv ett namn"),
        (HEADING + f"a;skill;{'x' * 201};Word;;\n", "egna.csv rad 2", "Korta den"),
        (HEADING + "a;skill;Ord;Word;;\n\na;skill;Ord;Word;;\n", "egna.csv rad 4", "finns redan"),
        (HEADING + "a;skill;Ord;Word;b;\n", "egna.csv rad 2", "inget ord med id b"),
        (HEADING + "a;skill;A;A;b;\nb;skill;B;B;a;\n", "egna.csv rad 2", "tillbaka till ordet"),
        (HEADING + "a;skill;Ord\n", "egna.csv rad 2", "3 celler"),
        (HEADING + 'a;skill;"Ord;Word;;\n', "egna.csv rad 2", "citattecken"),
    ],
)
def test_what_is_wrong_is_told_by_row(read, text, place, words):
    problems = refused(read, text)
    assert words in problems[place]


def test_an_id_of_another_list_is_not_taken(read):
    text = HEADING + "sy;skill;Ord;Word;;\n"
    assert "finns redan" in refused(read, text, known=frozenset({"sy"}))["egna.csv rad 2"]


def test_a_missing_or_foreign_file_is_told(tmp_path):
    with pytest.raises(BrokenList):
        read_concept_files([tmp_path / "saknas.csv"], Scheme.LOCAL)
    path = tmp_path / "latin.csv"
    path.write_bytes("Id;Typ;Ord;Engelska\na;skill;Kök;Kitchen\n".encode("cp1252"))
    with pytest.raises(BrokenList) as refusal:
        read_concept_files([path], Scheme.LOCAL)
    assert "UTF-8" in refusal.value.fields["latin.csv"]


def test_a_list_with_another_version_name_is_the_same_list(session):
    read_again = replace(read_starter(), version="9", checksum="x" * 64)
    assert not load_list(session, read_again, by="test", now=NOW).has_changed_anything


def test_a_list_may_say_itself_what_is_no_longer_in_use(session, load):
    load(row("a"), row("b"))
    ended = replace(as_list(row("a"), checksum="2", covered=frozenset()), ended=frozenset({"b"}))
    assert load_list(session, ended, by="test", now=NOW).deprecated == 1
    assert session.get(Concept, "b").is_deprecated


def test_headings_stay_when_a_file_is_about_other_sorts(load):
    load(row("a"), row("g", is_group=True))
    only = frozenset({Sort(SKILL, is_group=False)})
    assert load(row("a"), checksum="2", covered=only).deprecated == 0


def test_what_changed_is_told_by_kind_and_by_name(load):
    load(row("a", "Gammalt"), row("b"), row("c"), row("g"))
    result = load(
        row("a", "Nytt"), row("b", parent_id="g"), row("c", phrases=("annat",)), row("g"),
        checksum="2",
    )  # fmt: skip
    assert result.changed_parts == {"labels": 1, "lines": 1, "words": 2, "relations": 0, "back": 0}
    [change] = result.label_changes
    assert (change.id, change.before, change.after) == ("a", "Gammalt", "Nytt")


def test_a_plan_made_before_somebody_elses_change_is_not_carried_out(session, load):
    plan = plan_load(session, as_list(row("a"), checksum="2"))
    load(row("b"))
    with pytest.raises(Conflict):
        carry_out(session, plan, by="test", now=NOW)
    assert session.get(Concept, "a") is None


def test_an_id_of_another_list_is_refused(session):
    with pytest.raises(BrokenList) as refusal:
        load_list(session, as_list(row("laga-mat")), by="test", now=NOW)
    assert list(refusal.value.fields) == ["laga-mat"]


def test_a_word_that_a_unit_added_and_the_program_now_brings_becomes_the_programs(session):
    local = ConceptList(
        Scheme.LOCAL, "", "c" * 64, {"ny": row("ny", "Nytt ord")}, SKILLS, frozenset()
    )
    load_list(session, local, by="test", now=NOW)
    shipped = read_starter()
    more = {**shipped.concepts, "ny": row("ny", "Nytt ord för alla")}
    load_list(session, replace(shipped, concepts=more, checksum="d" * 64), by="matchsvc", now=None)
    found = session.get(Concept, "ny")
    assert (found.scheme, found.label_sv) == (Scheme.STARTER, "Nytt ord för alla")

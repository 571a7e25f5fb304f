"""Reading JobTech Taxonomy's dumps: an invented handful of concepts in the published shape."""

import contextlib
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchsvc.vocabulary.jobtech import read_jobtech
from matchsvc.vocabulary.lists import BrokenList, Sort
from matchsvc.vocabulary.loading import load_list
from matchsvc.vocabulary.models import Concept, ConceptType, RelationKind

OCCUPATION = ConceptType.OCCUPATION


def concept(number, label="Ord", kind="skill", **more):
    return {"id": f"c{number}", "type": kind, "preferred_label": label, **more}


def group(number, code, label="Grupp", **more):
    return concept(number, label, f"ssyk-level-{len(code)}", ssyk_code_2012=code, **more)


def to(*numbers):
    return [{"id": f"c{number}", "preferred_label": "x", "type": "x"} for number in numbers]


@pytest.fixture
def read(tmp_path):
    def write_and_read(*concepts, name="dump.json", **options):
        path = tmp_path / name
        path.write_text(json.dumps({"data": {"concepts": concepts}}), encoding="utf-8")
        return read_jobtech([path], **options)

    return write_and_read


def problems(call, *args, **options):
    with pytest.raises(BrokenList) as refusal:
        call(*args, **options)
    return refusal.value.fields


def test_groups_of_ssyk_are_headings_with_their_code(read):
    listed = read(
        group(1, "3511", "Drifttekniker, IT", definition="Sköter\n daglig drift.")
    ).concepts
    found = listed["jobtech-c1"]
    assert (found.type, found.is_group, found.ssyk_code) == (OCCUPATION, True, "3511")
    assert (found.label_sv, found.description) == ("Drifttekniker, IT", "Sköter daglig drift.")


def test_other_names_lines_and_relations_are_read(read):
    listed = read(
        group(1, "5120"),
        concept(2, "Kock", "occupation-name", alternative_labels=["Kallskänka"], broader=to(1)),
        concept(3, "Matlagning", related=to(2)),
    ).concepts
    cook = listed["jobtech-c2"]
    assert (cook.parent_id, cook.phrases) == ("jobtech-c1", ("Kallskänka",))
    assert listed["jobtech-c3"].related == (("jobtech-c2", RelationKind.RELATED),)


def test_narrower_says_the_same_as_broader(read):
    listed = read(
        concept(1, kind="skill-headline", narrower=to(2)), concept(2, related=[])
    ).concepts
    assert listed["jobtech-c2"].parent_id == "jobtech-c1"
    assert listed["jobtech-c1"].is_group


def test_of_several_lines_the_one_with_the_fewest_beneath_is_chosen(read):
    field = concept(1, kind="occupation-field", narrower=to(3, 4))
    listed = read(
        field, group(2, "5120", narrower=to(3)), concept(3, kind="occupation-name"),
        concept(4, kind="occupation-name"),
    ).concepts  # fmt: skip
    assert listed["jobtech-c3"].parent_id == "jobtech-c2"
    assert len(listed["jobtech-c3"].related) == 2


def test_a_line_may_lead_to_what_was_read_before(read):
    told = concept(2, kind="occupation-name", broader=to(1, 9))
    alone = read(told, known=frozenset({"jobtech-c1"}))
    assert alone.concepts["jobtech-c2"].parent_id == "jobtech-c1"
    assert alone.warnings == ("1 rader uppåt leder till något som inte finns i filerna.",)


def test_the_keys_of_the_interface_with_hyphens_are_understood_too(read):
    told = {
        "id": "c1",
        "type": "ssyk-level-4",
        "preferred-label": "Kockar",
        "ssyk-code-2012": "5120",
    }
    assert read(told).concepts["jobtech-c1"].ssyk_code == "5120"


def test_other_kinds_are_passed_over_and_told(read):
    told = read(concept(1), concept(2, kind="region"), concept(3, kind="region"))
    assert told.warnings == ("Används inte: 2 region.",)
    assert list(told.concepts) == ["jobtech-c1"]


def test_what_is_deprecated_is_flagged_where_it_is_stored(read, session):
    load_list(session, read(concept(1), concept(2)), by="test", now=None)
    newer = read(concept(1), concept(2, deprecated=True), concept(3, deprecated=True))
    assert load_list(session, newer, by="test", now=None).deprecated == 1
    assert session.get(Concept, "jobtech-c2").is_deprecated
    assert session.get(Concept, "jobtech-c3") is None


def test_a_file_of_one_level_leaves_the_others_alone(read, session):
    load_list(session, read(group(1, "512"), group(2, "5120")), by="test", now=None)
    only = read(group(2, "5120", "Kockar"))
    assert only.covered == {Sort(OCCUPATION, is_group=True, digits=4)}
    assert load_list(session, only, by="test", now=None).deprecated == 0


def test_a_dump_without_lines_leaves_stored_lines_alone(read, session):
    load_list(session, read(group(1, "5120"), concept(2, "Kock", "occupation-name", broader=to(1))),
              by="test", now=None)  # fmt: skip
    plain = read(group(1, "5120"), concept(2, "Kock i kök", "occupation-name"))
    load_list(session, plain, by="test", now=None)
    assert session.get(Concept, "jobtech-c2").parent_id == "jobtech-c1"


def test_every_wrong_concept_is_told_with_its_place(read):
    told = problems(
        read, concept(1, ""), {"type": "skill"}, "text", concept(4), concept(4),
        concept(5, "x" * 300), group(6, "51"), concept(7, kind="ssyk-level-4"),
    )  # fmt: skip
    assert list(told) == [f"dump.json begrepp {number}" for number in (1, 2, 3, 5, 6, 8)]


def test_lines_in_a_ring_are_refused(read):
    told = problems(read, concept(1, broader=to(2)), concept(2, broader=to(1)))
    assert set(told.values()) == {"Raderna uppåt leder runt i en ring."}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "JSON"),
        (b'{"data":', "JSON"),
        (b"\xff\xfe{", "UTF-8"),
        (b'{"data": {"concepts": {}}}', "formen"),
        (b'"text"', "formen"),
        (b"[" * 100_000, "JSON"),
        (b'[{"id": ' + b"9" * 10_000 + b"}]", "JSON"),
        (b"[]", "inga begrepp"),
    ],
)
def test_a_broken_file_is_refused_in_words(tmp_path, content, said):
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    [message] = problems(read_jobtech, [path]).values()
    assert said in message


def test_a_folder_without_dumps_and_a_file_that_is_gone_are_told(tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    told = problems(read_jobtech, [folder, tmp_path / "gone.json"])
    assert list(told) == ["empty", "gone.json"]


def test_half_a_sign_never_reaches_the_database(tmp_path, session):
    path = tmp_path / "odd.json"
    path.write_bytes(b'[{"id": "c1", "type": "skill", "preferred_label": "a\\ud800b\\u0000c"}]')
    load_list(session, read_jobtech([path]), by="test", now=None)
    assert session.get(Concept, "jobtech-c1").label_sv == "abc"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["id", "type", "preferred_label", "broader", "narrower", "related",
                         "alternative_labels", "definition", "uri", "data", "concepts"])
        | st.text(max_size=4),
        inner, max_size=5),
    max_leaves=20,
)  # fmt: skip
KIND = st.sampled_from(["skill", "ssyk-level-4", "language"])


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.binary(max_size=300)
    | st.lists(JSON | st.fixed_dictionaries({"id": JSON, "type": KIND, "preferred_label": JSON,
                                             "broader": JSON}), max_size=4)
    .map(lambda told: json.dumps(told).encode())
)  # fmt: skip
def test_any_file_is_a_list_or_a_refusal(tmp_path, content):
    path = tmp_path / "any.json"
    path.write_bytes(content)
    with contextlib.suppress(BrokenList):
        read_jobtech([path])

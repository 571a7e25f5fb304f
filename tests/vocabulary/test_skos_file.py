"""Reading tables with SKOS headings, beside our own."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchsvc.vocabulary.lists import BrokenList
from matchsvc.vocabulary.loading import load_list
from matchsvc.vocabulary.models import Concept, ConceptType, RelationKind, Scheme
from matchsvc.vocabulary.skos_file import id_of, read_tables

HEADING = "conceptUri,prefLabel@sv,prefLabel_en,altLabel,broader,related,type,status"
BASE = "https://example.org/words"


@pytest.fixture
def read(tmp_path):
    def write_and_read(*rows, heading=HEADING, name="ord.csv", **options):
        path = tmp_path / name
        path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
        return read_tables([path], **options)

    return write_and_read


def problems(call, *args, **options):
    with pytest.raises(BrokenList) as refusal:
        call(*args, **options)
    return refusal.value.fields


def test_a_row_becomes_a_concept_of_the_units_own_list(read):
    listed = read(f"{BASE}/polish,putsa skedar,polish spoons,blanka|gnugga,,,skill,")
    spoons = listed.concepts["uri-polish"]
    assert listed.scheme is Scheme.LOCAL
    assert (spoons.label_sv, spoons.label_en) == ("putsa skedar", "polish spoons")
    assert spoons.phrases == ("blanka", "gnugga")
    assert (spoons.uri, spoons.type) == (f"{BASE}/polish", ConceptType.SKILL)


@pytest.mark.parametrize(
    "heading",
    [
        "conceptUri;skos:prefLabel@sv;skos:prefLabel@en",
        "URI;preferredLabel_sv;preferredLabel_en",
        "Concept Uri;PREFLABEL;prefLabel@en-GB",
        "id\tprefLabel@sv\tprefLabel@en",
    ],
)
def test_headings_are_understood_as_tools_write_them(read, heading):
    row = f"{BASE}#polish;putsa;polish".replace(";", "\t" if "\t" in heading else ";")
    [spoons] = read(row, heading=heading).concepts.values()
    assert (spoons.id, spoons.label_sv, spoons.label_en) == ("uri-polish", "putsa", "polish")


def test_without_swedish_the_english_name_is_shown_and_says_so(read):
    [hum] = read("h,hum,,,,,,", heading=HEADING.replace("prefLabel@sv", "prefLabel@en").replace(
        "prefLabel_en", "prefLabel@ar")).concepts.values()  # fmt: skip
    assert (hum.label_sv, hum.has_swedish_label) == ("hum", False)


def test_lines_lead_to_addresses_to_ids_and_to_escos(read):
    listed = read(
        f"{BASE}/a,a1,,,{BASE}/b,,,",
        f"{BASE}/b,b1,,,laga-mat,,,",
        "own,c1,,,http://data.europa.eu/esco/skill/7,uri-a,,",
        known=frozenset({"laga-mat", "esco-7"}),
    ).concepts
    assert listed["uri-a"].parent_id == "uri-b"
    assert listed["uri-b"].parent_id == "laga-mat"
    assert listed["own"].parent_id == "esco-7"
    assert ("uri-a", RelationKind.RELATED) in listed["own"].related


def test_of_several_lines_one_is_chosen_and_all_are_kept(read):
    listed = read("x,x1,,,a|b,,,", "y,y1,,,a,,,", "a,a1,,,,,,", "b,b1,,,,,,").concepts
    assert listed["x"].parent_id == "b"
    assert {one for one, _ in listed["x"].related} == {"a", "b"}


def test_a_table_of_our_own_and_one_of_skos_are_one_list(read, tmp_path):
    own = tmp_path / "egen.csv"
    own.write_text("Id,Typ,Ord,Engelska,Hör till\nrot,färdighet,Rot,Root,\n", encoding="utf-8")
    (tmp_path / "ord.csv").write_text(f"{HEADING}\nblad,Blad,Leaf,,rot,,,\n", encoding="utf-8")
    listed = read_tables([tmp_path]).concepts
    assert listed["blad"].parent_id == "rot"


def test_what_is_deprecated_is_flagged_where_it_is_stored(read, session):
    load_list(session, read("a,a1,,,,,,", "b,b1,,,,,,"), by="test", now=None)
    newer = read("a,a1,,,,,,", "b,b1,,,,,,deprecated")
    assert load_list(session, newer, by="test", now=None).deprecated == 1
    assert session.get(Concept, "b").is_deprecated


def test_columns_that_are_not_used_are_told_and_so_is_a_missing_type(read):
    warnings = read("a,a1,x", heading="conceptUri,prefLabel,inScheme").warnings
    assert warnings == (
        "ord.csv: kolumner som inte används: inScheme.",
        "ord.csv: kolumnen type saknas, allt läses som färdigheter.",
    )


def test_every_wrong_row_is_told_at_once(read):
    told = problems(
        read,
        ",namn,,,,,,",
        "b,,,,,,,",
        "c d,namn,,,,,,",
        "d,namn,,,,,saga,",
        "e,namn,,,,,,kanske",
        "f,namn,,,finns-inte,,,",
        "g,namn,,",
        "ok,namn,,,,,,",
        "ok,namn,,,,,,",
    )
    assert set(told) == {f"ord.csv rad {row}" for row in (2, 3, 4, 5, 6, 7, 8, 10)}


def test_an_id_of_another_list_is_not_taken(read):
    told = problems(read, "laga-mat,namn,,,,,,", known=frozenset({"laga-mat"}))
    assert list(told) == ["ord.csv rad 2"]


def test_lines_in_a_ring_are_refused(read):
    told = problems(read, "a,a1,,,b,,,", "b,b1,,,a,,,")
    assert "ring" in " ".join(told.values())


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("conceptUri,comment", "prefLabel@sv"),
        ("prefLabel,altLabel", "conceptUri"),
        ("conceptUri,prefLabel,prefLabel@sv", "samma sak: label@sv"),
    ],
)
def test_headings_that_do_not_do_are_told(read, heading, said):
    told = problems(read, heading=heading)
    assert said in told["ord.csv rad 1"]


def test_problems_of_all_files_are_told_together(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"conceptUri,prefLabel\nx,\xe5\n")
    (tmp_path / "b.csv").write_text("conceptUri,prefLabel\nx,\n", encoding="utf-8")
    assert list(problems(read_tables, [tmp_path])) == ["a.csv", "b.csv rad 2"]


def test_an_address_without_a_usable_end_gets_an_id_that_never_changes():
    assert id_of("https://example.org/å ä") == id_of("https://example.org/å ä")
    assert id_of("https://example.org/å ä") != id_of("https://example.org/ö ä")
    assert id_of("https://example.org/å ä").startswith("uri-")


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8")),
       st.sampled_from([HEADING, "id;typ;ord;engelska", ""]))  # fmt: skip
def test_any_bytes_are_a_list_or_a_refusal(tmp_path, content, heading):
    path = tmp_path / "any.csv"
    path.write_bytes(heading.encode() + b"\n" + content)
    with contextlib.suppress(BrokenList):
        read_tables([path])

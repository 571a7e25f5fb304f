"""Reading ESCO's files: an invented handful of concepts in the official columns."""

import contextlib
import csv

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchsvc.vocabulary.esco import concept_id, read_esco
from matchsvc.vocabulary.lists import BrokenList, Sort, nearest_parents
from matchsvc.vocabulary.models import ConceptType, RelationKind, Scheme

BASE = "http://data.europa.eu/esco"
CONCEPT = ["conceptType", "conceptUri", "preferredLabel", "altLabels", "status", "description"]


def skill(number):
    return f"{BASE}/skill/00000000-0000-4000-8000-{number:012}"


def occupation(number):
    return f"{BASE}/occupation/00000000-0000-4000-9000-{number:012}"


def own(number):
    return concept_id(skill(number))


class Files:
    """Writes files such as the download has; every method can be called again to replace."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()

    def table(self, name, columns, rows):
        with (self.folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([columns, *rows])
        return self

    def concepts(self, name, rows):
        return self.table(
            name,
            CONCEPT,
            [["X", uri, label, alternatives, "released", ""] for uri, label, alternatives in rows],
        )

    def broader(self, rows, pillar="Skill"):
        return self.table(
            f"broaderRelations{pillar}Pillar.csv",
            ["conceptType", "conceptUri", "broaderType", "broaderUri"],
            [["X", low, "X", high] for low, high in rows],
        )


@pytest.fixture
def files(tmp_path):
    """Group 9 over group 8 and skill 3; group 8 over 1 and 2; 1 also under 9."""
    made = Files(tmp_path / "esco-v7.1.2")
    made.concepts(
        "skills_en.csv",
        [
            (skill(1), "polish spoons", "shine spoons\nrub spoons"),
            (skill(2), "count spoons", ""),
            (skill(3), "hum while working", ""),
        ],
    )
    made.concepts(
        "skills_sv.csv",
        [
            (skill(1), "putsa skedar", "blanka  skedar\nfå skedar att glänsa"),
            (skill(2), "räkna skedar", ""),
        ],
    )
    made.concepts("skillGroups_en.csv", [(skill(8), "spoon work", ""), (skill(9), "work", "")])
    made.broader([(skill(1), skill(8)), (skill(1), skill(9)), (skill(2), skill(8)),
                  (skill(3), skill(9)), (skill(8), skill(9))])  # fmt: skip
    made.table(
        "occupations_en.csv",
        ["conceptType", "conceptUri", "iscoGroup", "preferredLabel", "altLabels"],
        [["Occupation", occupation(1), "9999", "spoon polisher", ""]],
    )
    made.table(
        "ISCOGroups_sv.csv",
        ["conceptType", "conceptUri", "code", "preferredLabel"],
        [["ISCOGroup", f"{BASE}/isco/C9999", "9999", "Skedarbetare"]],
    )
    made.broader([(occupation(1), f"{BASE}/isco/C9999")], pillar="Occ")
    made.table(
        "occupationSkillRelations.csv",
        ["occupationUri", "relationType", "skillType", "skillUri"],
        [
            [occupation(1), "essential", "skill/competence", skill(1)],
            [occupation(1), "optional", "skill/competence", skill(2)],
            [occupation(1), "optional", "skill/competence", skill(77)],
        ],
    )
    made.table("conceptSchemes_en.csv", ["a"], [["b"]])
    return made


def problems_in(files, *paths):
    with pytest.raises(BrokenList) as refusal:
        read_esco(paths or [files.folder])
    return refusal.value.fields


def test_a_folder_becomes_a_list_with_version_and_both_languages(files):
    read = read_esco([files.folder])

    assert (read.scheme, read.version) == (Scheme.ESCO, "7.1.2")
    spoons = read.concepts[own(1)]
    assert (spoons.label_sv, spoons.label_en) == ("putsa skedar", "polish spoons")
    assert spoons.phrases == ("blanka skedar", "få skedar att glänsa")
    assert spoons.uri == skill(1)
    assert spoons.type is ConceptType.SKILL


def test_a_concept_without_a_swedish_name_is_shown_in_english_and_says_so(files):
    hum = read_esco([files.folder]).concepts[own(3)]
    assert (hum.label_sv, hum.has_swedish_label) == ("hum while working", False)


def test_groups_are_headings_and_occupations_know_their_group(files):
    concepts = read_esco([files.folder]).concepts
    assert concepts[own(8)].is_group
    assert not concepts[own(1)].is_group
    polisher = concepts[concept_id(occupation(1))]
    assert (polisher.parent_id, polisher.isco_code) == ("isco-C9999", "9999")
    assert concepts["isco-C9999"].is_group


def test_the_line_upward_goes_to_the_parent_with_the_fewest_beneath_it(files):
    concepts = read_esco([files.folder]).concepts
    assert concepts[own(1)].parent_id == own(8)
    assert concepts[own(8)].parent_id == own(9)
    assert concepts[own(9)].parent_id is None


def test_every_line_the_source_gives_is_kept_as_a_relation(files):
    related = read_esco([files.folder]).concepts[own(1)].related
    assert set(related) == {(own(8), RelationKind.BROADER), (own(9), RelationKind.BROADER)}


def test_an_occupations_skills_are_kept_and_those_that_are_nowhere_are_told(files):
    read = read_esco([files.folder])
    related = dict(read.concepts[concept_id(occupation(1))].related)
    assert related[own(1)] is RelationKind.ESSENTIAL
    assert related[own(2)] is RelationKind.OPTIONAL
    assert any(warning.startswith("1 relationer") for warning in read.warnings)


def test_files_that_are_not_used_are_named(files):
    assert "Används inte: conceptSchemes_en.csv." in read_esco([files.folder]).warnings


def test_the_same_files_have_the_same_checksum_and_a_changed_word_another(files):
    before = read_esco([files.folder]).checksum
    assert read_esco([files.folder]).checksum == before
    files.concepts("skills_sv.csv", [(skill(1), "gnida skedar", "")])
    assert read_esco([files.folder]).checksum != before


def test_what_is_not_released_is_left_out(files):
    files.table("skills_en.csv", CONCEPT, [["X", skill(1), "polish", "", "obsolete", ""]])
    files.concepts("skills_sv.csv", [])
    assert own(1) not in read_esco([files.folder]).concepts


def test_equal_parents_are_told_apart_by_the_smallest_id():
    assert nearest_parents({"x": ["b", "a"], "y": ["b"], "z": ["a"]})["x"] == "a"


def test_the_count_beneath_a_parent_is_of_concepts_not_of_ways_to_them():
    # Beneath "a" lie x, m, n and y: y is reached in two ways but is one. Beneath "b" lie five.
    broader = {"x": ["a", "b"], "m": ["a"], "n": ["a"], "y": ["m", "n"]}
    broader |= {name: ["b"] for name in ("o", "p", "q", "r")}
    assert nearest_parents(broader)["x"] == "a"


@pytest.mark.parametrize(
    ("rows", "row"),
    [
        ([(1, 8), (8, 9), (9, 8)], "rad 3"),
        ([(8, 8)], "rad 2"),
    ],
)
def test_lines_that_lead_round_in_a_ring_are_refused_with_their_row(files, rows, row):
    files.broader([(skill(low), skill(high)) for low, high in rows])
    assert any(place.endswith(row) for place in problems_in(files))


def test_a_missing_column_is_told(files):
    files.table("skills_sv.csv", ["conceptUri", "label"], [])
    assert problems_in(files) == {"skills_sv.csv rad 1": "Kolumner saknas: preferredLabel."}


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "http://data.europa.eu/esco/skill/../../x",
        "http://data.europa.eu/esco/skill/a:b|c",
        "https://example.org/esco/skill/1",
        "",
    ],
)
def test_an_address_outside_esco_is_refused_with_its_row(files, uri):
    files.concepts("skills_sv.csv", [(skill(1), "putsa skedar", ""), (uri, "något", "")])
    assert problems_in(files) == {"skills_sv.csv rad 3": "conceptUri är inte en adress i ESCO."}


def test_every_wrong_row_is_told_at_once(files):
    files.concepts(
        "skills_sv.csv", [(skill(1), "", ""), (skill(2), "x" * 500, ""), (skill(3), "a", "y" * 300)]
    )
    assert list(problems_in(files)) == [f"skills_sv.csv rad {row}" for row in (2, 3, 4)]


def test_an_address_twice_in_a_file_is_refused(files):
    files.concepts("skills_sv.csv", [(skill(1), "putsa", ""), (skill(1), "gnida", "")])
    assert problems_in(files) == {"skills_sv.csv rad 3": "Adressen står två gånger i filen."}


def test_a_row_counts_as_one_row_however_many_lines_it_has(files):
    files.concepts("skills_sv.csv", [(skill(1), "a", "b\nc\nd"), ("fel", "e", "")])
    assert set(problems_in(files)) == {"skills_sv.csv rad 3"}


def test_a_file_that_is_not_utf8_is_refused(files):
    (files.folder / "skills_sv.csv").write_bytes(b"conceptUri,preferredLabel\n\xe5\xe4\xf6,x\n")
    assert "UTF-8" in next(iter(problems_in(files).values()))


def test_an_endless_quoted_cell_is_refused(files):
    (files.folder / "skills_sv.csv").write_text(
        'conceptUri,preferredLabel\n"' + "x" * 200_000, encoding="utf-8"
    )
    assert list(problems_in(files)) == ["skills_sv.csv rad 2"]


def test_a_row_with_too_few_cells_is_refused(files):
    (files.folder / "skills_sv.csv").write_text("conceptUri,preferredLabel\nx\n", encoding="utf-8")
    assert problems_in(files) == {"skills_sv.csv rad 2": "Raden har fel antal celler."}


def test_a_flood_of_wrong_rows_stops_at_fifty(files):
    files.concepts("skills_sv.csv", [("fel", "x", "")] * 1000)
    assert len(problems_in(files)) == 50


def test_a_file_of_another_name_is_refused_and_an_empty_folder_too(files, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("a\n", encoding="utf-8")
    assert "känns inte igen" in problems_in(files, other)["other.csv"]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert problems_in(files, empty) == {"empty": "Här finns inga av ESCO:s filer."}


def test_control_signs_in_a_label_are_dropped(files):
    files.concepts("skills_sv.csv", [(skill(1), "putsa\x0b ske\x92\x07dar", "")])
    assert read_esco([files.folder]).concepts[own(1)].label_sv == "putsa skedar"


def test_names_in_a_third_language_are_kept_beside_the_others(files):
    files.concepts("skills_ar.csv", [(skill(1), "تلميع الملاعق", ""), (skill(44), "شيء", "")])
    read = read_esco([files.folder])
    assert read.concepts[own(1)].names == (("ar", "تلميع الملاعق"),)
    assert own(44) not in read.concepts
    assert any("saknar både svenskt och engelskt namn" in warning for warning in read.warnings)


def test_without_a_swedish_name_the_english_ways_to_say_it_are_kept_too(files):
    files.concepts("skills_en.csv", [(skill(3), "hum while working", "hum\nhum a tune")])
    hum = read_esco([files.folder]).concepts[own(3)]
    assert hum.names == (("en", "hum"), ("en", "hum a tune"))


def test_a_file_of_skills_says_nothing_about_groups(files):
    read = read_esco([files.folder / "skills_sv.csv"])
    assert read.covered == {Sort(ConceptType.SKILL, is_group=False)}


def test_the_progress_names_each_file_and_ends_at_its_size(files):
    told = []
    read_esco([files.folder], progress=lambda *step: told.append(step))
    size = (files.folder / "skills_sv.csv").stat().st_size
    assert [step for step in told if step[0] == "skills_sv.csv"] == [
        ("skills_sv.csv", 0, size),
        ("skills_sv.csv", size, size),
    ]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=400), st.sampled_from(["skills_sv.csv", "skillSkillRelations.csv"]))
def test_any_bytes_are_a_list_or_a_refusal(tmp_path, content, name):
    path = tmp_path / name
    heading = b"conceptUri,preferredLabel,originalSkillUri,relationType,relatedSkillUri\n"
    path.write_bytes(heading + content)
    with contextlib.suppress(BrokenList):
        read_esco([path])

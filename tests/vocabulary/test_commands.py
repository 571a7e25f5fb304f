"""``matchsvc vocabulary`` and ``matchsvc competences`` as scripts use them."""

import csv
import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent
from matchsvc.errors import Conflict
from matchsvc.vocabulary.commands import COMMANDS
from matchsvc.vocabulary.lists import BrokenList
from matchsvc.vocabulary.loading import carry_out
from matchsvc.vocabulary.models import Concept, VocabularyVersion

COMMAND = {command.name: command for command in COMMANDS}


@pytest.fixture
def run(session):
    def invoke(*words, code=0):
        result = CliRunner().invoke(COMMAND[words[0]], words[1:])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return invoke


@pytest.fixture
def spoons(tmp_path):
    path = tmp_path / "skills_sv.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [
                ["conceptUri", "preferredLabel", "altLabels"],
                ["http://data.europa.eu/esco/skill/1", "putsa skedar", ""],
            ]
        )
    return path


def test_texts_are_answered_in_their_order_with_the_agreed_keys(run):
    output = run("competences", "suggest", "sydde kläder hemma", "qqq zzz", "--json").stdout
    sewing, nonsense = json.loads(output)
    assert list(sewing) == ["text", "confident", "evidence", "suggestions"]
    assert list(sewing["suggestions"][0]) == [
        "id", "label", "matched_label", "kind", "uri", "score", "label_language", "evidence",
    ]  # fmt: skip
    assert sewing["suggestions"][0]["id"] == "sy"
    assert nonsense == {"text": "qqq zzz", "confident": False, "evidence": [], "suggestions": []}


def test_each_line_of_a_file_is_a_text_echoed_unchanged(run, tmp_path):
    lines = ["  Sydde  KLÄDER ", "", "a\tb\u2028c", "lagat mat"]
    path = tmp_path / "texts.txt"
    path.write_bytes(("\ufeff" + "\n".join(lines) + "\n").encode())
    answered = json.loads(run("competences", "suggest", "--file", str(path), "--json").stdout)
    assert [one["text"] for one in answered] == lines


def test_kind_and_top_are_followed(run):
    output = run(
        "competences", "suggest", "städare", "--kind", "occupation", "--top", "1", "--json"
    )
    [answer] = json.loads(output.stdout)
    assert [one["id"] for one in answer["suggestions"]] == ["yrke-stadare"]


def test_a_person_can_read_the_answer_too(run):
    assert "Sy och laga kläder  (sy)" in run("competences", "suggest", "sydde kläder").stdout


def test_no_text_at_all_is_wrong_usage(run):
    run("competences", "suggest", code=2)
    run("competences", "suggest", "x", "--source", "other", code=2)
    run("vocabulary", "import", code=2)


def test_esco_is_imported_once_with_its_credit(run, session, spoons):
    first = run("vocabulary", "import", str(spoons), "--format", "esco")
    assert "1 nya, 0 ändrade, 0 lika, 0 utgångna." in first.stdout
    assert "ESCO" in first.stderr
    assert session.get(Concept, "esco-1").label_sv == "putsa skedar"

    again = json.loads(
        run("vocabulary", "import", str(spoons), "--format", "esco", "--json").stdout
    )
    assert again["changed"] is False
    assert again["unchanged"] == 1


def test_an_import_is_logged_with_who_ran_it(run, session, spoons):
    run("vocabulary", "import", str(spoons), "--format", "esco")
    version = session.scalars(
        select(VocabularyVersion).where(VocabularyVersion.scheme == "esco")
    ).one()
    assert version.imported_by.startswith("cli:")
    assert version.imported_at is not None
    logged = session.scalars(select(AuditEvent).where(AuditEvent.action == "imported")).one()
    assert (logged.actor, logged.object_id) == (version.imported_by, "esco")


def test_what_was_imported_is_proposed(run, spoons):
    run("vocabulary", "import", str(spoons), "--format", "esco")
    words = ("competences", "suggest", "putsade skedar", "--source", "esco", "--json")
    [answer] = json.loads(run(*words).stdout)
    assert answer["suggestions"][0]["uri"] == "http://data.europa.eu/esco/skill/1"


def test_our_own_words_are_imported_as_csv(run, session, tmp_path):
    path = tmp_path / "egna.csv"
    path.write_text(
        "Id,Typ,Ord,Engelska,Hör till,Så sägs det\n"
        "pelargon,färdighet,Övervintra pelargoner,Overwinter geraniums,odla,spara pelargonerna\n",
        encoding="utf-8",
    )
    run("vocabulary", "import", str(path), "--format", "csv")
    [answer] = json.loads(run("competences", "suggest", "sparade pelargoner", "--json").stdout)
    assert answer["suggestions"][0]["id"] == "pelargon"
    assert session.get(Concept, "pelargon").scheme == "local"


def test_a_broken_file_saves_nothing(run, session, spoons):
    spoons.write_text("conceptUri,preferredLabel\nfel,x\n", encoding="utf-8")
    with pytest.raises(BrokenList) as refusal:
        run("vocabulary", "import", str(spoons), "--format", "esco")
    assert list(refusal.value.fields) == ["skills_sv.csv rad 2"]
    assert session.scalars(select(Concept).where(Concept.scheme == "esco")).all() == []


def test_jobtech_is_imported_and_again_changes_nothing(run, session, tmp_path):
    path = tmp_path / "skills.json"
    concepts = [{"id": "a_1", "type": "skill", "preferred_label": "Gnugga skedar"}]
    path.write_text(json.dumps({"data": {"concepts": concepts}}), encoding="utf-8")
    words = ("vocabulary", "import", str(path), "--format", "jobtech", "--json")
    assert json.loads(run(*words).stdout)["created"] == 1
    assert session.get(Concept, "jobtech-a_1").label_sv == "Gnugga skedar"
    assert json.loads(run(*words).stdout)["changed"] is False


def test_what_is_being_done_is_told_on_standard_error(run, spoons):
    told = run("vocabulary", "import", str(spoons), "--format", "esco").stderr.splitlines()
    assert told[:3] == ["skills_sv.csv …", "Jämför med det som finns …", "Sparar …"]


def test_an_update_tells_what_changed(run, spoons):
    run("vocabulary", "import", str(spoons), "--format", "esco")
    uri = "http://data.europa.eu/esco/skill"
    spoons.write_text(
        f"conceptUri,preferredLabel\n{uri}/1,gnugga skedar\n{uri}/2,räkna\n", encoding="utf-8"
    )
    told = run("vocabulary", "import", str(spoons), "--format", "esco").stdout
    assert "1 nya, 1 ändrade, 0 lika, 0 utgångna." in told
    assert "Av de ändrade: 1 med annat namn." in told
    assert "  esco-1: putsa skedar -> gnugga skedar" in told

    spoons.write_text(f"conceptUri,preferredLabel\n{uri}/1,gnugga skedar\n", encoding="utf-8")
    output = run("vocabulary", "import", str(spoons), "--format", "esco", "--json").stdout
    answered = json.loads(output)
    assert (answered["deprecated"], answered["unchanged"]) == (1, 1)
    assert answered["deprecated_labels"] == [{"id": "esco-2", "before": "räkna", "after": None}]
    assert answered["changes"]["labels"] == 0


def test_a_change_between_comparing_and_saving_is_compared_again(run, session, spoons, monkeypatch):
    carried_out = []

    def disturbed(session, plan, **details):
        if not carried_out:
            carried_out.append(plan)
            raise Conflict
        return carry_out(session, plan, **details)

    monkeypatch.setattr("matchsvc.vocabulary.commands.carry_out", disturbed)
    run("vocabulary", "import", str(spoons), "--format", "esco")
    assert session.get(Concept, "esco-1") is not None

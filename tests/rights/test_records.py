"""Somebody asks to read a file: line by line, masked from the beginning, absent from the bytes."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest

from matchsvc.accounts.models import Unit
from matchsvc.errors import Invalid, NotFound, RuleViolation
from matchsvc.participants.consent_models import DisclosureRule, Party
from matchsvc.participants.disclosures import list_disclosures
from matchsvc.participants.protection import protect
from matchsvc.rights import records, restriction
from matchsvc.rights.models import Decision, How, RestrictionGround
from matchsvc.rights.paper import make_paper
from matchsvc.rights.provisions import PRESUMED, provisions
from tests.pdf_bytes import all_bytes, text_of

SECRET, OPEN = "Kvicksilverkatten", "Trädgårdsmästaren"


@pytest.fixture
def asked(session, desk, make, clock):
    make.wish(desk.samira, SECRET)
    make.wish(desk.samira, OPEN)
    wanted = records.Wanted("wish", "Önskemålen", clock["today"], How.EMAIL)
    return records.register(session, desk.actor, desk.samira.id, wanted, today=clock["today"])


def lines_of(session, desk, row, clock):
    return records.get_record_request(session, desk.actor, row.id, today=clock["today"])[2]


def decide(session, desk, row, clock, masked, reason="Det rör hälsa.", **more):
    places = {line.position for line in lines_of(session, desk, row, clock)}
    ruling = records.Ruling(places - masked.keys(), masked, reason, **more)
    return records.decide(session, desk.actor, row.id, ruling, version=None, **clock)


def test_everything_is_masked_until_somebody_opens_it(session, desk, asked, clock):
    lines = lines_of(session, desk, asked, clock)
    assert SECRET in {line.value for line in lines}
    assert {line.provision for line in lines} == {PRESUMED}
    assert asked.asker is None  # who asks need not say who she is


def test_masked_words_are_nowhere_in_the_paper(session, desk, asked, clock):
    lines = lines_of(session, desk, asked, clock)
    masked = {line.position: "osl_21_1" for line in lines if line.value == SECRET}
    decide(session, desk, asked, clock, masked)
    assert asked.decision is Decision.PARTLY
    unit = session.get_one(Unit, asked.unit_id)
    made = make_paper(asked, lines, unit, made_at=clock["now"])
    text = " ".join(text_of(made).split())
    assert OPEN in text  # so that a search that finds nothing could have found something
    assert SECRET not in text
    assert "21 kap. 1 §" in text
    assert "överklaga" in text
    held = all_bytes(made)
    for form in (
        SECRET.encode(),
        SECRET.encode("utf-16-be"),
        SECRET.encode("utf-16-be").hex().encode(),
    ):
        assert form not in held
        assert form.upper() not in held
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert opened.Root.MarkInfo.Marked


def test_whoever_wants_a_decision_reads_how_to_appeal(session, desk, asked, clock):
    lines = lines_of(session, desk, asked, clock)
    masked = {line.position: PRESUMED for line in lines}
    decide(session, desk, asked, clock, masked, wants_decision=True)
    assert asked.decision is Decision.REFUSED
    unit = session.get_one(Unit, asked.unit_id)
    text = text_of(make_paper(asked, lines, unit, made_at=clock["now"]))
    assert "kammarrätten" in text
    assert OPEN not in text


def test_what_is_masked_has_a_reason_and_a_provision_and_it_is_decided_once(
    session, desk, asked, clock
):
    with pytest.raises(Invalid):
        decide(session, desk, asked, clock, {0: PRESUMED}, reason=" ")
    with pytest.raises(Invalid):
        decide(session, desk, asked, clock, {0: "osl_99_9"})
    decide(session, desk, asked, clock, {}, reason=None)
    assert asked.decision is Decision.GRANTED
    with pytest.raises(RuleViolation):
        decide(session, desk, asked, clock, {})
    assert {"osl_26_1", "osl_21_1", "osl_21_3"} <= set(provisions())


def test_a_line_that_nobody_decided_of_stays_masked(session, desk, asked, clock):
    ruling = records.Ruling({0}, {}, "Det övriga rör enskilda.")
    records.decide(session, desk.actor, asked.id, ruling, version=None, **clock)
    first, *rest = lines_of(session, desk, asked, clock)
    assert first.provision is None
    assert {line.provision for line in rest} == {PRESUMED}


def test_of_a_protected_or_restricted_person_there_is_no_such_file_for_anybody_else(
    session, desk, asked, clock
):
    today = clock["today"]
    wanted = records.Wanted("wish", "Önskemålen", today, How.EMAIL)
    protect(session, desk.actor, desk.samira.id, today=today)
    for actor in (desk.manager, desk.colleague):
        for key in (desk.samira.id, "D-999999"):
            with pytest.raises(NotFound) as refused:
                records.register(session, actor, key, wanted, today=today)
            assert refused.value.message == NotFound("participant").message
        with pytest.raises(NotFound):
            records.get_record_request(session, actor, asked.id, today=today)
    why = restriction.Restricted(RestrictionGround.ACCURACY, "Utreds")
    restriction.restrict(session, desk.actor, desk.samira.id, why, today=today)
    assert lines_of(session, desk, asked, clock)


def test_the_page_masks_and_gives_the_paper(client_as, session, desk, asked, clock):
    client = client_as(desk.johan)
    path = f"/rights/records/{asked.id}"
    page = client.get(path).text
    assert SECRET in page
    names = re.findall(r'name="(line-\d+)"', page)
    assert names
    data = dict.fromkeys(names, PRESUMED) | {"version": str(asked.version), names[-1]: ""}
    refused = client.post(path, data=data)
    assert refused.status_code == 422
    saved = client.post(path, data=data | {"reason": "Rör enskilds förhållanden"})
    assert saved.status_code == 303
    shown = client.get(path).text
    assert SECRET not in shown
    assert {line.provision for line in lines_of(session, desk, asked, clock)} == {PRESUMED}


def test_what_was_given_stands_among_what_was_told_of_her(client_as, session, desk, asked, clock):
    client = client_as(desk.johan)
    path = f"/rights/records/{asked.id}"
    assert client.post(f"{path}/handed", data={"handed_how": "letter"}).status_code == 409
    lines = lines_of(session, desk, asked, clock)
    decide(session, desk, asked, clock, {lines[0].position: PRESUMED})
    session.commit()
    assert list_disclosures(session, desk.actor, desk.samira.id, today=clock["today"]) == []
    assert "Anteckna att det är lämnat" in client.get(path).text
    saved = client.post(f"{path}/handed", data={"handed_how": "letter"})
    assert saved.status_code == 303
    assert "Lämnat" in client.get(path).text
    (given,) = list_disclosures(session, desk.actor, desk.samira.id, today=clock["today"])
    assert (given.party, given.rule) == (Party.ANYBODY, DisclosureRule.PUBLIC_RECORD)
    assert client.post(f"{path}/handed", data={"handed_how": "letter"}).status_code == 409
    assert (
        "Den som bad om en allmän handling"
        in client.get(f"/participants/{desk.samira.alias}/consents").text
    )
    own = client.get(f"/api/v1/participants/{desk.samira.alias}/own-page/copy").json
    (told,) = [each for each in own["sections"] if each["title"] == "Det som har lämnats ut"]
    assert told["rows"][0]["what"] == "Den som bad om en allmän handling, Med brev"


def test_nothing_is_noted_as_given_when_all_of_it_stayed_masked(session, desk, asked, clock):
    lines = lines_of(session, desk, asked, clock)
    decide(session, desk, asked, clock, {line.position: PRESUMED for line in lines})
    with pytest.raises(RuleViolation):
        records.hand_over(session, desk.actor, asked.id, How.LETTER, version=None, **clock)

"""Pages and JSON of the documents: a draft to a given paper, and who comes in."""

from __future__ import annotations

import re
from uuid import uuid4

import pypdfium2
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.documents import writing
from matchsvc.documents.models import EndDocument
from tests.documents.conftest import FINAL, ILL
from tests.factories import TODAY


def text_of(response):
    return response.get_data(as_text=True)


def words_of(response):
    pdf = pypdfium2.PdfDocument(response.get_data())
    return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in pdf)


def version_in(page):
    return re.search(r'name="version" value="(\d+)"', page)[1]


def test_from_the_draft_to_the_paper_in_her_hand(there, client_as, session):
    client, base = client_as(there.worker), f"/placements/{there.key}/documents"
    assert "Papper när perioden slutar" in text_of(client.get(f"/placements/{there.key}"))
    assert "Slutdokumentation" in text_of(client.get(base))
    assert "Inget är skrivet än" in text_of(client.get(f"{base}/final"))
    assert client.post(f"{base}/final").status_code == 303
    page = text_of(client.get(f"{base}/final"))
    assert "(uppföljning 101 och 102)" in page
    assert ILL not in page

    for code, text in (("situation", ILL), ("tasks", "Packar varor"), ("summary", "Gick bra.")):
        form = text_of(client.get(f"{base}/final/sections/{code}"))
        data = {"text": text, "version": version_in(form)}
        assert client.post(f"{base}/final/sections/{code}", data=data).status_code == 303
    mark = re.search(r'name="shown_hash" value="(\w+)"', text_of(client.get(f"{base}/final")))[1]
    assert client.post(f"{base}/final/offer", data={"shown_hash": mark}).status_code == 303
    for capacity in ("participant", "case_worker"):
        data = {"capacity": capacity, "shown_hash": mark}
        assert client.post(f"{base}/final/sign", data=data).status_code == 303
    pdf = client.get(f"{base}/final/1.pdf")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf.get_data()
    assert re.search(rb"/MarkInfo\s*<<\s*/Marked true", pdf.get_data())
    assert re.search(rb"/Lang\s*\(sv", pdf.get_data())
    for part in ("Slutdokumentation", "Nuläge", ILL, "Arbetsträning", "Gick bra.",
                 "Johan Ekdal", mark[:16]):  # fmt: skip
        assert part in words_of(pdf)

    give = f"{base}/final/1/give"
    shown = text_of(client.get(give))
    assert "Arbetsgivaren får det här" in shown
    assert ILL not in shown
    refused = client.post(give, data={"given_to": "employer", "request_id": str(uuid4())})
    assert refused.status_code == 409
    assert "inget samtycke" in text_of(refused)
    assert client.get(f"{base}/final/1/employer.pdf").status_code == 404
    given = {"given_to": "participant", "how": "read_aloud", "request_id": str(uuid4())}
    assert client.post(give, data=given).status_code == 303
    assert "Läst högt tillsammans" in text_of(client.get(f"{base}/final"))
    told = given | {"given_to": "employment_service", "rule": "duty", "request_id": str(uuid4())}
    assert client.post(give, data=told).status_code == 303
    copy = words_of(client.get(f"{base}/final/1/employment_service.pdf"))
    assert "Gick bra." in copy
    assert "Nuläge" not in copy
    assert ILL not in copy


def test_a_part_saved_by_two_comes_back_with_both_texts(there, client_as, session):
    row = there.do.filled()
    session.commit()
    client = client_as(there.worker)
    base = f"/placements/{there.key}/documents/final/sections/motivation"
    version = version_in(text_of(client.get(base)))
    writing.save_section(
        session, there.actor, there.key, FINAL, "motivation", text="Den andras text",
        version=int(version), today=TODAY,
    )  # fmt: skip
    session.commit()
    refused = client.post(base, data={"text": "Min text", "version": version})
    assert refused.status_code == 409
    assert "Den andras text" in text_of(refused)
    assert "Min text" in text_of(refused)
    health = client.post(base, data={"text": ILL, "version": version_in(text_of(client.get(base)))})
    assert health.status_code == 422
    assert "keeps_health_words" in text_of(health)
    assert row.number == 1


def test_programs_do_the_same(there, client_as, session):
    client, base = client_as(there.worker), f"/api/v1/placements/{there.key}/documents"
    made = client.post(f"{base}/final")
    assert (made.status_code, made.json["state"]) == (201, "draft")
    parts = {each["code"]: each for each in made.json["sections"]}
    assert parts["background"]["lines"] == []
    mood = parts["motivation"]["lines"][0]
    assert (mood["source"], mood["follow_ups"]) == ("follow_up", [101, 102])
    for code in ("tasks", "summary"):
        data = {"text": "Gick bra.", "version": parts[code]["version"]}
        saved = client.put(f"{base}/final/sections/{code}", json=data)
        assert saved.status_code == 200, saved.json
    mark = saved.json["shown_hash"]
    assert client.post(f"{base}/final/offer", json={"shown_hash": mark}).json["state"] == "signing"
    for capacity in saved.json["signers"]:
        data = {"capacity": capacity, "shown_hash": mark}
        signed = client.post(f"{base}/final/sign", json=data)
        assert signed.status_code == 200, signed.json
    assert signed.json["state"] == "signed"
    given = client.post(
        f"{base}/final/1/give", json={"given_to": "participant", "request_id": str(uuid4())}
    )
    assert [each["given_to"] for each in given.json["deliveries"]] == ["participant"]
    states = {each["kind"]: each["state"] for each in client.get(base).json}
    assert states == {"final": "signed", "card": None, "certificate": None, "account": None}
    judged = [{"concept_id": "samarbetar", "level": 3}]
    card = client.put(f"{base}/card/assessments", json={"judged": judged})
    assert card.json["seen"][0]["assessor_role"] == "case_worker"
    account = client.post(f"{base}/account").json
    dropped = client.post(
        f"{base}/account/drop", json={"version": account["version"], "reason": "Behövs inte"}
    )
    assert dropped.json["state"] == "dropped"


def test_who_comes_in_and_what_each_sees(there, client_as, make, session):
    there.do.filled()
    session.commit()
    base = f"/placements/{there.key}/documents"
    supervisor = client_as(there.supervisor)
    assert "Slutdokumentation" not in text_of(supervisor.get(base))
    assert supervisor.get(f"{base}/final").status_code == 403
    assert supervisor.get(f"{base}/card").status_code == 200
    assert client_as(there.liaison).get(base).status_code == 403
    elsewhere = make.user(Role.CASE_WORKER, unit=make.unit(name="Norra"))
    assert client_as(elsewhere).get(base).status_code == 404
    assert client_as(there.worker).get(f"{base}/nothing").status_code == 404
    assert session.scalars(select(EndDocument)).one().number == 1


def test_the_paper_of_somebody_protected_leaves_the_name_to_be_written_by_hand(
    there, client_as, session
):
    row = there.do.judged(who=there.actor)
    there.do.write(row, "tasks", "Odling")
    there.do.sign(there.do.offered(row), "case_worker")
    there.participant.protected = True
    session.commit()
    client = client_as(there.worker)
    pdf = client.get(f"/placements/{there.key}/documents/card/1.pdf")
    said = words_of(pdf)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf.get_data()
    assert "Namn:" in said
    assert "Så arbetar jag" in said
    for hidden in (there.participant.full_name, "Samira", there.site.name, there.employer.name):
        assert hidden not in said

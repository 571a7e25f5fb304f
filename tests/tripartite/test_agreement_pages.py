"""Pages and JSON of the agreement: from the first words to the paper with three names."""

from __future__ import annotations

import re

from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.tripartite.models import AgreementState, TripartiteAgreement


def text_of(response):
    return response.get_data(as_text=True)


def form_of(page):
    """The fields of the page's own form, as a browser would send them."""
    found = dict(re.findall(r'<input class="ds-input[^>]*name="(\w+)"[^>]*? value="([^"]*)"', page))
    found["version"] = re.search(r'name="version" value="(\d+)"', page)[1]
    found["contact_id"] = re.search(r'<option value="([0-9a-f-]{36})" selected', page)[1]
    found["purpose"] = re.search(r'name="purpose"[^>]*>([^<]*)<', page)[1]
    return found


def mark_of(page):
    return re.search(r'name="shown_hash" value="(\w+)"', page)[1]


def test_from_the_first_words_to_the_paper(there, client_as, session):
    client, base = client_as(there.worker), f"/placements/{there.key}/agreement"
    assert "Ingen överenskommelse än" in text_of(client.get(base))
    begun = client.post(base)
    assert (begun.status_code, begun.location) == (303, f"{base}/edit")
    form = form_of(text_of(client.get(f"{base}/edit"))) | {"tasks": "Diska\nSkala", "times": "9–12"}

    look = text_of(client.post(f"{base}/edit", data={**form, "go": "look"}))
    assert "Det här händer om du sparar" in look
    assert "Skala" in look
    assert client.post(f"{base}/edit", data={**form, "go": "save"}).status_code == 303
    page = text_of(client.get(base))
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    assert client.post(f"{base}/offer", data={"version": version}).status_code == 303

    for capacity in ("participant", "employer", "case_worker"):
        page = text_of(client.get(base))
        signed = client.post(
            f"{base}/sign",
            data={"capacity": capacity, "shown_hash": mark_of(page), "signer_name": "Eva Prov"},
        )
        assert signed.status_code == 303, text_of(signed)
    row = session.scalars(
        select(TripartiteAgreement).execution_options(populate_existing=True)
    ).one()
    assert row.state is AgreementState.AGREED
    paper = text_of(client.get(f"{base}/1"))
    for said in ("Diska", "Eva Prov", "Samira", "ansvarar för arbetsmiljön", row.content_hash[:16]):
        assert said in paper
    pdf = client.get(f"{base}/1.pdf")
    assert pdf.get_data()[:5] == b"%PDF-"
    assert client.get(f"{base}/2").status_code == 404


def test_saving_over_a_signature_shows_whose_falls_before_it_does(there, client_as, session):
    row = there.do.offered()
    there.do.sign(row, "employer")
    session.commit()
    client, base = client_as(there.worker), f"/placements/{there.key}/agreement"
    form = form_of(text_of(client.get(f"{base}/edit"))) | {"tasks": "Bara skala", "go": "save"}
    page = text_of(client.post(f"{base}/edit", data=form))
    assert "Arbetsgivaren måste skriva under igen" in page
    session.expire_all()
    assert row.state is AgreementState.SIGNING
    assert client.post(f"{base}/edit", data={**form, "seen": "1"}).status_code == 303
    session.expire_all()
    assert row.state is AgreementState.DRAFT


def test_wrong_dates_come_back_with_what_was_typed(there, client_as, session):
    there.do.filled()
    session.commit()
    client, base = client_as(there.worker), f"/placements/{there.key}/agreement"
    form = form_of(text_of(client.get(f"{base}/edit")))
    wrong = client.post(
        f"{base}/edit", data={**form, "ends_on": "2028-01-01", "tasks": "Det jag skrev"}
    )
    assert wrong.status_code == 409
    assert "Så länge får formen inte pågå" in text_of(wrong)
    assert "Det jag skrev" in text_of(wrong)


def test_what_is_missing_is_marked_on_the_form(there, client_as, session):
    row = there.do.filled(tasks="")
    session.commit()
    base = f"/placements/{there.key}/agreement"
    page = client_as(there.worker).post(f"{base}/offer", data={"version": row.version})
    assert page.status_code == 409
    assert "en sak på varje rad" in text_of(page)


def test_programs_do_the_same(there, client_as, session):
    client, base = client_as(there.worker), f"/api/v1/placements/{there.key}/agreement"
    made = client.post(base)
    assert (made.status_code, made.json["number"]) == (201, 1)
    content = {**made.json["content"], "tasks": "Diska", "version": made.json["version"]}
    saved = client.put(base, json=content)
    assert saved.status_code == 200, saved.json
    offered = client.post(f"{base}/offer", json={"version": saved.json["version"]})
    assert offered.json["state"] == "signing"
    for capacity in ("employer", "participant", "case_worker"):
        said = {
            "capacity": capacity, "shown_hash": offered.json["content_hash"],
            "signer_name": "Eva Prov",
        }  # fmt: skip
        signed = client.post(f"{base}/sign", json=said)
        assert signed.status_code == 200, signed.json
    assert signed.json["state"] == "agreed"
    assert [each["state"] for each in client.get(base).json] == ["agreed"]
    again = client.post(base)
    dropped = client.post(
        f"{base}/drop", json={"version": again.json["version"], "reason": "Behövs inte"}
    )
    assert dropped.json["state"] == "dropped"


def test_only_those_who_work_with_the_person_open_it(there, client_as, make, session):
    there.do.filled()
    session.commit()
    base = f"/placements/{there.key}/agreement"
    assert client_as(there.supervisor).get(base).status_code == 200
    assert client_as(there.liaison).get(base).status_code == 403
    elsewhere = make.user(Role.CASE_WORKER, unit=make.unit(name="Norra"))
    assert client_as(elsewhere).get(base).status_code == 404

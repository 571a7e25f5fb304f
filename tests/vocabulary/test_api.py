"""The vocabulary under /api/v1."""

from matchsvc.accounts.models import Role

ROOT = "/api/v1"


def test_the_vocabulary_needs_a_log_in(app):
    client = app.test_client()
    assert client.get(f"{ROOT}/concepts?q=odla").status_code == 401
    assert client.post(f"{ROOT}/concepts/suggest", json={"text": "sy"}).status_code == 401
    assert client.get(f"{ROOT}/conditions").status_code == 401


def test_names_are_searched(client_as):
    answer = client_as().get(f"{ROOT}/concepts?q=odla&kind=skill&limit=2")
    assert [one["id"] for one in answer.json] == ["odla", "odla-frukt"]
    assert answer.json[1]["parent"] == "odla"


def test_a_search_without_words_or_with_odd_ones_is_told_what_is_wrong(client_as):
    client = client_as()
    assert client.get(f"{ROOT}/concepts").status_code == 422
    assert client.get(f"{ROOT}/concepts?q=odla&kind=saga").status_code == 422


def test_one_concept_is_shown_or_not_found(client_as):
    client = client_as(Role.EMPLOYER_LIAISON)
    shown = client.get(f"{ROOT}/concepts/korkort-c").json
    assert (shown["label"], shown["kind"], shown["parent"]) == ("C-körkort", "licence", "korkort-b")
    missing = client.get(f"{ROOT}/concepts/finns-inte")
    assert (missing.status_code, missing.json["code"]) == (404, "not_found")


def test_a_text_is_linked_without_standing_in_the_address(client_as):
    client = client_as()
    answer = client.post(f"{ROOT}/concepts/suggest", json={"text": "tar hand om min sjuka mamma"})
    assert answer.json["suggestions"][0]["id"] == "omsorg-sjuka"
    assert answer.json["suggestions"][0]["matched_words"] == ["tar hand", "sjuka mamma"]
    assert client.get(f"{ROOT}/concepts/suggest?text=mamma").status_code in {404, 405}


def test_a_text_is_needed(client_as):
    client = client_as()
    for body in ({}, {"text": ""}, {"text": "x" * 501}, {"text": "sy", "top": 0}):
        assert client.post(f"{ROOT}/concepts/suggest", json=body).status_code == 422


def test_the_conditions_are_listed_from_both_sides(client_as):
    listed = client_as().get(f"{ROOT}/conditions").json
    assert len(listed) >= 40
    (lifting,) = [one for one in listed if one["id"] == "lyfta-hogst-10"]
    assert lifting["need"] == "Lyfta högst 10 kg"
    assert lifting["excludes"] == "Kräver lyft över 10 kg"

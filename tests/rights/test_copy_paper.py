"""The copy as a paper: tagged, every row on it, in volumes when it is long."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest

from matchsvc.accounts.models import Unit
from matchsvc.errors import NotFound
from matchsvc.rights import copy_paper, whole_copy


def text_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    pages = (page.get_textpage().get_text_range() for page in document)
    return " ".join(" ".join(pages).split())


def tags_in(element, found):
    """The kinds of all structure elements below one."""
    kids = element.get("/K")
    for each in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(each, pikepdf.Dictionary) and "/S" in each:
            found.append(str(each.S))
            tags_in(each, found)
    return found


def test_it_is_tagged_and_says_what_the_page_says_and_no_third_person(
    client_as, session, desk, make
):
    make.wish(desk.samira, "Jag vill laga mat åt barn.")
    make.wish(desk.samira, "أريد أن أطبخ")
    make.competence(desk.samira, None, own_words="Lagar mat", voucher="Rut Alm")
    client = client_as(desk.johan)
    client.get(f"/participants/{desk.samira.alias}")
    assert "copy.pdf" in client.get(f"{desk.path}/copy").text
    answer = client.get(f"{desk.path}/copy.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="kopia.pdf"'
    text = text_of(answer.data)
    for said in ("Haddad", "laga mat åt barn", "Lagar mat", "Vem som har läst", "case_worker"):
        assert said in text
    assert "Ekdal" not in text
    assert "Rut Alm" not in text
    with pikepdf.open(io.BytesIO(answer.data)) as opened:
        assert opened.Root.MarkInfo.Marked
        assert str(opened.Root.Lang).startswith("sv")
        tags = tags_in(opened.Root.StructTreeRoot, [])
    assert {"/H1", "/H2", "/H3", "/L", "/LI", "/Table", "/TH"} <= set(tags)


def test_what_is_long_comes_in_volumes_that_hold_each_row_once(
    client_as, session, desk, make, clock, monkeypatch
):
    words = [f"Önskemål nummer {number:03}" for number in range(25)]
    for each in words:
        make.wish(desk.samira, each)
    monkeypatch.setattr(copy_paper, "PER_VOLUME", 7)
    client = client_as(desk.johan)
    kept = whole_copy.read_everything(session, desk.actor, desk.samira, form="paper")
    unit = session.get_one(Unit, desk.samira.unit_id)
    many = copy_paper.volumes_of(kept)
    assert many >= 4
    page = client.get(f"{desk.path}/copy").text
    assert "volume=2" in page
    texts = [
        text_of(copy_paper.make_copy_paper(kept, unit, volume=n + 1, made_at=clock["now"]))
        for n in range(many)
    ]
    assert f"del 1 av {many}" in texts[0]
    whole = " ".join(texts)
    assert [whole.count(each) for each in words] == [1] * len(words)
    data = [
        copy_paper.copy_paper_data(kept, unit, volume=n + 1, made_at=clock["now"])
        for n in range(many)
    ]
    assert sum(len(part["rows"]) for each in data for part in each["parts"]) == kept.number
    with pytest.raises(NotFound):
        copy_paper.make_copy_paper(kept, unit, volume=many + 1, made_at=clock["now"])
    for wrong in ("0", "999", "x", "-1"):
        assert client.get(f"{desk.path}/copy.pdf?volume={wrong}").status_code == 404


def test_nobody_else_gets_it(client_as, desk):
    for reader in (desk.boss, desk.other):
        assert client_as(reader).get(f"{desk.path}/copy.pdf").status_code in {403, 404}

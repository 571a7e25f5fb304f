"""What somebody can, as a paper: what stands on it, in whose voice, and who may make it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.participants.models import Evidence, LanguageSkill, LearnedWhere, Rung
from matchsvc.participants.portfolio import TEMPLATE
from matchsvc.web.papers import direction_of, printable, render_pdf

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def worker(make):
    return make.user(name="Johan Ekdal")


@pytest.fixture
def samira(make, worker):
    return make.participant(case_worker=worker, family_name="Haddad")


@pytest.fixture
def johan(client_as, worker):
    return client_as(worker)


@pytest.fixture
def held(make, samira):
    """Cooking from life, shared; hygiene by a course; a licence; a language."""
    cooking = make.competence(
        samira,
        "laga-mat-storkok",
        own_words="lagat mat för 40 personer",
        learned_where=LearnedWhere.ASSOCIATION,
        learned_detail="Föreningen Salam, 6 år",
        voucher="ordföranden i föreningen",
        rung=Rung.OBSERVED,
        is_shared=True,
    )
    for rung, day, workplace, note in (
        (Rung.EXEMPLIFIED, date(2026, 9, 5), None, "Varje fredag i sex år."),
        (Rung.OBSERVED, date(2026, 10, 14), "Södergårdens kök", None),
    ):
        make.save(
            Evidence(
                competence_id=cooking.id,
                rung=rung,
                happened_on=day,
                workplace=workplace,
                note=note,
            )
        )
    children = make.competence(samira, "ta-hand-om-sma-barn", learned_where=LearnedWhere.CARE)
    licence = make.competence(samira, "korkort-b", learned_where=LearnedWhere.EDUCATION)
    make.save(LanguageSkill(participant_id=samira.id, concept_id="ar", speak=6, write=0))
    make.session.commit()
    return {"cooking": cooking, "children": children, "licence": licence}


def words_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)).split())


def address(samira, end=""):
    return f"/participants/{samira.alias}/portfolio{end}"


def paper(johan, samira, *held, **form):
    data = {"competences": [str(each.id) for each in held]} | form
    return johan.post(address(samira, "/paper"), data=data)


def test_only_what_is_shared_is_chosen_beforehand(johan, samira, held):
    html = johan.get(address(samira)).get_data(as_text=True)
    ticked = re.findall(r'value="([0-9a-f-]{36})" checked', html)
    assert ticked == [str(held["cooking"].id)]
    assert html.count(" checked") == 1


def test_life_comes_first_in_her_own_voice_and_nobody_is_named(johan, samira, held):
    shown = words_of(paper(johan, samira, *held.values(), languages=["ar"]))
    order = [
        shown.index(words)
        for words in (
            "Det här kan jag",
            "Samira Haddad",
            "Det har jag lärt mig i livet",
            "Laga mat i större mängd",
            "Körkort och intyg",
            "B-körkort",
            "Språk jag använder",
        )
    ]
    assert order == sorted(order)
    assert "Någon har sett det på en arbetsplats, Södergårdens kök, 14 okt 2026" in shown
    assert "Var: Föreningen Salam, 6 år" in shown
    assert "Johan Ekdal" not in shown


def test_own_words_examples_and_who_can_vouch_only_when_they_are_chosen(johan, samira, held):
    plain = words_of(paper(johan, samira, held["cooking"]))
    for hidden in ("40 personer", "Varje fredag", "ordföranden"):
        assert hidden not in plain
    told = words_of(
        paper(johan, samira, held["cooking"], own_words="1", examples="1", vouchers="1")
    )
    assert "”lagat mat för 40 personer”" in told
    assert "Exempel: Varje fredag i sex år." in told
    assert "Kan intyga: ordföranden i föreningen" in told


def test_what_was_not_chosen_does_not_stand_on_it(johan, samira, held):
    shown = words_of(paper(johan, samira, held["licence"]))
    assert "B-körkort" in shown
    assert "Laga mat" not in shown
    assert "Ta hand om små barn" not in shown
    assert "Arabiska" not in shown


def test_an_empty_paper_is_refused_with_what_to_do(johan, samira, held):
    for end in ("/paper", "/pdf"):
        page = johan.post(address(samira, end), data={"examples": "1"})
        assert page.status_code == 422
        assert "Välj minst en sak som ska stå med." in words_of(page)
        assert re.search(r'name="examples" value="1" checked', page.get_data(as_text=True))


def test_somebody_else_s_competence_cannot_be_slipped_in(make, johan, samira, held, worker):
    other = make.participant(case_worker=worker)
    theirs = make.competence(other, "sy")
    make.session.commit()
    assert paper(johan, samira, theirs).status_code == 422


def test_the_pdf_is_tagged_titled_and_swedish_and_its_name_says_nothing(johan, samira, held):
    data = {
        "competences": [str(each.id) for each in held.values()],
        "languages": ["ar"],
        "own_words": "1",
        "examples": "1",
        "vouchers": "1",
    }
    answer = johan.post(address(samira, "/pdf"), data=data)
    made = answer.get_data()
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="det-har-kan-jag.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert made.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in made
    assert re.search(rb"/MarkInfo\s*<<\s*/Marked true", made)
    assert re.search(rb"/Lang\s*\(sv", made)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made
    assert "Det här kan jag".encode() in made
    assert b"/DisplayDocTitle true" in made
    assert len(made) < 200_000


def test_the_pdf_is_refused_by_typst_itself_when_it_would_not_be_accessible(tmp_path):
    import typst

    broken = tmp_path / "no_title.typ"
    broken.write_text("= Rubrik", "utf-8")
    with pytest.raises(typst.TypstError, match="title"):
        typst.compile(broken, pdf_standards=["ua-1"])


@pytest.mark.parametrize(
    "words",
    [
        '#set page(width: 1cm) "); #panic("x") //',
        "*fet* _kursiv_ $x^2$ @ref <label> \\ #import",
        "طبخت في الجمعية ٤٠ شخصاً",
        "готувала їжу",
        "ትግርኛ",
        "😀🍲 lagat mat ❤️",
        "<b>&amp;</b> ' or 1=1 --",
        "x" * 2000,
    ],
)
def test_no_words_stop_the_paper_or_become_instructions(make, johan, samira, words):
    waiting = make.competence(samira, None, own_words=words, is_shared=True)
    known = make.competence(samira, "sy", own_words=words, voucher=words[:100])
    make.session.commit()
    data = {
        "competences": [str(waiting.id), str(known.id)],
        "own_words": "1",
        "vouchers": "1",
    }
    assert johan.post(address(samira, "/pdf"), data=data).get_data().startswith(b"%PDF-")
    assert johan.post(address(samira, "/paper"), data=data).status_code == 200


def test_the_page_warns_of_words_that_only_the_screen_can_show(make, johan, samira):
    make.competence(samira, "sy", own_words="ትግርኛ")
    make.session.commit()
    assert "inte i pdf:en" in words_of(johan.get(address(samira)))


def test_making_it_is_logged_without_what_stands_on_it(session, johan, samira, held):
    paper(johan, samira, held["cooking"], own_words="1")
    data = {"competences": [str(held["cooking"].id)]}
    johan.post(address(samira, "/pdf"), data=data)
    rows = session.scalars(select(AuditEvent).where(AuditEvent.action == "export")).all()
    assert [(row.object_type, row.fields) for row in rows] == [
        ("portfolio", ["own_words", "print"]),
        ("portfolio", ["pdf"]),
    ]
    assert {row.object_id for row in rows} == {str(samira.id)}


def test_only_her_own_workers_make_it_and_a_protected_one_exists_for_nobody_else(
    make, client_as, johan, samira, held, worker
):
    stranger = client_as(Role.CASE_WORKER)
    data = {"competences": [str(held["cooking"].id)]}
    for end in ("", "/paper", "/pdf"):
        ask = stranger.post if end else stranger.get
        assert ask(address(samira, end), data=data).status_code == 403
    samira.protected = True
    make.session.commit()
    assert stranger.get(address(samira)).status_code == 404
    assert stranger.post(address(samira, "/pdf"), data=data).status_code == 404
    own = words_of(paper(johan, samira, held["cooking"]))
    assert samira.alias in own
    assert "Haddad" not in own


def test_the_paper_is_swedish_whoever_reads_it(johan, samira, held):
    johan.get("/participants?lang=en")
    shown = words_of(paper(johan, samira, held["cooking"]))
    assert "Det har jag lärt mig i livet" in shown
    assert "Observerad" in shown
    assert "Print" in shown  # the buttons around it are the reader's


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("hej 😀 då", "hej då"),
        ("  två\nrader ", "två rader"),
        ("مرحبا", "مرحبا"),
        ("Привіт", "Привіт"),
        ("Łukasz Şirin", "Łukasz Şirin"),
        ("ትግርኛ", None),
        ("日本", None),
        ("😀", None),
        ("a\x00b\u202e", "ab"),
    ],
)
def test_what_the_fonts_can_print(text, printed):
    assert printable(text) == printed


def test_the_first_letter_decides_the_direction():
    assert direction_of("٤٠ شخص") == "rtl"
    assert direction_of("40 personer مرحبا") == "ltr"
    assert direction_of("123") == "ltr"


def test_everything_that_is_covered_can_really_be_set():
    """The list of signs and the fonts agree, else a paper would fail on somebody's name."""
    said = {"text": "Åäö Łş Ґї ښگ ١٢٣ – ’”", "dir": "ltr"}
    item = {
        "name": said,
        "rung": 4,
        "rung_word": "Bekräftad",
        "known": "Intyg",
        "where": said,
        "voucher": said,
        "words": said,
        "examples": [said],
    }
    data = {
        "title": "Det här kan jag",
        "about": "x",
        "name": "Łukasz",
        "owner": "x",
        "lead": "x",
        "unit": "x",
        "municipality": "x",
        "contact": "x",
        "sections": [{"title": "x", "groups": [{"title": None, "items": [item] * 40}]}],
        "languages": [],
        "levels": "",
        "key": [],
    }
    assert printable(said["text"]) == said["text"]
    assert render_pdf(TEMPLATE, data, made_at=NOW).startswith(b"%PDF-")

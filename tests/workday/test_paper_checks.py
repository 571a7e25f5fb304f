"""What a file is by its content: every kind that somebody could try to put up."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from matchsvc.errors import Invalid
from matchsvc.workday.paper_checks import (
    MAX_BYTES,
    PAGE_SIDE,
    MediaType,
    check_file,
    draw_page,
    safe_name,
)
from tests.workday import paper_files as files


def refusal(content):
    with pytest.raises(Invalid) as error:
        check_file(content)
    assert set(error.value.fields) == {"file"}
    return error.value


class TestWhatIsKept:
    @pytest.mark.parametrize(
        ("content", "media_type"),
        [
            (files.pdf(), MediaType.PDF),
            (files.picture("JPEG"), MediaType.JPEG),
            (files.picture("PNG"), MediaType.PNG),
        ],
        ids=files.short,
    )
    def test_three_kinds_by_what_is_in_them(self, content, media_type):
        assert check_file(content).media_type is media_type

    def test_a_pdf_stays_byte_for_byte_as_a_signature_demands(self):
        assert check_file(files.harmless_pdf()).content == files.harmless_pdf()

    def test_pages_are_counted(self):
        assert check_file(files.pdf(pages=3)).pages == 3

    def test_a_pdf_that_anybody_can_open_may_be_restricted(self):
        assert check_file(files.locked_pdf(user="")).pages == 1

    def test_a_photo_is_turned_upright_and_forgets_where_it_was_taken(self):
        taken = files.photo_with_place()
        assert files.PLACE.encode() in taken
        kept = check_file(taken).content
        assert files.PLACE.encode() not in kept
        with Image.open(BytesIO(kept)) as picture:
            assert picture.size == (40, 60)
            assert not picture.getexif()

    def test_what_hides_behind_a_picture_is_left_behind(self):
        hidden = b"<script>alert(1)</script>" + files.archive()
        kept = check_file(files.picture("JPEG") + hidden).content
        assert b"script" not in kept
        assert b"PK\x03\x04" not in kept

    def test_a_picture_does_not_grow_when_drawn_anew(self):
        taken = files.picture("JPEG", size=(800, 600), quality=60)
        assert len(check_file(taken).content) <= len(taken) * 1.1

    def test_a_print_shop_picture_in_four_colours_becomes_one_that_is_seen(self):
        kept = BytesIO()
        Image.new("CMYK", (10, 10)).save(kept, "JPEG")
        with Image.open(BytesIO(check_file(kept.getvalue()).content)) as picture:
            assert picture.mode == "RGB"


class TestWhatIsRefused:
    @pytest.mark.parametrize("what", files.ACTIVE)
    def test_a_pdf_that_does_something(self, what):
        error = refusal(files.pdf(files.ACTIVE[what]))
        assert error.code == "file_active"
        assert "Skriv ut till PDF och försök igen" in error.fields["file"]

    def test_a_pdf_with_a_password(self):
        error = refusal(files.locked_pdf())
        assert error.code == "file_locked"
        assert "skriv ut till PDF" in error.fields["file"]

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "file_empty"),
            (b"%PDF-1.7\n" + b"0" * MAX_BYTES, "file_too_large"),
            (files.archive(), "file_type"),
            (b"<html><script>alert(1)</script>", "file_type"),
            (b"GIF89a" + files.picture(), "file_type"),
            (b"\x89PNG\r\n\x1a\n" + files.archive(), "file_broken"),
            (b"%PDF-1.7\nnothing\n%%EOF", "file_broken"),
            (files.pdf(pages=201), "file_too_many_pages"),
            (files.bomb_pdf(), "file_bomb"),
            (b"%PDF-1.7\n" + b"stream\nx\x9c" * 1_000_000 + b"\n%%EOF", "file_bomb"),
            (files.pixel_bomb_pdf(), "file_too_many_pixels"),
            (files.huge_png(), "file_too_many_pixels"),
            (files.huge_png(side=12_000), "file_too_many_pixels"),
        ],
        ids=files.short,
    )
    def test_what_is_none_of_the_three(self, content, code):
        assert refusal(content).code == code

    @pytest.mark.parametrize("kind", ["JPEG", "PNG"])
    @pytest.mark.parametrize("part", [0.3, 0.7, 0.97])
    def test_a_picture_that_did_not_arrive_whole(self, kind, part):
        whole = files.picture(kind, size=(900, 700))
        assert refusal(whole[: int(len(whole) * part)]).code == "file_broken"

    @pytest.mark.parametrize("part", [0.3, 0.7, 0.97])
    def test_a_pdf_that_did_not_arrive_whole(self, part):
        whole = files.pdf(pages=3)
        assert refusal(whole[: int(len(whole) * part)]).code == "file_broken"

    @given(
        st.sampled_from([files.pdf(), files.picture("JPEG"), files.picture("PNG")]),
        st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8),
    )
    def test_whatever_is_changed_in_a_file_is_answered_in_words(self, content, changes):
        changed = bytearray(content)
        for place, value in changes:
            changed[place % len(changed)] = value
        refused = {}
        try:
            assert check_file(bytes(changed)).pages
        except Invalid as error:
            refused = error.fields
        assert set(refused) <= {"file"}


class TestDrawingAPage:
    def test_each_page_is_a_picture_of_its_own(self):
        content = files.pdf(pages=2)
        first, second = draw_page(content, 1), draw_page(content, 2)
        assert first != second
        with Image.open(BytesIO(first)) as picture:
            assert (picture.format, max(picture.size)) == ("PNG", PAGE_SIDE)

    @pytest.mark.parametrize("number", [-1, 0, 2])
    def test_there_is_no_other_page(self, number):
        with pytest.raises(IndexError):
            draw_page(files.pdf(), number)


class TestNames:
    @pytest.mark.parametrize(
        ("given_name", "kept"),
        [
            ("../../x.pdf", "x.pdf"),
            ("C:\\papper\\beslut.exe", "beslut.pdf"),
            ("Åsas intyg 2026.PDF", "Åsas intyg 2026.pdf"),
            ('a"\r\nSet-Cookie: x.pdf', "aSet-Cookie x.pdf"),
            ("", "papper.pdf"),
            ("...", "papper.pdf"),
            ("a" * 300, "a" * 80 + ".pdf"),
            ("\u202efdp.exe", "fdp.pdf"),
        ],
    )
    def test_a_name_is_only_a_name(self, given_name, kept):
        assert safe_name(given_name, MediaType.PDF) == kept

    @given(st.text())
    def test_no_name_leads_anywhere(self, given_name):
        kept = safe_name(given_name, MediaType.PNG)
        assert kept.endswith(".png")
        assert len(kept) <= 84
        assert not set(kept) & set('/\\"\r\n\0:;<>%')

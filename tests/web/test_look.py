"""The look without a browser: colours, files, icons, and where things stand on a picture."""

import hashlib
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchsvc.web.charts import Segment, bar_rows, nice_maximum, time_axis
from matchsvc.web.icons import ICON_FOLDER, icon

REPO = Path(__file__).resolve().parents[2]
STATIC = REPO / "matchsvc" / "web" / "static"
THEME = (STATIC / "css" / "theme.css").read_text("utf-8")
COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", THEME)
}
WORDS = [  # text on its ground: 4.5 to 1
    ("ink", "page"), ("ink", "surface"), ("ink", "sunken"), ("ink-2", "page"),
    ("ink-2", "surface"), ("ink-2", "sunken"), ("ink", "fjard-tint"), ("ink-2", "fjard-tint"),
    ("fjard", "page"), ("fjard", "surface"), ("fjard", "sunken"), ("fjard", "fjard-tint"),
    ("on-fjard", "fjard"), ("on-fjard", "fjard-strong"), ("on-fjard-tint", "fjard-tint"),
    ("ljung", "ljung-tint"), ("ljung", "surface"), ("ink", "ljung-tint"), ("ink-2", "ljung-tint"),
    ("gran", "surface"), ("gran", "gran-tint"), ("havtorn", "surface"),
    ("havtorn", "havtorn-tint"), ("lingon", "surface"), ("lingon", "lingon-tint"),
    ("lingon", "page"), ("ink", "lingon-tint"), ("ink", "gran-tint"), ("ink", "havtorn-tint"),
    ("on-header", "header"), ("on-header-2", "header"),
]  # fmt: skip
SHAPES = [  # what must be seen to be used: 3 to 1
    ("control", "surface"), ("control", "page"), ("fjard", "page"), ("havtorn-frame", "surface"),
    ("ljung-bar", "ljung-tint"), ("bar-rest", "surface"), ("bar-rest", "sunken"),
    ("gran", "fjard-tint"), ("havtorn", "fjard-tint"),
]  # fmt: skip


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "ground", "least"), [(*p, 4.5) for p in WORDS] + [(*p, 3.0) for p in SHAPES]
)
def test_every_pair_of_colours_can_be_read(front, ground, least, scheme):
    assert contrast(COLOURS[front][scheme], COLOURS[ground][scheme]) >= least


def test_the_stylesheet_is_what_its_parts_would_build():
    script = REPO / "scripts" / "build_css.py"
    assert subprocess.run([sys.executable, script, "--check"], check=False).returncode == 0


def test_old_telephones_get_plain_colours_in_both_schemes():
    css = (STATIC / "app.css").read_text("utf-8")
    assert "light-dark(" not in css
    for name, (_, dark) in COLOURS.items():
        assert css.count(f"--{name}:{dark}") >= 2, name


def test_vendored_files_are_the_ones_in_the_manifest_with_their_licences():
    listed = dict(
        reversed(line.split("  ", 1))
        for line in (STATIC / "vendor" / "MANIFEST.sha256").read_text("utf-8").splitlines()
    )
    there = {
        str(path.relative_to(STATIC))
        for folder in ("vendor", "fonts")
        for path in (STATIC / folder).rglob("*")
        if path.is_file() and path.name != "MANIFEST.sha256" and path.suffix not in {".gz", ".br"}
    }
    assert there == set(listed)
    for name, digest in listed.items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest, name
    for folder in ("designsystemet", "htmx", "icons"):
        assert f"vendor/{folder}/LICENSE" in listed
    assert {"fonts/source-sans-3-OFL.txt", "fonts/vazirmatn-OFL.txt"} <= set(listed)


def test_pages_ask_nobody_else_for_anything():
    for path in [STATIC / "app.css", STATIC / "app.js"]:
        addresses = set(re.findall(r"https?://[\w.]+", path.read_text("utf-8")))
        assert addresses <= set(), path
        assert not re.search(r"url\(\s*[\"']?//", path.read_text("utf-8")), path


def test_no_template_carries_a_style_or_a_script_of_its_own():
    for path in (REPO / "matchsvc").rglob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text), path
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path


def test_every_icon_that_a_template_names_is_there():
    named = set()
    for path in (REPO / "matchsvc").rglob("*.html"):
        text = path.read_text("utf-8")
        named |= set(re.findall(r"(?:draw_)?icon\(\"([a-z0-9-]+)\"", text))
        named |= set(re.findall(r"icon(?:_end)?=\"([a-z0-9-]+)\"", text))
        named |= set(re.findall(r"\"icon\": \"([a-z0-9-]+)\"", text))
    assert len(named) > 10
    for name in named:
        icon(name)


def test_an_icon_is_decoration_unless_it_is_named():
    assert 'aria-hidden="true"' in icon("check")
    named = icon("x", 24, label='Stäng "allt"')
    assert 'role="img" aria-label="Stäng &#34;allt&#34;"' in named
    assert 'width="24"' in named
    assert "icon--mirror" in icon("arrow-left")
    assert "icon--mirror" not in icon("check")


@pytest.mark.parametrize("name", ["no-such-icon", "../LICENSE", ""])
def test_an_unknown_icon_is_a_mistake_not_a_hole(name):
    with pytest.raises(ValueError, match="icon"):
        icon(name)


def test_all_icons_can_be_drawn():
    for path in ICON_FOLDER.glob("*.svg"):
        assert "<" in icon(path.stem)


def test_a_time_axis_takes_the_whole_months():
    axis = time_axis(date(2026, 8, 12), date(2027, 2, 3))
    assert (axis.start, axis.end) == (date(2026, 8, 1), date(2027, 2, 28))
    assert [tick.label for tick in axis.months()] == (
        ["aug", "sep", "okt", "nov", "dec", "jan 2027", "feb"]
    )
    assert [tick.label for tick in axis.months("en")][:2] == ["Aug", "Sep"]
    assert axis.position(date(2026, 8, 1)) == 0
    assert axis.position(date(2027, 3, 1)) == 100


def test_a_period_is_filled_up_to_today_and_dashed_after():
    axis = time_axis(date(2026, 1, 1), date(2026, 1, 31))
    before, after = axis.segments(date(2026, 1, 1), date(2026, 1, 31), date(2026, 1, 10))
    assert (before.planned, after.planned) == (False, True)
    assert before.x == 0
    assert before.x + before.width == pytest.approx(after.x, abs=0.02)
    assert axis.now(date(2026, 1, 10)) == after.x
    assert after.x + after.width == pytest.approx(100, abs=0.02)
    assert not after.open_ended


def test_a_period_without_an_end_runs_past_the_edge_and_is_never_late():
    axis = time_axis(date(2026, 1, 1), date(2026, 3, 31))
    *_, last = axis.segments(date(2026, 2, 1), None, date(2026, 2, 10))
    assert last == Segment(last.x, last.width, planned=True, open_ended=True)
    assert last.x + last.width == pytest.approx(100, abs=0.02)


@pytest.mark.parametrize(
    ("start", "end", "planned"),
    [
        (date(2026, 1, 5), date(2026, 1, 8), [False]),
        (date(2026, 1, 20), date(2026, 1, 25), [True]),
        (date(2025, 1, 1), date(2025, 2, 1), []),
        (date(2026, 1, 10), date(2026, 1, 10), [False]),
    ],
    ids=["over", "ahead", "outside", "today only"],
)
def test_a_period_wholly_before_or_after_today_is_one_piece(start, end, planned):
    axis = time_axis(date(2026, 1, 1), date(2026, 1, 31))
    assert [s.planned for s in axis.segments(start, end, date(2026, 1, 10))] == planned


DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(DAYS, DAYS, DAYS, DAYS, DAYS)
def test_nothing_is_ever_drawn_outside_the_axis(one, other, start, end, today):
    axis = time_axis(min(one, other), max(one, other))
    for piece in axis.segments(min(start, end), max(start, end), today):
        assert 0 <= piece.x < piece.x + piece.width <= 100.01


@given(DAYS, DAYS)
def test_every_named_month_is_inside_a_long_axis_too(one, other):
    ticks = time_axis(min(one, other), max(one, other)).months()
    assert ticks
    assert all(0 <= tick.x < 100 for tick in ticks)


@pytest.mark.parametrize(
    ("shares", "maximum"), [([], 10), ([None], 10), ([27, 10], 30), ([30], 30), ([96], 100)]
)
def test_a_percent_axis_begins_at_nothing_and_ends_on_a_ten(shares, maximum):
    assert nice_maximum(shares) == maximum


def test_bars_are_placed_on_the_axis_and_hidden_rows_have_none():
    rows = [{"percent": 24, "low": 21, "high": 27}, {"suppressed": True}]
    assert [tuple(row[1:]) for row in bar_rows(rows, 30)] == [(80, 70, 90), (0, 0, 0)]


def test_every_word_of_the_components_has_its_english():
    from babel.messages.extract import extract_from_dir
    from babel.messages.pofile import read_po

    web = REPO / "matchsvc" / "web"
    with (web / "translations" / "en" / "web.po").open("rb") as lines:
        english = {message.id: message.string for message in read_po(lines, locale="en")}
    found = extract_from_dir(web / "templates", [("**.html", "jinja2.ext:babel_extract")])
    words = {word for _, _, word, _, _ in found}
    assert len(words) > 50
    assert [word for word in words if not english.get(word)] == []

"""Pictures say what they show, without colour, without a script, and hide what is too few."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, time
from itertools import pairwise
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.reports.counts import Period
from matchsvc.reports.outcomes import Share
from matchsvc.reports.pictures import told
from matchsvc.reports.pictures.canvas import INK, PETROL, spread, ticks_to, wrapped
from matchsvc.reports.pictures.files import to_png, with_letters
from matchsvc.reports.pictures.picture import to_svg
from matchsvc.reports.pictures.shares import LOOKS, comparison, trend
from matchsvc.reports.pictures.times import lead_times, way
from matchsvc.reports.publishing import publish_due
from matchsvc.reports.quarterly_sources import Value
from matchsvc.reports.trend import QuarterPoint, quarters_until

NAMES = ("trend", "groups", "funnel", "lead-times", "way")
ADDRESS = "?from=2025-1&to=2025-4"
HIDDEN = Share(None, None)


def points(*shares):
    quarters = quarters_until(date(2026, 9, 30), len(shares))
    return [
        QuarterPoint(quarter, dict(zip(("placements", "hires"), pair, strict=True)))
        for quarter, pair in zip(quarters, shares, strict=True)
    ]


def shapes(svg, tag):
    return ET.fromstring(svg).findall(f"{{http://www.w3.org/2000/svg}}{tag}")


@pytest.fixture
def picture():
    return trend(
        points((Share(60, 100), Share(20, 100)), (Share(55, 100), Share(40, 90)), (HIDDEN, HIDDEN)),
        str,
    )


def test_the_title_is_a_finding_built_from_the_figures(picture):
    assert picture.title == (
        "Utrikes födda kvinnor har säkert lägre andel av anställningarna än av placeringarna "
        "i 1 av 2 kvartal"
    )


def test_what_may_be_chance_is_no_finding():
    made = trend(points((Share(50, 100), Share(48, 100))), str)
    assert made.title.startswith("Utrikes födda kvinnor: inget kvartal skiljer säkert")


def test_too_few_to_say_is_said():
    made = trend(points((HIDDEN, Share(20, 100))), str)
    assert "för få personer" in made.title


def test_the_text_alternative_and_the_table_say_every_figure(picture):
    svg = to_svg(picture)
    told_in = svg[svg.index("<desc>") : svg.index("</desc>")]
    for cell in [cell for row in picture.rows for cell in row]:
        assert cell in told_in
    assert "60 % (60 av 100)" in told_in
    assert 'role="img"' in svg


def test_series_are_told_apart_by_dash_and_by_the_shape_of_their_marks(picture):
    svg = to_svg(picture)
    stretches = [line for line in shapes(svg, "line") if line.get("stroke-width") == "2.5"]
    assert {line.get("stroke-dasharray") for line in stretches} == {None, "6 5"}
    assert len(shapes(svg, "circle")) == 2
    assert len([box for box in shapes(svg, "rect") if box.get("width") == "9"]) == 2
    assert len({look[0] for look in LOOKS.values()}) == len(LOOKS)
    assert len({look[2] for look in LOOKS.values()}) == len(LOOKS)
    assert {"Placeringar", "Anställningar"} <= {text.text for text in shapes(svg, "text")}


def test_series_can_be_told_apart_in_greyscale(picture):
    grey = np.asarray(Image.open(io.BytesIO(to_png(to_svg(picture)))).convert("L"))
    circle = shapes(to_svg(picture), "circle")[0]
    square = next(b for b in shapes(to_svg(picture), "rect") if b.get("width") == "9")

    def middle(x, y):
        return grey[round(y * 2), round(x * 2)]

    # A filled mark is dark in its middle, a hollow one is light.
    assert middle(float(circle.get("cx")), float(circle.get("cy"))) < 120
    assert middle(float(square.get("x")) + 4.5, float(square.get("y")) + 4.5) > 200


def test_bars_of_two_groups_differ_in_greyscale():
    made = comparison(
        "Fynd", "Mått", [("A", Share(50, 100)), ("B", Share(40, 80))], str, highlight=0
    )
    svg = to_svg(made)
    grey = np.asarray(Image.open(io.BytesIO(to_png(svg))).convert("L"))
    bars = [box for box in shapes(svg, "rect") if box.get("height") == "30"]
    dark, light = (
        grey[round((float(bar.get("y")) + 3) * 2), round((float(bar.get("x")) + 20) * 2)]
        for bar in bars
    )
    assert light - dark > 100


def test_our_own_letters_are_inside_the_file_and_nothing_is_fetched(picture):
    svg = with_letters(to_svg(picture))
    assert svg.startswith("<svg")
    ET.fromstring(svg)  # well formed
    assert "src:url(data:font/woff2;base64," in svg
    assert not re.search(r"(?:href|src)=", svg)
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in svg


def test_a_picture_in_dots_needs_none_of_the_machines_letters(picture, monkeypatch):
    import typst

    asked = {}
    real = typst.compile
    monkeypatch.setattr(typst, "compile", lambda *a, **k: asked.update(k) or real(*a, **k))
    image = Image.open(io.BytesIO(to_png(to_svg(picture))))
    assert asked["ignore_system_fonts"]
    assert image.width == 2 * 760


def test_letters_are_at_least_fourteen_pixels(picture):
    assert min(int(text.get("font-size")) for text in shapes(to_svg(picture), "text")) >= 14


def test_words_cannot_become_shapes():
    made = comparison('<script>"', "&", [("<b>", Share(30, 60))], str)
    assert "<script" not in to_svg(made)
    assert "<b>" not in to_svg(made)


def test_a_hidden_share_is_a_dashed_box_with_the_word():
    svg = to_svg(comparison("Fynd", "Mått", [("A", HIDDEN), ("B", Share(0, 0))], str))
    assert [text.text for text in shapes(svg, "text")].count("Dolt") == 1
    assert [b for b in shapes(svg, "rect") if b.get("stroke-dasharray") == "5 5"]


def test_times_show_the_quartiles_and_hide_few():
    made = lead_times([("Kartlagd", 9, (10, 20, 30)), ("Fick arbete", None, None)], "Dagar", str)
    assert made.title == "Hälften kom till ”Kartlagd” inom 20 dagar från inskrivningen"
    assert made.rows == (("Kartlagd", "9", "10", "20", "30"), ("Fick arbete", *["Dolt"] * 4))
    assert to_svg(made)


def test_the_way_says_where_most_stand_and_hides_few():
    made = way([("Inskriven", 12, 30), ("Kartlagd", None, None), ("Klar", 7, 0)], "Dag", str)
    assert made.title == "Flest står vid ”Inskriven”: minst 12 personer"
    assert made.rows[1] == ("Kartlagd", "Dolt", "Dolt")
    assert made.rows[2] == ("Klar", "7", "–")
    assert not re.search(r">[1-4]<", to_svg(made))


@given(
    some.lists(
        st_share := some.one_of(
            some.just(HIDDEN),
            some.integers(0, 5000).flatmap(
                lambda of: some.integers(0, of).map(lambda n: Share(n, of))
            ),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_any_shares_make_a_picture_that_stands_inside_its_frame(shares):
    made = comparison("Fynd", "Mått", [(f"Grupp {k}", s) for k, s in enumerate(shares)], str)
    svg = to_svg(made)
    width, height = (float(ET.fromstring(svg).get(side)) for side in ("width", "height"))
    for box in shapes(svg, "rect")[1:]:
        assert float(box.get("x")) >= 0
        assert float(box.get("x")) + float(box.get("width")) <= width
        assert float(box.get("y")) + float(box.get("height")) <= height


@given(some.lists(some.tuples(st_share, st_share), min_size=1, max_size=8))
def test_any_quarters_make_a_picture_and_never_a_line_over_what_is_hidden(pairs):
    made = trend(points(*pairs), str)
    stretches = [b for b in shapes(to_svg(made), "line") if b.get("stroke-width") == "2.5"]
    shown = [[pair[k].of and pair[k].n is not None for pair in pairs] for k in (0, 1)]
    assert len(stretches) == sum(bool(a and b) for row in shown for a, b in pairwise(row))


@given(some.text(max_size=200), some.integers(60, 700))
def test_wrapped_words_are_all_there(words, room):
    assert " ".join(wrapped(words, room)).split() == words.split()


@given(some.lists(some.floats(0, 300), max_size=6))
def test_names_that_are_spread_do_not_touch(places):
    moved = sorted(spread(places, 20))
    assert all(b - a >= 20 - 1e-9 for a, b in pairwise(moved))


@given(some.integers(0, 20_000))
def test_an_axis_holds_its_largest_value_with_few_marks(largest):
    ticks = ticks_to(largest)
    assert ticks[0] == 0
    assert ticks[-1] >= largest
    assert len(ticks) <= 22


def test_dark_and_light_of_the_pictures_differ_enough():
    def light(colour):
        return sum(int(colour[k : k + 2], 16) * w for k, w in ((1, 0.3), (3, 0.59), (5, 0.11)))

    assert light("#dcd8cf") - light(PETROL) > 100
    assert light(INK) < 60


def publish_all(session):
    """A year and a month after its end, everything of 2025 has been published."""
    day = date(2027, 3, 1)
    publish_due(session, today=day, now=datetime.combine(day, time(12), tzinfo=UTC))


@pytest.fixture
def year(facts, session):
    """A year in which groups differ enough to be compared."""
    for sex, region, started, to_work in (
        ("woman", "outside_europe", 60, 12),
        ("woman", "sweden", 60, 40),
        ("man", "sweden", 60, 42),
    ):
        people = facts.started_and_to_work(started, to_work, sex, region)
        facts.placed(people[:40], date(2025, 4, 1))
    session.flush()
    publish_all(session)


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_is_there_as_svg_and_png(client_as, year, name):
    client = client_as(Role.UNIT_MANAGER)
    svg = client.get(f"/reports/pictures/{name}.svg{ADDRESS}")
    png = client.get(f"/reports/pictures/{name}.png{ADDRESS}")
    assert (svg.status_code, png.status_code) == (200, 200)
    assert svg.mimetype == "image/svg+xml"
    assert Image.open(io.BytesIO(png.data)).format == "PNG"
    for term in ("Så räknas det", "Källa"):
        assert term in svg.text


def test_the_page_shows_all_pictures_with_their_tables(client_as, year):
    page = client_as(Role.UNIT_MANAGER).get(f"/reports/pictures{ADDRESS}").text
    assert page.count("<svg xmlns") == len(NAMES)
    assert page.count("Talen som tabell") == len(NAMES)
    assert "skiljer sig mest mellan ”kvinnor, utanför Europa” och ”män, Sverige”" in page
    assert "style=" not in page


def test_taking_a_picture_away_is_logged_and_its_name_names_nobody(client_as, year, session):
    client = client_as(Role.AUDITOR)
    answer = client.get(f"/reports/pictures/groups.png{ADDRESS}&save=1")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="groups.png"'
    event = session.query(AuditEvent).filter_by(action="export", object_type="report_picture").one()
    assert event.fields == ["groups", "png"]


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.PRACTICAL_SUPERVISOR, Role.ADMIN])
def test_who_reads_no_reports_gets_no_pictures(client_as, role):
    client = client_as(role)
    assert client.get("/reports/pictures").status_code == 403
    assert client.get(f"/reports/pictures/groups.svg{ADDRESS}").status_code == 403


def test_small_groups_are_hidden_in_the_picture_as_on_the_page(client_as, facts, session):
    facts.started_and_to_work(3, 2, "woman", "europe")
    facts.started_and_to_work(60, 30, "man", "sweden")
    session.flush()
    publish_all(session)
    svg = client_as(Role.UNIT_MANAGER).get(f"/reports/pictures/groups.svg{ADDRESS}").text
    assert "2 av 3" not in svg
    assert "Dolt" in svg


@pytest.mark.parametrize("address", ["?from=2025-5", "?from=2025-3&to=2025-1", "?to=nyss"])
def test_a_period_that_does_not_exist_is_said(client_as, address):
    client = client_as(Role.UNIT_MANAGER)
    page = client.get(f"/reports/pictures{address}")
    assert page.status_code == 422
    assert "Rätta valet" in page.text
    assert client.get(f"/reports/pictures/way.svg{address}").status_code == 422


def test_a_picture_of_times_needs_no_figures():
    quarter = Period(date(2026, 7, 1), date(2026, 9, 30))
    assert told.times_picture({"days_to:hired": Value(0)}, quarter, "Enheten", str).is_empty

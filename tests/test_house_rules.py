"""The house rules that a program can check."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from matchsvc import db, migrate
from matchsvc.app import FOLLOWERS, OPEN_ENDPOINTS
from matchsvc.web.icons import ICON_FOLDER

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "matchsvc").rglob("*.py"))
TEMPLATES = sorted((ROOT / "matchsvc").rglob("*.html"))


def code(path):
    return ast.parse(path.read_text("utf-8"))


def named(path):
    return str(path.relative_to(ROOT))


def test_there_is_something_to_check():
    assert len(MODULES) > 50
    assert len(TEMPLATES) > 20


def test_every_route_is_guarded(app):
    unguarded = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint not in OPEN_ENDPOINTS
        and not hasattr(view, "required_roles")
        and not hasattr(view, "is_public")
    ]
    assert unguarded == []


def test_only_what_must_be_is_open_without_log_in(app):
    public = {
        endpoint for endpoint, view in app.view_functions.items() if hasattr(view, "is_public")
    }
    allowed = re.compile(
        r"health\.|well_known\.|accounts\.(home|show_login|submit_login|show_set_password|submit_set_password"
        r"|show_your_data)$|accounts\.second_step\.|accounts\.sso\.(show_(start|back|refused|logged_out)|submit_ended)$"
        r"|accounts\.passkeys\.(show|submit)_login$"
        r"|feedback\.|placements\..*(link|survey)|own_page\.link\."
        r"|support\.link\.|matching\.link\.|document_link\."
    )
    assert [endpoint for endpoint in sorted(public) if not allowed.match(endpoint)] == []


def test_every_address_but_the_open_ones_asks_strangers_to_log_in(app):
    """Deny by default, tried on every route that takes no argument."""
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.arguments or "GET" not in rule.methods or not hasattr(view, "required_roles"):
            continue
        answer = client.get(rule.rule)
        assert answer.status_code in {303, 401}, rule.rule


def test_only_db_commits():
    offenders = [
        named(m) for m in MODULES if ".commit(" in m.read_text("utf-8") and m.name != "db.py"
    ]
    assert offenders == []


def test_modules_stay_readable():
    lengths = {named(m): len(m.read_text("utf-8").splitlines()) for m in MODULES}
    assert {name: n for name, n in lengths.items() if n > 520} == {}


def test_no_module_is_called_after_nothing():
    names = {"util", "utils", "helpers", "common", "manager", "handler", "misc", "info"}
    assert [named(m) for m in MODULES if m.stem in names] == []


def test_participants_are_selected_only_through_the_one_query():
    """No other module may write select(Participant): see participants/access.py."""
    allowed = {
        "matchsvc/participants/access.py",
        # Finds a known identity at registration; answers hidden hits as any accepted entry.
        "matchsvc/participants/enrolment.py",
        # The data protection steps of a handler, behind get_visible.
        "matchsvc/participants/protection.py",
        # Packs what matching may read of everybody; who reads it back sees those in lists only.
        "matchsvc/matching/packing_reads.py",
        # Looks up existing rows by key; hidden hits are answered as accepted (lookups.py).
        "matchsvc/imports/lookups.py",
    }
    pattern = re.compile(r"select\(\s*Participant\s*[,).]|select\(\s*Participant\.\w+")
    found = {named(m) for m in MODULES if pattern.search(m.read_text("utf-8"))}
    demo = {name for name in found if name.startswith("matchsvc/demo/")}
    assert found - allowed - demo == set()


@pytest.mark.parametrize("table", sorted(db.Base.metadata.tables))
def test_every_table_names_its_retention_class(table):
    assert migrate.TABLES
    info = db.Base.metadata.tables[table].info
    assert info.get("retention") in db.RETENTION_CLASSES


def test_every_rule_that_follows_another_is_loaded_with_the_application():
    """A follower that nothing imports follows nothing, and nobody sees that it does not."""
    follows = re.compile(r"^(?:\w+\.)?when_\w+\(\w+\)", re.MULTILINE)
    following = {m for m in MODULES if follows.search(m.read_text("utf-8"))}
    loaded = {f"matchsvc.{each}" for each in FOLLOWERS}
    for module in MODULES:
        for each in ast.walk(code(module)):
            if isinstance(each, ast.ImportFrom) and each.module:
                loaded |= {each.module} | {f"{each.module}.{name.name}" for name in each.names}
    assert len(following) > 2
    assert {named(m).removesuffix(".py").replace("/", ".") for m in following} <= loaded


def test_rules_never_read_the_clock():
    clock = re.compile(r"datetime\.now\(|date\.today\(|utcnow\(\)|time\.time\(")
    allowed = {"db.py", "audit.py"}  # the log's own instants and column defaults
    files = [
        m
        for m in MODULES
        if m.name not in {"views.py", "api.py", "commands.py", "cli.py", "jobs.py", "guard.py"}
        and not m.name.startswith(("views_", "api_", "commands_"))
        and "demo" not in m.parts
        and m.name not in allowed
    ]
    offenders = [named(m) for m in files if clock.search(m.read_text("utf-8"))]
    # frame.py is what the views of participants share: it reads the clock for them.
    # A package part keeps the instant that its state is recorded, as a column default would.
    known = {"matchsvc/participants/frame.py", "matchsvc/placements/models.py"}
    known |= {"matchsvc/messages/outbox.py", "matchsvc/imports/background.py"}
    known |= {"matchsvc/web/health.py"}  # views for machines
    assert set(offenders) - known == set()


def test_only_heavy_libraries_are_imported_inside_functions():
    heavy = ("sklearn", "scipy", "numpy", "matchsvc.serve", "matchsvc.app", "matchsvc.web.api")
    heavy += ("zxcvbn", "simplemma", "xlsxwriter", "python_calamine", "rapidfuzz", "typst")
    heavy += ("numba", "ortools", "matchsvc.matching.fast", "matchsvc.matching.cluster")
    heavy += ("sp_matmul_rs", "sparse_dot_topn", "PIL", "pikepdf", "pypdfium2")
    heavy += ("lxml", "aiosmtpd")  # of measuring, not of the service
    hidden = []
    for module in MODULES:
        for function in ast.walk(code(module)):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                else:
                    continue
                hidden += [
                    f"{named(module)}:{node.lineno} {n}" for n in names if not n.startswith(heavy)
                ]
    assert sorted(set(hidden)) == []


def test_no_test_is_left_uncollected():
    forgotten = []
    for path in (ROOT / "tests").rglob("test_*.py"):
        text = path.read_text("utf-8")
        forgotten += [
            f"{named(path)}:{node.name}"
            for node in code(path).body
            if isinstance(node, ast.FunctionDef)
            and not node.name.startswith(("test_", "pytest_"))
            and not node.decorator_list
            and text.count(node.name) == 1
        ]
    assert forgotten == []


def test_templates_hold_no_inline_style_or_script():
    inline = re.compile(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\bsrc=)")
    assert [named(t) for t in TEMPLATES if inline.search(t.read_text("utf-8"))] == []


def test_templates_never_switch_escaping_off():
    assert [named(t) for t in TEMPLATES if re.search(r"\|\s*safe\b", t.read_text("utf-8"))] == []


def test_every_icon_that_is_named_is_there():
    there = {path.stem for path in ICON_FOLDER.glob("*.svg")}
    conditions = (ROOT / "matchsvc/vocabulary/data/conditions.csv").read_text("utf-8")
    asked = {line.split(";")[1] for line in conditions.splitlines()[1:] if line}
    literal = re.compile(r"""(?:icon(?:_end)?=|draw_icon\(|[^_]icon\()["']([a-z0-9-]+)["']""")
    for template in TEMPLATES:
        asked |= set(literal.findall(template.read_text("utf-8")))
    assert asked - there == set()


def test_static_files_name_no_other_site():
    for path in [*(ROOT / "matchsvc/web/static").rglob("*.css"), *TEMPLATES]:
        text = re.sub(r"http://www\.w3\.org/\S+", "", path.read_text("utf-8"))
        assert not re.search(r"(src|href)=\"https?://|url\(\"?https?://", text), named(path)


def test_nothing_in_the_repository_looks_like_a_real_identity_number():
    """Test series only: birth numbers 238, 239 and 980-999."""
    number = re.compile(r"(?<![\d.])(?:19|20)?\d{2}[01]\d[0-3689]\d[-+]?(\d{3})\d(?![\d.])")
    test_series = {"238", "239", *(str(n) for n in range(980, 1000))}
    from datetime import date

    from matchsvc.swedish import parse_identity_number

    wrong = []
    for path in [*MODULES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").rglob("*.md")]:
        for found in number.finditer(path.read_text("utf-8")):
            is_real = parse_identity_number(found[0], today=date(2026, 11, 23))
            if is_real and found[1] not in test_series:
                wrong.append(f"{named(path)}: {found[0][:6]}")
    assert wrong == []

"""What the product is made of: the bill is whole, licences are agreed to, weaknesses are found."""

from __future__ import annotations

import hashlib
import re
import tomllib
from itertools import chain

import pytest

from scripts import audit, sbom
from tests.test_house_rules import ROOT


@pytest.fixture(scope="module")
def bill():
    return sbom.bill_of_materials()


@pytest.fixture(scope="module")
def locked():
    return {sbom.normal(pin.partition("==")[0]): pin.partition("==")[2] for pin in audit.locked()}


def parts(bill, *scopes):
    return {
        sbom.normal(each["name"]): each for each in bill["components"] if each["scope"] in scopes
    }


def test_the_bill_names_what_runs_in_the_versions_that_are_locked(bill, locked):
    runs = {
        name: part
        for name, part in parts(bill, "required", "optional").items()
        if part["purl"].startswith("pkg:pypi/")
    }
    assert {"flask", "cryptography", "sqlalchemy", "typst", "jinja2", "numba"} <= runs.keys()
    wrong = {
        name: part["version"] for name, part in runs.items() if part["version"] != locked[name]
    }
    assert wrong == {}
    assert not {"pytest", "playwright", "ruff"} & runs.keys()


def test_every_vendored_file_is_in_the_bill_with_its_hash(bill):
    listed = {
        file["name"]: file["hashes"][0]["content"]
        for part in bill["components"]
        for file in part.get("components", [])
    }
    there = [
        path
        for folder in ("vendor", "fonts")
        for path in (sbom.STATIC / folder).rglob("*")
        if path.is_file() and path.name != "MANIFEST.sha256" and path.suffix not in {".br", ".gz"}
    ]
    assert len(there) > 20
    for path in there:
        name = path.relative_to(sbom.STATIC).as_posix()
        assert listed[name] == hashlib.sha256(path.read_bytes()).hexdigest(), name


def test_everything_that_is_shipped_has_a_licence_that_was_agreed_to(bill):
    assert sbom.not_agreed(bill) == []


@pytest.mark.parametrize("licence", [[], [{"license": {"id": "AGPL-3.0-only"}}],
                                     [{"expression": "MIT AND GPL-3.0-only"}],
                                     [{"license": {"name": "ask us"}}]])  # fmt: skip
def test_a_licence_that_nobody_agreed_to_is_told(licence):
    part = {"name": "new", "version": "1", "scope": "required", "licenses": licence}
    assert len(sbom.not_agreed({"components": [part]})) == 1
    assert sbom.not_agreed({"components": [part | {"scope": "excluded"}]}) == []


@pytest.mark.soak
def test_the_bill_is_as_the_standard_wants_it(bill):
    import json

    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill)) is None


def test_everything_is_locked_and_comes_from_no_place_of_its_own(locked):
    """A name that two places know could be answered by the wrong one (dependency confusion)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    names = {sbom.normal(re.split(r"[\[<>=~! ]", each)[0]) for each in wanted} - {"matchsvc"}
    assert names <= locked.keys()
    for file in ("constraints.txt", "pyproject.toml", "Makefile", "deploy/Containerfile"):
        text = (ROOT / file).read_text("utf-8")
        assert not re.search(r"extra-index|find-links|index-url|git\+|trusted-host", text), file


WEAK = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-0001"], "fix_versions": ["2.0"]}


def test_a_known_weakness_stops_the_build(monkeypatch):
    found = [
        {"name": "a", "version": "1.0", "vulns": [WEAK]},
        {"name": "b", "version": "1", "vulns": []},
    ]
    code, said = audit.judge(found, 2)
    assert code == 1
    assert said[0] == "weakness: a 1.0: PYSEC-2026-1, mended in 2.0"
    monkeypatch.setitem(audit.ACCEPTED, "CVE-2026-0001", "we never call it; until 2027-01-01")
    assert audit.judge(found, 2)[0] == 0


def test_no_answer_is_never_called_none_found():
    skipped = [{"name": "a", "skip_reason": "not found"}]
    code, said = audit.judge(skipped, 170)
    assert code == 0
    assert said == ["NOT CHECKED: no answer for 170 of 170 packages"]
    assert audit.judge([], 170)[1] == said


def test_every_accepted_weakness_says_why_and_until_when():
    assert all(re.search(r"until 20\d\d-\d\d-\d\d", why) for why in audit.ACCEPTED.values())

"""The tables of facts in docs/ are those of the program, and templates hold clear blanks."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from matchsvc.db import Base
from matchsvc.rights import whole_copy

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "docs" / "templates").glob("*.md"))


def test_the_tables_of_facts_are_up_to_date():
    told = subprocess.run(
        [sys.executable, ROOT / "scripts" / "write_templates.py", "--check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout


def test_every_table_stands_in_them():
    facts = (ROOT / "docs" / "templates" / "fakta.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(\w+)`", facts, re.MULTILINE)) == set(Base.metadata.tables)
    assert facts.count("| ja |") == len(whole_copy.REACHED) + 1


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_has_blanks_to_fill_in_and_leads_to_files_that_are_there(path):
    text = path.read_text("utf-8")
    assert "____" in text
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (path.parent / link).exists(), link
    for named in re.findall(r"`(tests/[\w/.]+)`|(?<![\w/])(docs/[\w-]+\.md)", text):
        assert (ROOT / "".join(named)).exists(), named

"""Compiled templates are kept between processes, and never taken from where others may write."""

from __future__ import annotations

import errno

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from matchsvc.web import compiled


@pytest.fixture
def small(tmp_path):
    """``small()``: an application of one page; what it compiles is kept in ``small.folder``."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "page.html").write_text("Hej {{ name }}", encoding="utf-8")

    def make():
        app = Flask("small", template_folder=str(tmp_path / "pages"))
        compiled.init_app(app, make.folder)
        return app

    make.folder = tmp_path / "kept"
    return make


def test_every_template_of_the_product_compiles(app):
    assert compiled.compile_all(app) > 250


def test_what_one_process_compiled_the_next_one_reads(small, monkeypatch):
    assert compiled.compile_all(small()) == 1
    assert len(list(small.folder.iterdir())) == 1
    monkeypatch.setattr("jinja2.Environment._compile", None)  # nothing may be compiled any more
    again = small()
    assert compiled.compile_all(again) == 1
    assert again.jinja_env.get_template("page.html").render(name="Samira") == "Hej Samira"


def test_a_folder_that_others_may_write_to_is_not_used(small):
    small.folder.mkdir()
    small.folder.chmod(0o777)
    compiled.compile_all(small())
    assert list(small.folder.iterdir()) == []


def test_a_full_disk_keeps_nothing_and_the_page_is_there(small, monkeypatch):
    def no_room(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemBytecodeCache, "dump_bytecode", no_room)
    assert compiled.compile_all(small()) == 1

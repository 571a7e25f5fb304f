"""Templates as Python has compiled them, kept between processes: the first page need not wait."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class _Kept(FileSystemBytecodeCache):
    """A folder that is done without where it cannot be written."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template, unless the disk is full or not ours."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def init_app(app: Flask, folder: Path) -> None:
    """Keep what is compiled in a folder of ours; before the first use of ``app.jinja_env``.

    What is kept is run as it stands. So a folder that somebody else may write to is not used.

    Args:
        app: the application.
        folder: need not be there.
    """
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = folder.stat()
        if there.st_uid == os.getuid() and not there.st_mode & 0o022:
            app.jinja_options = {**app.jinja_options, "bytecode_cache": _Kept(str(folder))}


def compile_all(app: Flask) -> int:
    """Have every template ready; how many there are. Seconds the first time, then hardly any."""
    names = app.jinja_env.list_templates(extensions=["html", "txt", "xml"])
    for name in names:
        app.jinja_env.get_template(name)
    return len(names)

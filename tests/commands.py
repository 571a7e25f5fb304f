"""Commands as somebody types them, each in a process of its own: forked, so that nothing is
imported anew."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from functools import cache
from subprocess import CompletedProcess


def run_command(url, *words, folder=None, **environ):
    """Run ``matchsvc WORDS`` on a database to its end."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = _fork({"DATABASE_URL": url, **environ}, words, folder, out, err)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return CompletedProcess(words, code, out.read(), err.read())


def start_command(url, *words, folder=None, **environ):
    """Begin ``matchsvc WORDS`` on a database; its process id, to be waited for or killed."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - no path of ours
        return _fork({"DATABASE_URL": url, **environ}, words, folder, nowhere, nowhere)


@contextlib.contextmanager
def running(environ, *words, folder):
    """Let ``matchsvc WORDS`` run beside the test; killed with all that it started."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - no path of ours
        child = _fork(environ, words, folder, nowhere, nowhere)
    try:
        yield
    finally:
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)


@cache
def _import_everything():
    from matchsvc import app, cli, serve

    return [*app.load_rooms(), cli.main, serve.serve]


def _fork(environ, words, folder, out, err):
    _import_everything()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os._exit(_main(environ, words, folder, out, err))
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpgid(child, child)  # whichever comes first, here or there
    return child


def _main(environ, words, folder, out, err):
    from matchsvc.cli import main

    os.setpgid(0, 0)
    for number, file in ((1, out), (2, err)):
        os.dup2(file.fileno(), number)
    os.environ.update(environ)
    if folder is not None:
        os.chdir(folder)
    sys.argv = ["matchsvc", *words]
    sys.stdout, sys.stderr = out, err
    code = 1
    try:
        main(standalone_mode=True)
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException as broken:  # noqa: BLE001 - as Python says it at the top
        err.write(repr(broken))
    out.flush()
    err.flush()
    return code

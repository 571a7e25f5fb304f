"""Commands as somebody types them, each in a process of its own."""

from __future__ import annotations

import os
import sys
import tempfile
from subprocess import CompletedProcess


def run_command(url, *words, **environ):
    """Run ``matchsvc WORDS`` on a database; forked, so that nothing is imported anew."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            os._exit(_main(url, words, environ, out, err))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return CompletedProcess(words, code, out.read(), err.read())


def _main(url, words, environ, out, err):
    from matchsvc.cli import main

    os.environ.update({"DATABASE_URL": url, **environ})
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

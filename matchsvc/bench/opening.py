"""Run in a process of its own: how long it takes to open the kept index, and into how much memory.

``python -m matchsvc.bench.opening DATABASE_URL FOLDER`` prints seconds and megabytes as JSON. The
libraries are there before the clock begins.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from matchsvc import db
from matchsvc.vocabulary import indexes, lexicon, rules

_MEGABYTE = 1_000_000


def resident_memory() -> int:
    """Bytes of this process that are in memory now, shared ones counted."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main(url: str, folder: str) -> None:
    """Open the index, link one text, and tell what it took."""
    db.connect(url)
    indexes.keep_in(Path(folder))
    with db.read() as session:
        session.connection()
        before, begun = resident_memory(), time.perf_counter()
        lexicon.lemma("mat")
        indexes.label_index(session)
        opened = time.perf_counter() - begun
        rules.suggest(session, "lagade mat", source=rules.Source.ESCO)
        ready = time.perf_counter() - begun
        memory = (resident_memory() - before) / _MEGABYTE
    told = {"seconds": opened, "seconds_first_answer": ready, "megabytes": memory}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What each reader of foreign input promises: a refusal or a result, soon, in little room."""

from __future__ import annotations

import os
import time
import tracemalloc
from contextlib import contextmanager

from hypothesis import HealthCheck, settings

from tests.soak import SOAK

#: Of each reader; `make soak` tries many more.
CASES = int(os.environ.get("FUZZ_CASES", "20000" if SOAK else "60"))
LONGEST_SECONDS = 5.0
MOST_BYTES = 64 * 1024 * 1024

tried = settings(
    max_examples=CASES,
    deadline=None,
    database=None,
    derandomize=not SOAK,  # the same cases for everybody; new ones in each soak
    suppress_health_check=list(HealthCheck),
)


@contextmanager
def soon():
    """Fails when what is done inside takes longer than anybody would wait."""
    began = time.monotonic()
    yield
    taken = time.monotonic() - began
    assert taken < LONGEST_SECONDS, f"took {taken:.1f} s"


@contextmanager
def in_little_room(most=MOST_BYTES):
    """Fails when what is done inside takes more memory than a small file may."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most, f"took {peak} bytes"

"""Figures in the text format of Prometheus, and the count of requests of this process.

Labels are endpoints, states and names of jobs: never an address, which holds tokens and ids. The
format is four lines of code; the client library would bring files shared between processes, which
one process with threads has no use for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from threading import Lock

#: Upper bounds in seconds; 0.3 and 0.5 are what the service promises at the 95th percentile.
BOUNDS = (0.05, 0.1, 0.3, 0.5, 1.0, 3.0, 10.0)
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: a name, what it means, a value and labels. Figures of a name stand together."""

    name: str
    means: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    kind: str = "gauge"


class Requests:
    """Counts the requests of this process; may be asked from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._count: Counter[tuple[str, str]] = Counter()
        self._within: list[int] = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0

    def note(self, endpoint: str | None, status: int, seconds: float) -> None:
        """Count one that has been answered."""
        with self._lock:
            self._count[endpoint or "unknown", f"{status // 100}xx"] += 1
            self._within[bisect_left(BOUNDS, seconds)] += 1
            self._seconds += seconds

    def lines(self) -> Iterator[str]:
        """What was counted so far."""
        with self._lock:
            count, within, seconds = dict(self._count), list(self._within), self._seconds
        yield from as_lines(
            Figure(
                "matchsvc_requests_total",
                "Requests answered by this process",
                number,
                {"endpoint": endpoint, "status": status},
                "counter",
            )
            for (endpoint, status), number in sorted(count.items())
        )
        yield "# HELP matchsvc_request_seconds How long requests took"
        yield "# TYPE matchsvc_request_seconds histogram"
        for bound, number in zip((*map(str, BOUNDS), "+Inf"), accumulate(within), strict=True):
            yield f'matchsvc_request_seconds_bucket{{le="{bound}"}} {number}'
        yield f"matchsvc_request_seconds_sum {seconds:.6f}"
        yield f"matchsvc_request_seconds_count {sum(within)}"


def as_lines(figures: Iterable[Figure]) -> Iterator[str]:
    """Figures as lines, each name introduced once."""
    before = ""
    for figure in figures:
        if figure.name != before:
            yield f"# HELP {figure.name} {figure.means}"
            yield f"# TYPE {figure.name} {figure.kind}"
            before = figure.name
        labels = ",".join(
            f'{name}="{value.translate(_ESCAPES)}"' for name, value in figure.labels.items()
        )
        yield (
            f"{figure.name}{{{labels}}} {figure.value:g}"
            if labels
            else (f"{figure.name} {figure.value:g}")
        )

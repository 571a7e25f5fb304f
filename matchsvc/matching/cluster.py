"""The same ranking on a Dask cluster: for more offers than the processors of one machine manage.

The index and the demands go to every worker once; a task is a stretch of offers and gives their
lists. A worker that dies takes its tasks and its copies with it: its tasks are done again by
another, and what nobody holds any more is sent again. Only this module imports dask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from distributed import CancelledError, Client, KilledWorker, LocalCluster, as_completed

from matchsvc.matching.fast.demands import Demands
from matchsvc.matching.fast.index import Index
from matchsvc.matching.fast.ranking import TopPeople, top_people

LEAST_AT_ONCE = 64  # offers; a task should take some tenths of a second
TASKS_A_THREAD = 8  # so that the last one does not keep everybody waiting
ATTEMPTS = 3

Stretch = tuple[int, int]
Lists = tuple[Any, Any]  # people and points of a stretch


@contextmanager
def connected(scheduler: str | None) -> Iterator[Client]:
    """Connect to a scheduler, or start one with a process for each processor of this machine."""
    if scheduler is not None:
        with Client(scheduler) as client:
            yield client
        return
    with (
        LocalCluster(threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


def rank_on(
    client: Client,
    index: Index,
    demands: Demands,
    k: int,
    *,
    at_once: int | None = None,
    done: Callable[[], None] = lambda: None,
) -> TopPeople:
    """Give what `top_people` gives, worked out by the cluster.

    Args:
        client: of the cluster.
        index: the people.
        demands: the offers.
        k: how many for each offer.
        at_once: offers of a task.
        done: called after each task.

    Raises:
        RuntimeError: the cluster has lost its work again and again.
    """
    size = at_once or max(LEAST_AT_ONCE, -(-len(demands) // (TASKS_A_THREAD * _threads(client))))
    left = [(first, min(first + size, len(demands))) for first in range(0, len(demands), size)]
    people = np.full((len(demands), k), -1, np.int64)
    points = np.full((len(demands), k), -1, np.int64)
    for _ in range(ATTEMPTS):
        for (first, after), lists in _finished(client, index, demands, k, left):
            people[first:after], points[first:after] = lists
            left.remove((first, after))
            done()
        if not left:
            return TopPeople(people, points)
    raise RuntimeError(f"{len(left)} stretches of offers were lost {ATTEMPTS} times")


def _threads(client: Client) -> int:
    return max(1, sum(int(threads) for threads in client.nthreads().values()))


def _finished(
    client: Client, index: Index, demands: Demands, k: int, stretches: list[Stretch]
) -> Iterator[tuple[Stretch, Lists]]:
    """Submit stretches; give those that were not lost."""
    held = client.scatter([index, demands], broadcast=True, hash=False)
    tasks: dict[Any, Stretch] = {
        client.submit(_lists, *held, *stretch, k, pure=False): stretch for stretch in stretches
    }
    for future in as_completed(tasks):
        try:
            lists = future.result()
        except (CancelledError, KilledWorker):
            continue
        yield tasks[future], lists


def _lists(index: Index, demands: Demands, first: int, after: int, k: int) -> Lists:
    """Rank for a stretch of offers, on a worker."""
    found = top_people(index, demands, k, offers=np.arange(first, after), threads=1)
    return found.people, found.points

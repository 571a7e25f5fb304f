"""The whole-cohort draft against scipy's assignment and OR-tools' flow, on the same pairs.

Ours is measured from the raw workload to the certified assignment: laying out, scoring every pair
with its gates, assigning. scipy is given the dense table of values, ready made, and OR-tools the
list of usable pairs, so what they are charged for is the assigning alone.
"""

from __future__ import annotations

import pickle
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from subprocess import PIPE
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from matchsvc.matching.assignment.auction import auction, improve
from matchsvc.matching.assignment.certificate import dual_bound
from matchsvc.matching.assignment.pairs import NOBODY, Ints, Pairs, PairSource
from matchsvc.matching.assignment.solve import STEPS, Cohort, Solution, solve
from matchsvc.matching.fast.demands import build_demands
from matchsvc.matching.fast.index import build_index
from matchsvc.matching.indexed_pairs import IndexedPairs, listed_if_few
from matchsvc.matching.weights import FLOOR

Workload = Mapping[str, NDArray[Any]]

LARGEST_DENSE = 5_000  # people: above it scipy takes minutes and gigabytes, so it must be asked for
MEGABYTE = 1_048_576
_CHILD = """
import pickle, sys
work, arguments = pickle.load(sys.stdin.buffer)
pickle.dump(work(*arguments), sys.stdout.buffer)
"""


class Lasted(NamedTuple):
    """By the clock on the wall, and of all threads together; the second is less disturbed."""

    seconds: float
    cpu_seconds: float


def bench_cohort(
    workload: Workload,
    *,
    floor: int = FLOOR,
    full: bool = False,
    repeats: int = 3,
    compiled: bool | None = None,
) -> dict[str, Any]:
    """Measure one cohort; every side in a process of its own, so that its memory is its own.

    Args:
        workload: people, offers and their gates, as `matchsvc bench matching` makes or reads them.
        floor: the least cover of what is required, of 10,000.
        full: run scipy's dense assignment above 5,000 people, too (8 GB at 20,000).
        repeats: the median of so many.
        compiled: False leaves numba out.
    """
    people = int(workload["n"])
    ours = _apart(_ours, dict(workload), floor, repeats, compiled)
    told: dict[str, Any] = {"people": people, "offers": int(workload["m"]), "floor": floor, **ours}
    told["flow"] = "OR-tools SimpleMinCostFlow"
    told |= _apart(_flow, dict(workload), floor, repeats)
    told["flow_ratio"] = told["flow_seconds"] / told["solver_seconds"]
    told["flow_cpu_ratio"] = told["flow_cpu_seconds"] / told["solver_cpu_seconds"]
    told["baseline"] = "scipy linear_sum_assignment, dense, places replicated"
    if people <= LARGEST_DENSE or full:
        told |= _apart(_dense, dict(workload), floor, repeats if people <= LARGEST_DENSE else 1)
        told["ratio"] = told["baseline_seconds"] / told["seconds"]
        told["cpu_ratio"] = told["baseline_cpu_seconds"] / told["cpu_seconds"]
        told["memory_ratio"] = told["baseline_megabytes"] / max(told["megabytes"], 1)
        told["short_of_best"] = told["baseline_value"] - told["value"]
    return told


def source_of(workload: Workload, *, floor: int, compiled: bool | None = None) -> PairSource:
    """Lay a workload out and find its usable pairs."""
    index = build_index(
        people=int(workload["n"]),
        parent=workload["parent"],
        held_row=workload["held_row"],
        held_concept=workload["held_concept"],
        held_tenths=workload["held_evidence"],
        has=workload["has"],
        wait_days=workload["wait_days"],
    )
    demands = build_demands(
        offers=int(workload["m"]),
        parent=workload["parent"],
        requirement_offer=workload["req_row"],
        requirement_concept=workload["req_concept"],
        requirement_is_merit=workload["req_merit"],
        need=workload["need"],
    )
    return listed_if_few(IndexedPairs(index, demands, floor, compiled=compiled))


def cohort_of(workload: Workload, pairs: PairSource) -> Cohort:
    """A workload's cohort, with nobody locked."""
    people = int(workload["n"])
    return Cohort(
        pairs=pairs,
        places=workload["capacity"].astype(np.int64),
        wait_days=workload["wait_days"].astype(np.int64),
        id_rank=np.arange(people),
        locked=np.full(people, NOBODY, np.int64),
        locked_cover=np.zeros(people, np.int64),
    )


def _ours(workload: Workload, floor: int, repeats: int, compiled: bool | None) -> dict[str, Any]:  # noqa: FBT001
    def whole() -> Solution:
        return solve(cohort_of(workload, source_of(workload, floor=floor, compiled=compiled)))

    whole()  # compiles what there is to compile
    before = _peak()
    lasted, found = _timed(whole, repeats)
    pairs, places = found.pairs, workload["capacity"].astype(np.int64)
    solver, _ = _timed(lambda: _assign(pairs, places, workload["wait_days"]), repeats)
    return {
        "places": int(places.sum()),
        "pairs": len(pairs),
        **_named("", lasted),
        "megabytes": before,
        **_named("solver_", solver),
        "placed": found.placed,
        "most_placed": found.most_placed,
        "value": found.value,
        "bound": found.bound,
        "gap": found.gap,
        "first_come": {
            "placed": int((found.first_come >= 0).sum()),
            "value": found.first_come_value,
        },
    }


def _assign(pairs: Pairs, places: Ints, wait_days: Ints) -> int:
    """The solver alone: auction, mending and certificate."""
    held = auction(pairs, places, step=STEPS[0], most_bids=2**40)
    improve(pairs, places, wait_days.astype(np.int64), held.offer)
    return dual_bound(pairs.best_by_price(held.price), held.price, places)


def _flow(workload: Workload, floor: int, repeats: int) -> dict[str, Any]:
    from ortools.graph.python import min_cost_flow

    pairs, places = _all_pairs(workload, floor), workload["capacity"].astype(np.int64)
    people, offers = pairs.people, pairs.offers
    person, offer, end = np.arange(people), people + np.arange(offers), people + offers
    tail = np.concatenate([pairs.person, person, offer])
    head = np.concatenate([people + pairs.offer, np.full(people + offers, end)])
    room = np.concatenate([np.ones(len(pairs) + people, np.int64), places])
    cost = np.concatenate([-pairs.value, np.zeros(people + offers, np.int64)])

    def run() -> int:
        network = min_cost_flow.SimpleMinCostFlow()
        network.add_arcs_with_capacity_and_unit_cost(tail, head, room, cost)
        network.set_nodes_supplies(np.append(person, end), np.append(np.ones(people, int), -people))
        lasted.append(_timed(network.solve, 1)[0])
        return -int(network.optimal_cost())

    lasted: list[Lasted] = []
    values = [run() for _ in range(repeats)]
    return {**_named("flow_", _median(lasted)), "flow_value": values[0]}


def _dense(workload: Workload, floor: int, repeats: int) -> dict[str, Any]:
    pairs, places = _all_pairs(workload, floor), workload["capacity"].astype(np.int64)
    start = np.append(0, np.cumsum(places))
    cells = np.zeros((pairs.people, int(start[-1])))
    for at in range(int(places.max(initial=0))):
        some = places[pairs.offer] > at
        cells[pairs.person[some], start[pairs.offer[some]] + at] = pairs.value[some]

    def run() -> int:
        person, seat = linear_sum_assignment(cells, maximize=True)
        return int(cells[person, seat].sum())

    lasted, value = _timed(run, repeats)
    return {
        **_named("baseline_", lasted),
        "baseline_megabytes": _peak(),
        "baseline_value": value,
    }


def _all_pairs(workload: Workload, floor: int) -> Pairs:
    """Every usable pair as a list, however many."""
    source = source_of(workload, floor=floor)
    if isinstance(source, Pairs):
        return source
    return source.candidates(source.offers)


def _timed(work: Callable[[], Any], repeats: int) -> tuple[Lasted, Any]:
    lasted = []
    for _ in range(max(repeats, 1)):
        start, worked = time.perf_counter(), time.process_time()
        found = work()
        lasted.append(Lasted(time.perf_counter() - start, time.process_time() - worked))
    return _median(lasted), found


def _median(lasted: list[Lasted]) -> Lasted:
    return Lasted(*(statistics.median(column) for column in zip(*lasted, strict=True)))


def _named(name: str, lasted: Lasted) -> dict[str, float]:
    return {f"{name}seconds": lasted.seconds, f"{name}cpu_seconds": lasted.cpu_seconds}


def _peak() -> int:
    """Most memory this process has held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // MEGABYTE


def _apart(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Run in a bare process: multiprocessing's would load the command line's modules, too."""
    given = pickle.dumps((work, arguments))
    done = subprocess.run(  # noqa: S603 - this program's own
        [sys.executable, "-c", _CHILD], input=given, stdout=PIPE, check=True
    )
    told: dict[str, Any] = pickle.loads(done.stdout)  # noqa: S301 - this program's own
    return told

"""``matchsvc bench matching``: the engine beside the fastest sparse products, on the same matrices.

The baselines are sparse_dot_topn and sp_matmul_rs at one and two threads; the fastest of the four
counts. Neither can gate, so they answer an easier question. Every figure is a median of repeats in
one run. Before anything is timed, sampled answers are compared with a plain product.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from matchsvc.bench import workload
from matchsvc.bench.cohort import bench_cohort
from matchsvc.bench.live import bench_load, bench_memory, bench_update
from matchsvc.bench.workload import Workload
from matchsvc.matching.fast.demands import Demands, build_demands
from matchsvc.matching.fast.explaining import explain_pairs
from matchsvc.matching.fast.index import TENTHS, TENTHS_BITS, Index, build_index
from matchsvc.matching.fast.live import Live, writable
from matchsvc.matching.fast.ranking import top_both, top_offers, top_people

Figures = dict[str, Any]


class Lasted(NamedTuple):
    """By the clock on the wall, and of all threads together."""

    seconds: float
    cpu_seconds: float


OURS, RANKING = "ours", "ranking people for offers"
TOP, WIDE, ONE_OFFER_TOP = 10, 100, 50
THREADS = 2
SAMPLED = 40
TRIED = 500  # offers that every product is tried on
NEAR = 1.5  # of the fastest product's time: those that could still be the fastest
QUESTIONS = 200  # one offer each, for the slowest of twenty to mean something
CHANGES = 200
CACHE_BYTES = 256 * 1024 * 1024  # more than any cache, read to empty it


@dataclass(frozen=True, eq=False)
class Run:
    """One workload laid out, and how often to repeat."""

    made: Workload
    repeats: int
    compiled: bool | None = None
    full: bool = False  # also the sides that take minutes and gigabytes

    @cached_property
    def index(self) -> Index:
        """Give the people."""
        return self.lay_out_people()

    @cached_property
    def demands(self) -> Demands:
        """Give the offers."""
        made = self.made
        return build_demands(
            offers=made["m"],
            parent=made["parent"],
            requirement_offer=made["req_row"],
            requirement_concept=made["req_concept"],
            requirement_is_merit=made["req_merit"],
            need=made["need"],
        )

    @cached_property
    def products(self) -> tuple[Any, Any]:
        """Give the same as float matrices: offers x concepts, concepts x people (by place)."""
        index, demands = self.index, self.demands
        concepts = len(index.parent)
        parts = ((index.held & TENTHS).astype(np.float32), index.held >> TENTHS_BITS)
        people = sparse.csr_matrix(
            (*parts, index.held_pointer), shape=(len(index.row), concepts), dtype=np.float32
        )
        rows = (demands.weight.astype(np.float32), demands.concept.copy(), demands.pointer)
        offers = sparse.csr_matrix(rows, shape=(len(demands), concepts))
        offers.sort_indices()  # in place: hence the copy
        return offers, people.T.tocsr()

    def lay_out_people(self) -> Index:
        """Build the index anew."""
        made = self.made
        return build_index(
            people=made["n"],
            parent=made["parent"],
            held_row=made["held_row"],
            held_concept=made["held_concept"],
            held_tenths=made["held_evidence"],
            has=made["has"],
            wait_days=made["wait_days"],
            likely_need=made["need"],
        )

    def rank(self, k: int) -> Any:
        """Rank all pairs."""
        return top_people(self.index, self.demands, k, threads=THREADS, compiled=self.compiled)

    def beside(self, sides: Mapping[str, Callable[[], Any]]) -> dict[str, Lasted]:
        """Give the median of each side; they take turns, so that what disturbs one disturbs all.

        What is slower the first time has been run by who calls.
        """
        times: dict[str, list[Lasted]] = {name: [] for name in sides}
        for _ in range(self.repeats):
            for name, work in sides.items():
                times[name].append(timed(work))
        return {name: _median(lasted) for name, lasted in times.items()}


def all_pairs(run: Run, k: int = TOP) -> Figures:
    """Measure the best people for every offer, with gates."""
    _demand_same(run, run.rank(k), k)
    products = _fastest(run, k)
    times = run.beside({OURS: lambda: run.rank(k), **products})
    ours = times.pop(OURS)
    name = min(times, key=lambda side: times[side].seconds)
    return {
        **_against(ours, name, times[name]),
        "pairs_per_second": run.made["n"] * run.made["m"] / ours.seconds,
        "index_bytes": run.index.nbytes,
    }


def one_offer(run: Run) -> Figures:
    """Measure one offer against everybody with cold caches."""
    index, demands = run.index, run.demands
    random = np.random.default_rng(1)
    chosen = random.choice(len(demands), min(QUESTIONS, len(demands)), replace=False)
    spoil = np.ones(CACHE_BYTES // 8, np.int64)  # zeros would be one page, over and over

    def cold(work: Callable[[], Any]) -> Lasted:
        spoil.sum()
        return timed(work)

    def ask(offer: int) -> Any:
        return top_people(
            index, demands, ONE_OFFER_TOP, offers=[offer], threads=1, compiled=run.compiled
        )

    ask(int(chosen[0]))
    times = [cold(partial(ask, int(offer))) for offer in chosen]
    offers, people = run.products
    rows = [offers[int(offer)] for offer in chosen[: max(10, 4 * run.repeats)]]
    sides = {}
    for name, product in _products().items():
        product(rows[0], people, ONE_OFFER_TOP)
        cool = [cold(partial(product, row, people, ONE_OFFER_TOP)) for row in rows]
        sides[name] = _median(cool)
    name = min(sides, key=lambda side: sides[side].seconds)
    bandwidth = spoil.nbytes / min(timed(spoil.sum).seconds for _ in range(3))
    read = statistics.mean(_bytes_to_read(run, int(offer)) for offer in chosen)
    ours = _median(times)
    return {
        **_against(ours, name, sides[name]),
        "p95_seconds": sorted(times)[int(0.95 * len(times))].seconds,
        "bytes_asked_for": read,  # planes, columns and postings of what the offer asks
        "bytes_per_pair": read / run.made["n"],
        "one_thread_bandwidth": bandwidth,
        "share_of_bandwidth_bound": read / bandwidth / ours.seconds,
    }


def explain(run: Run) -> Figures:
    """Measure explaining every ranked pair, against ranking them."""
    found = run.rank(TOP)
    offers, place = np.nonzero(found.people >= 0)
    people = found.people[offers, place]
    work = partial(
        explain_pairs, run.index, run.demands, people, offers,
        threads=THREADS, compiled=run.compiled,
    )  # fmt: skip
    told = work()
    ends = np.append(0, np.cumsum(told.points.sum(axis=1, dtype=np.int64)))[told.pointer]
    equal = np.diff(ends) == found.points[offers, place]
    if not equal.all():
        raise click.ClickException("an explanation does not sum to its points")
    times = run.beside({OURS: work, RANKING: lambda: run.rank(TOP)})
    return {
        **_against(times[OURS], RANKING, times[RANKING]),
        "share_of_ranking": times[OURS].seconds / times[RANKING].seconds,
        "cpu_share_of_ranking": times[OURS].cpu_seconds / times[RANKING].cpu_seconds,
        "pairs": len(offers),
        "pairs_with_equal_sums": int(equal.sum()),
    }


def both(run: Run) -> Figures:
    """Measure both directions in one pass, against one."""
    how: dict[str, Any] = {"threads": THREADS, "compiled": run.compiled}
    index, demands = run.index, run.demands
    sides: dict[str, Callable[[], Any]] = {
        OURS: lambda: top_both(index, demands, TOP, **how),
        RANKING: lambda: run.rank(TOP),
        "people": lambda: top_offers(index, demands, TOP, **how),
    }
    for work in sides.values():
        work()
    times = run.beside(sides)
    ours, one, other = times.values()
    return {
        **_against(ours, RANKING, one),
        "times_people_for_offers": ours.cpu_seconds / one.cpu_seconds,
        "times_offers_for_people": ours.cpu_seconds / other.cpu_seconds,
        "share_of_one_after_the_other": ours.cpu_seconds / (one.cpu_seconds + other.cpu_seconds),
    }


def flat(run: Run) -> Figures:
    """Measure all pairs of a workload with nearly flat popularity."""
    made = workload.invent(run.made["n"], run.made["m"], zipf=0.3)
    return all_pairs(Run(made, run.repeats, run.compiled))


def k100(run: Run) -> Figures:
    """Measure all pairs with the best hundred for each offer."""
    return all_pairs(run, WIDE)


def plain(run: Run) -> Figures:
    """Measure all pairs without numba, at one thread, against sparse_dot_topn at one thread."""
    offers, people = run.products
    name = "sparse_dot_topn, 1 thread"
    product = partial(_products()[name], offers, people, TOP)
    with threadpool_limits(1):
        times = run.beside(
            {
                OURS: lambda: top_people(run.index, run.demands, TOP, threads=1, compiled=False),
                name: product,
                "scipy": lambda: _scipy_product(run),
            }
        )
    return {
        **_against(times[OURS], name, times[name]),
        "scipy_seconds": times["scipy"].seconds,
        "scipy_ratio": times["scipy"].seconds / times[OURS].seconds,
    }


def update(run: Run) -> Figures:
    """Measure one changed person, in place and beside, against building the index anew."""
    rebuild = _median([timed(run.lay_out_people) for _ in range(run.repeats)])
    index, made = run.index, run.made
    live = Live(writable(index))
    order = np.argsort(made["held_row"], kind="stable")
    first = np.searchsorted(made["held_row"][order], np.arange(len(index) + 1))
    random = np.random.default_rng(2)
    rows = random.choice(len(index), min(CHANGES, len(index)), replace=False).tolist()
    unheard_of = len(made["parent"]) - 1

    def change(row: int, *, learns: bool) -> None:
        own = order[first[row] : first[row + 1]]
        concepts = made["held_concept"][own]
        tenths = 17 - made["held_evidence"][own].astype(np.int64)  # 7 to 10 the other way round
        if learns:
            concepts, tenths = np.append(concepts, unheard_of), np.append(tenths, 8)
        wait, rank = int(index.wait_days[row]), int(index.id_rank[row])
        live.change(row, concepts, tenths, made["has"][row], wait_days=wait, id_rank=rank)

    def ask() -> Any:
        return live.top_people(run.demands, TOP, offers=[0], threads=1, compiled=run.compiled)

    in_place = _median([timed(partial(change, row, learns=False)) for row in rows])
    ask()
    beside = []
    for row in rows:
        changed = timed(partial(change, row, learns=True)).seconds
        # The first answer after a change lays out the few who stand beside; the next does not.
        beside.append(changed + timed(ask).seconds - timed(ask).seconds)
    new = max(statistics.median(beside), 1e-9)
    return {
        **_against(in_place, "building the index anew", rebuild),
        "new_concept_seconds": new,
        "new_concept_ratio": rebuild.seconds / new,
    }


def cohort(run: Run) -> Figures:
    """Measure a draft for everybody; scipy's dense assignment above 5,000 people when `full`."""
    return bench_cohort(run.made, full=run.full, repeats=run.repeats, compiled=run.compiled)


def load(run: Run) -> Figures:
    """Measure loading as many people from a database of its own, and a cold start."""
    return bench_load(int(run.made["n"]), int(run.made["m"]), repeats=run.repeats)


def visible(run: Run) -> Figures:
    """Measure when one change in the database is seen, against making the index again."""
    return bench_update(int(run.made["n"]), int(run.made["m"]), repeats=run.repeats)


def memory(run: Run) -> Figures:
    """Measure the proportional memory of four workers with as many people."""
    return bench_memory(int(run.made["n"]), int(run.made["m"]))


MEASURES: dict[str, Callable[[Run], Figures]] = {
    "all_pairs": all_pairs,
    "one_offer": one_offer,
    "explain": explain,
    "both": both,
    "flat": flat,
    "k100": k100,
    "cohort": cohort,
    "load": load,
    "update": update,
    "visible": visible,
    "memory": memory,
    "plain": plain,
}
USUAL = ("all_pairs", "explain", "update")


@click.command("matching")
@click.option("--participants", type=click.IntRange(1), default=20_000, show_default=True)
@click.option("--offers", type=click.IntRange(1), default=5_000, show_default=True)
@click.option(
    "--workload", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="measure this .npz file instead of an invented workload",
)  # fmt: skip
@click.option("--zipf", type=float, default=1.0, show_default=True, help="skew; 0.3 is flat")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--only", help=f"some of {','.join(MEASURES)}, with commas between")
@click.option("--repeats", type=click.IntRange(1), default=3, show_default=True)
@click.option("--full", is_flag=True, help="also the sides that take minutes and gigabytes")
@click.option("--without-numba", is_flag=True, help="leave compiled code out")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def matching(
    participants: int, offers: int, file: Path | None, zipf: float, seed: int, only: str | None,
    repeats: int, *, full: bool, without_numba: bool, as_json: bool,
) -> None:  # fmt: skip
    """Time the matching engine, and what one could use instead."""
    wanted = only.split(",") if only else USUAL
    unknown = sorted(set(wanted) - set(MEASURES))
    if unknown:
        raise click.UsageError(f"Not measured: {', '.join(unknown)}.")
    made = (
        workload.read(file) if file else workload.invent(participants, offers, seed=seed, zipf=zipf)
    )
    run = Run(made, repeats, compiled=False if without_numba else None, full=full)
    told = {}
    for name in wanted:
        told[name] = MEASURES[name](run)
        if not as_json:
            click.echo(_line(name, told[name]))
    if as_json:
        click.echo(json.dumps(told))


def timed(work: Callable[[], Any]) -> Lasted:
    """Time some work by the clock on the wall and by what all threads were at work."""
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return Lasted(time.perf_counter() - start, time.process_time() - cpu)


def _median(times: list[Lasted]) -> Lasted:
    return Lasted(*(statistics.median(column) for column in zip(*times, strict=True)))


def _against(ours: Lasted, name: str, baseline: Lasted) -> Figures:
    return {
        "seconds": ours.seconds,
        "baseline": name,
        "baseline_seconds": baseline.seconds,
        "ratio": baseline.seconds / ours.seconds,
        "cpu_seconds": ours.cpu_seconds,
        "baseline_cpu_seconds": baseline.cpu_seconds,
        "cpu_ratio": baseline.cpu_seconds / max(ours.cpu_seconds, 1e-9),
        "load": os.getloadavg()[0],  # others on the machine disturb the clock more than the rest
    }


def _products() -> dict[str, Callable[[Any, Any, int], Any]]:
    import sp_matmul_rs
    import sparse_dot_topn

    return {
        f"{library.__name__}, {threads} thread{'s' * (threads > 1)}": partial(
            _product, library.sp_matmul_topn, threads
        )
        for library in (sparse_dot_topn, sp_matmul_rs)
        for threads in (1, 2)
    }


def _product(multiply: Any, threads: int, offers: Any, people: Any, k: int) -> Any:
    return multiply(offers, people, top_n=k, n_threads=threads)


def _fastest(run: Run, k: int) -> dict[str, Callable[[], Any]]:
    """Give the products that are near the fastest on some offers, to be timed on all."""
    offers, people = run.products
    chosen = np.random.default_rng(4).choice(
        len(run.demands), min(TRIED, len(run.demands)), replace=False
    )
    few = offers[np.sort(chosen)]
    once = {name: timed(partial(work, few, people, k)) for name, work in _products().items()}
    most = NEAR * min(lasted.seconds for lasted in once.values())
    return {
        name: partial(product, offers, people, k)
        for name, product in _products().items()
        if once[name].seconds <= most
    }


def _scipy_product(run: Run) -> None:
    """Rank with scipy alone: a sparse product, closed pairs struck out, a partition."""
    offers, people = run.products
    row, made = run.index.row, run.made
    has = np.append(made["has"], np.uint64(0))[row]
    for start in range(0, made["m"], 200):
        points = (offers[start : start + 200] @ people).toarray()
        for line, need in zip(points, made["need"][start : start + 200], strict=True):
            line[((need & ~has) != 0) | (row < 0)] = -1
        np.argpartition(points, -min(TOP, points.shape[1]), axis=1)


def _demand_same(run: Run, found: Any, k: int) -> None:
    """Compare sampled offers with a plain product; raises ClickException when one differs."""
    made = run.made
    offers, people = run.products
    chosen = np.random.default_rng(3).choice(made["m"], min(SAMPLED, made["m"]), replace=False)
    for offer in chosen:
        points = (offers[int(offer)].astype(np.float64) @ people).toarray().ravel()
        points = points[run.index.position].astype(np.int64)
        is_open = (made["need"][offer] & ~made["has"]) == 0
        rows = np.flatnonzero(is_open)
        order = rows[np.lexsort((rows, -made["wait_days"][rows], -points[rows]))][:k]
        got = found.people[offer][found.people[offer] >= 0]
        if not np.array_equal(got, order) or np.any(found.points[offer][: len(got)] != points[got]):
            raise click.ClickException("the answer is not that of a plain product")


def _bytes_to_read(run: Run, offer: int) -> int:
    """Give the bytes of the index that speak of what an offer asks: planes, columns, postings."""
    index, demands = run.index, run.demands
    asked = demands.concept[demands.pointer[offer] : demands.pointer[offer + 1]]
    place = index.place[asked]
    lists = -place[place < 0] - 1
    pointer = index.posting_pointer.astype(np.int64)
    postings = (pointer[:, lists + 1] - pointer[:, lists]).sum()
    planes = demands.need_pointer[offer + 1] - demands.need_pointer[offer] + 1
    columns = int((place > 0).sum()) * index.dense[:, 0].nbytes if index.dense.size else 0
    return int(planes * index.alive.nbytes + columns + postings * index.posting.itemsize)


def _line(name: str, figures: Figures) -> str:
    told = dict(figures)
    words = [f"{_short(told.pop('seconds'))} s"] if "seconds" in told else []
    if "ratio" in told:
        baseline, lasted = told.pop("baseline"), told.pop("baseline_seconds", None)
        words.append(f"{baseline} {_short(lasted)} s" if lasted is not None else str(baseline))
        words.append(f"{told.pop('ratio'):.2f} x")
    words += [f"{key} {_short(value)}" for key, value in told.items()]
    return f"{name}: {'; '.join(words)}"


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else str(value)

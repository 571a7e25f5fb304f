"""Sixty-four people in one step: the vector operations that the compiler does not find itself.

Written as LLVM's own vectors, so they run on any processor that numba knows, in whatever width it
has. `sums` is the uint16 array of everybody's points so far; `at` the first of the group.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_LANES = 64
_I8, _I16, _I32, _I64 = (ir.IntType(width) for width in (8, 16, 32, 64))


def _vector(of: ir.Type) -> ir.VectorType:
    return ir.VectorType(of, _LANES)


def _address(context: Any, builder: Any, kind: Any, array: Any, at: Any, of: ir.Type) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), _vector(of).as_pointer())


def _load(context: Any, builder: Any, kind: Any, array: Any, at: Any, of: ir.Type) -> Any:
    vector = builder.load(_address(context, builder, kind, array, at, of))
    vector.align = 1
    return vector


def _all(builder: Any, number: Any, of: ir.Type, lanes: int = _LANES) -> Any:
    """Give a vector that holds the number in every lane."""
    narrow = number if number.type == of else builder.trunc(number, of)
    undefined = ir.Constant(ir.VectorType(of, lanes), ir.Undefined)
    one = builder.insert_element(undefined, narrow, _I32(0))
    return builder.shuffle_vector(one, undefined, ir.Constant(ir.VectorType(_I32, lanes), None))


@intrinsic  # type: ignore[misc]
def lanes_at_least(_typing: Any, sums: Any, at: Any, least: Any) -> Any:
    """Give a word with the bit of each lane whose sum is at least `least` (0-65,535)."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        has = _load(context, builder, signature.args[0], given[0], given[1], _I16)
        enough = builder.icmp_unsigned(">=", has, _all(builder, given[2], _I16))
        return builder.bitcast(enough, _I64)

    return types.uint64(sums, types.int64, types.int64), generate


@intrinsic  # type: ignore[misc]
def add_columns(
    _typing: Any,
    sums: Any,
    at: Any,
    table: Any,
    byte: Any,
    starts: Any,
    weights: Any,
    first: Any,
    after: Any,
    target: Any,
    to: Any,
) -> Any:
    """Write to target[to:] the sums[at:] and weights[i] x tenths of columns i = first..after.

    Column i has its 32 bytes at table[starts[i] + byte:]; byte j holds lanes j and 32 + j.
    """

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        kinds = signature.args
        half = ir.VectorType(_I16, _LANES // 2)
        bytes_ = ir.VectorType(_I8, _LANES // 2)

        def upper(at: Any) -> Any:
            return builder.add(at, _I64(_LANES // 2))

        def vector_at(argument: int, at: Any, of: Any) -> Any:
            array = context.make_array(kinds[argument])(context, builder, given[argument])
            return builder.bitcast(builder.gep(array.data, [at]), of.as_pointer())

        def load(argument: int, at: Any, of: Any) -> Any:
            vector = builder.load(vector_at(argument, at, of))
            vector.align = 1
            return vector

        def entry(argument: int, at: Any) -> Any:
            array = context.make_array(kinds[argument])(context, builder, given[argument])
            return builder.load(builder.gep(array.data, [at]))

        # A byte is lower + 16 x upper: one product is of both, and upper's is taken off in the end.
        of_both, of_upper = (cgutils.alloca_once(builder, half) for _ in range(2))
        builder.store(load(0, given[1], half), of_both)
        builder.store(ir.Constant(half, None), of_upper)
        four = ir.Constant(half, [4] * (_LANES // 2))
        with cgutils.for_range_slice(builder, given[6], given[7], _I64(1)) as (i, _):
            start = builder.add(builder.sext(entry(4, i), _I64), given[3])
            both = builder.zext(load(2, start, bytes_), half)
            weight = _all(builder, entry(5, i), _I16, _LANES // 2)
            for total, tenths in ((of_both, both), (of_upper, builder.lshr(both, four))):
                more = builder.mul(tenths, weight)
                builder.store(builder.add(builder.load(total), more), total)
        more = builder.load(of_upper)
        lower = builder.sub(builder.load(of_both), builder.shl(more, four))
        higher = builder.add(load(0, upper(given[1]), half), more)
        for where, vector in ((given[9], lower), (upper(given[9]), higher)):
            builder.store(vector, vector_at(8, where, half)).align = 1
        return context.get_dummy_value()

    i64 = types.int64
    return types.void(sums, i64, table, i64, starts, weights, i64, i64, target, i64), generate


@intrinsic  # type: ignore[misc]
def words_of_planes(
    _typing: Any,
    alive: Any,
    alive_at: Any,
    planes: Any,
    planes_at: Any,
    step: Any,
    gates: Any,
    first: Any,
    after: Any,
    words: Any,
    to: Any,
) -> Any:
    """Write to words[to : to + 8] who is alive and in all planes of gates[first:after].

    A gate's eight words are at planes[planes_at + gate x step:]. Give a bit per word that is not 0.
    """

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        kinds = signature.args
        eight = ir.VectorType(_I64, 8)

        def data(argument: int) -> Any:
            return context.make_array(kinds[argument])(context, builder, given[argument]).data

        def vector_at(argument: int, at: Any) -> Any:
            return builder.bitcast(builder.gep(data(argument), [at]), eight.as_pointer())

        def load(argument: int, at: Any) -> Any:
            vector = builder.load(vector_at(argument, at))
            vector.align = 8
            return vector

        found = cgutils.alloca_once(builder, eight)
        builder.store(load(0, given[1]), found)
        with cgutils.for_range_slice(builder, given[6], given[7], _I64(1)) as (i, _):
            gate = builder.sext(builder.load(builder.gep(data(5), [i])), _I64)
            at = builder.add(given[3], builder.mul(gate, given[4]))
            builder.store(builder.and_(builder.load(found), load(2, at)), found)
        word = builder.load(found)
        builder.store(word, vector_at(8, given[9])).align = 8
        some = builder.icmp_unsigned("!=", word, ir.Constant(eight, None))
        return builder.zext(builder.bitcast(some, _I8), _I64)

    i64 = types.int64
    return types.uint64(alive, i64, planes, i64, i64, gates, i64, i64, words, i64), generate


@intrinsic  # type: ignore[misc]
def count_lanes(_typing: Any, word: Any) -> Any:
    """Give how many bits are set."""

    def generate(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.ctpop(given[0])

    return types.int64(types.uint64), generate


@intrinsic  # type: ignore[misc]
def prefetch(_typing: Any, array: Any, at: Any) -> Any:
    """Ask for array[at] to be brought to the cache."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, given[0]).data
        address = builder.bitcast(builder.gep(data, [given[1]]), _I8.as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [_I8.as_pointer(), _I32, _I32, _I32])
        fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(fetch, [address, _I32(0), _I32(3), _I32(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


@intrinsic  # type: ignore[misc]
def lowest_lane(_typing: Any, word: Any) -> Any:
    """Give the number of the lowest bit that is set; the word is not 0."""

    def generate(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.cttz(given[0], cgutils.true_bit)

    return types.int64(types.uint64), generate


@intrinsic  # type: ignore[misc]
def lanes_worth(
    _typing: Any,
    sums: Any,
    at: Any,
    least_value: Any,
    place: Any,
    more: Any,
    plus: Any,
    minus: Any,
    ratio: Any,
    shift: Any,
) -> Any:
    """Give a word with the bit of each lane that may be worth its least value.

    With cover = min(max(least_value + plus - minus, 0), 10,000) a lane is in when its sum + `more`
    is at least (4 x cover x ratio >> 16) << shift, which never passes the points needed.
    """

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        sums_kind, least_kind = signature.args[0], signature.args[2]
        wide = _vector(_I32)
        worth = _load(context, builder, least_kind, given[2], given[3], _I16)
        cover = builder.add(worth, _all(builder, given[5], _I16))
        minus_all = _all(builder, given[6], _I16)
        some = builder.icmp_unsigned(">", cover, minus_all)
        cover = builder.select(
            some, builder.sub(cover, minus_all), ir.Constant(_vector(_I16), None)
        )
        full = ir.Constant(_vector(_I16), [10_000] * _LANES)
        cover = builder.select(builder.icmp_unsigned("<", cover, full), cover, full)
        four = builder.shl(cover, ir.Constant(_vector(_I16), [2] * _LANES))
        product = builder.mul(
            builder.zext(four, wide), builder.zext(_all(builder, given[7], _I16), wide)
        )
        high = builder.lshr(product, ir.Constant(wide, [16] * _LANES))
        needed = builder.shl(builder.trunc(high, _vector(_I16)), _all(builder, given[8], _I16))
        has = _load(context, builder, sums_kind, given[0], given[1], _I16)
        reached = builder.add(has, _all(builder, given[4], _I16))
        return builder.bitcast(builder.icmp_unsigned(">=", reached, needed), _I64)

    i64 = types.int64
    return types.uint64(sums, i64, least_value, i64, i64, i64, i64, i64, i64), generate

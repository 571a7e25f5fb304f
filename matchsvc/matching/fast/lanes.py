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


def _all(builder: Any, number: Any, of: ir.Type) -> Any:
    """Give a vector that holds the number in every lane."""
    narrow = number if number.type == of else builder.trunc(number, of)
    one = builder.insert_element(ir.Constant(_vector(of), ir.Undefined), narrow, _I32(0))
    zeros = ir.Constant(_vector(_I32), None)
    return builder.shuffle_vector(one, ir.Constant(_vector(of), ir.Undefined), zeros)


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
    starts: Any,
    weights: Any,
    first: Any,
    after: Any,
    lane: Any,
    target: Any,
    to: Any,
) -> Any:
    """Write sums[at:] + weights[i] x table[starts[i] + lane:], i = first..after, to target[to:]."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        kinds = signature.args
        total = cgutils.alloca_once(builder, _vector(_I16))
        builder.store(_load(context, builder, kinds[0], given[0], given[1], _I16), total)

        def entry(kind: Any, array: Any, at: Any) -> Any:
            return builder.load(
                builder.gep(context.make_array(kind)(context, builder, array).data, [at])
            )

        with cgutils.for_range_slice(builder, given[5], given[6], _I64(1)) as (i, _):
            start = builder.add(entry(kinds[3], given[3], i), given[7])
            tenths = _load(context, builder, kinds[2], given[2], start, _I8)
            weight = _all(builder, entry(kinds[4], given[4], i), _I16)
            more = builder.mul(builder.zext(tenths, _vector(_I16)), weight)
            builder.store(builder.add(builder.load(total), more), total)
        where = _address(context, builder, kinds[8], given[8], given[9], _I16)
        builder.store(builder.load(total), where).align = 1
        return context.get_dummy_value()

    i64 = types.int64
    return types.void(sums, i64, table, starts, weights, i64, i64, i64, target, i64), generate


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

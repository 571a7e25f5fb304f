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
def add_column(_typing: Any, sums: Any, at: Any, column: Any, start: Any, weight: Any) -> Any:
    """Add weight x the uint8 tenths column[start : start + 64] to the group's sums."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        tenths = _load(context, builder, signature.args[2], given[2], given[3], _I8)
        wide = builder.zext(tenths, _vector(_I16))
        where = _address(context, builder, signature.args[0], given[0], given[1], _I16)
        has = builder.load(where)
        has.align = 1
        more = builder.mul(wide, _all(builder, given[4], _I16))
        builder.store(builder.add(has, more), where).align = 1
        return context.get_dummy_value()

    return types.void(sums, types.int64, column, types.int64, types.int64), generate


@intrinsic  # type: ignore[misc]
def lowest_lane(_typing: Any, word: Any) -> Any:
    """Give the number of the lowest bit that is set; the word is not 0."""

    def generate(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.cttz(given[0], cgutils.true_bit)

    return types.int64(types.uint64), generate


@intrinsic  # type: ignore[misc]
def lanes_worth(  # noqa: PLR0913 - one machine step
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

"""The few things that Numba has no words for, each a handful of LLVM instructions.

Addresses are whole numbers: tables lie in memory that Python holds, and a native function gets
where. Everything else of the compiled engine is written in Numba's Python.
"""

import sys
from typing import Any, cast

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic as _intrinsic

from cutaway.engines.compiled import processor

LANES = processor.lanes()
PANEL = 2 * LANES         # how many columns a tile is wide: two vectors
TILE = processor.tile_rows()
AHEAD_BYTES = 4096        # how far ahead of the products the memory is asked for weights

intrinsic = cast(Any, _intrinsic)  # a function that takes the compiler's own arguments first
carray = cast(Any, numba).carray

_I8, _I32, _I64, _F32 = ir.IntType(8), ir.IntType(32), ir.IntType(64), ir.FloatType()
_FLOATS, _WORDS = ir.VectorType(_F32, LANES), ir.VectorType(_I32, LANES)


@intrinsic
def floats_at(typing, address):
    """A pointer to float32 numbers."""
    return types.CPointer(types.float32)(types.intp), _as_pointer


@intrinsic
def bytes_at(typing, address):
    """A pointer to unsigned bytes."""
    return types.CPointer(types.uint8)(types.intp), _as_pointer


def _as_pointer(context, builder, signature, arguments):
    return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))


@intrinsic
def claim(typing, address):
    """Add 1 to a whole number that several threads count with; gives what it was before."""

    def build(context, builder, signature, arguments):
        place = builder.inttoptr(arguments[0], _I64.as_pointer())
        return builder.atomic_rmw("add", place, _I64(1), "acq_rel")

    return types.int64(types.intp), build


@intrinsic
def count_at(typing, address):
    """A whole number that other threads count with, as it is now."""

    def build(context, builder, signature, arguments):
        place = builder.inttoptr(arguments[0], _I64.as_pointer())
        return builder.load_atomic(place, "acquire", 8)

    return types.int64(types.intp), build


@intrinsic
def fetch_soon(typing, address):
    """Ask the memory for the 64 bytes there, into the second cache, without waiting for them."""

    def build(context, builder, signature, arguments):
        _ask(builder, arguments[0], locality=2)
        return context.get_dummy_value()

    return types.void(types.intp), build


@intrinsic
def pause(typing):
    """Pause for a moment, leaving the core's other thread its turn."""

    def build(context, builder, signature, arguments):
        if processor.is_x86():
            nothing = ir.FunctionType(ir.VoidType(), [])
            builder.call(builder.module.declare_intrinsic("llvm.x86.sse2.pause", (), nothing), [])
        return context.get_dummy_value()

    return types.void(), build


@intrinsic
def give_way(typing):
    """Let the system run somebody else on this core."""

    def build(context, builder, signature, arguments):
        if sys.platform != "win32":
            kind = ir.FunctionType(_I32, [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), build


@intrinsic
def nearest_whole(typing, number):
    """The nearest whole number, as float32."""

    def build(context, builder, signature, arguments):
        kind = ir.FunctionType(_F32, [_F32])
        return builder.call(builder.module.declare_intrinsic("llvm.rint.f32", (), kind), arguments)

    return types.float32(types.float32), build


@intrinsic
def two_to_the(typing, exponent):
    """2 ** exponent for a whole exponent from -126 to 127: its bits put where float32 has them."""

    def build(context, builder, signature, arguments):
        bits = builder.shl(builder.add(arguments[0], _I32(127)), _I32(23))
        return builder.bitcast(bits, _F32)

    return types.float32(types.int32), build


def _tile(rows: int):
    """The function that multiplies `rows` rows with one panel of a table.

    out[row, :] += table[row, :depth] @ panel[:depth, :], one fused multiply-add after the other in
    the order of depth, so that a row's sums are the same digits beside any other rows.
    """

    @intrinsic
    def tile(typing, table, table_stride, panel, depth, out, out_stride):
        def build(context, builder, signature, arguments):
            table, table_stride, panel, depth, out, out_stride = arguments
            kind = ir.FunctionType(_FLOATS, [_FLOATS] * 3)
            fused = builder.module.declare_intrinsic(f"llvm.fma.v{LANES}f32", (), kind)
            sums = [[cgutils.alloca_once(builder, _FLOATS) for _ in range(2)] for _ in range(rows)]
            results = [_at(builder, out, builder.mul(out_stride, _I64(row)), _FLOATS)
                       for row in range(rows)]
            for row in range(rows):
                for half in range(2):
                    builder.store(_load(builder, results[row], half), sums[row][half])
            lines = [_at(builder, table, builder.mul(table_stride, _I64(row)), _F32)
                     for row in range(rows)]
            with cgutils.for_range(builder, depth) as loop:
                there = builder.mul(_I64(2 * LANES * 4), loop.index)
                weights = _at(builder, panel, there, _FLOATS)
                _prefetch(builder, builder.add(panel, there), 2 * LANES * 4)
                columns = [_load(builder, weights, half) for half in range(2)]
                for row in range(rows):
                    number = builder.load(builder.gep(lines[row], [loop.index]))
                    number = _everywhere(builder, number, _FLOATS)
                    for half in range(2):
                        total = builder.load(sums[row][half])
                        total = builder.call(fused, [number, columns[half], total])
                        builder.store(total, sums[row][half])
            for row in range(rows):
                for half in range(2):
                    _store(builder, builder.load(sums[row][half]), results[row], half)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 6), build

    return tile


def _byte_tile(rows: int):
    """The function that multiplies `rows` rows of bytes with one panel of bytes.

    sums[row, :] = table[row, :4 * depth] @ panel, with the panel's columns four bytes deep at a
    time; table's bytes are unsigned, the panel's signed, the sums int32.
    """

    @intrinsic
    def tile(typing, table, table_stride, panel, depth, sums):
        def build(context, builder, signature, arguments):
            table, table_stride, panel, depth, out = arguments
            sums = [[cgutils.alloca_once_value(builder, ir.Constant(_WORDS, [0] * LANES))
                     for _ in range(2)] for _ in range(rows)]
            lines = [_at(builder, table, builder.mul(table_stride, _I64(row)), _I32)
                     for row in range(rows)]
            with cgutils.for_range(builder, depth) as loop:
                there = builder.mul(_I64(2 * LANES * 4), loop.index)
                weights = _at(builder, panel, there, _WORDS)
                _prefetch(builder, builder.add(panel, there), 2 * LANES * 4)
                columns = [_load(builder, weights, half) for half in range(2)]
                for row in range(rows):
                    word = builder.load(builder.gep(lines[row], [loop.index]))
                    for half in range(2):
                        total = builder.load(sums[row][half])
                        total = _four_products(builder, total, word, columns[half])
                        builder.store(total, sums[row][half])
            for row in range(rows):
                result = _at(builder, out, _I64(row * 2 * LANES * 4), _WORDS)
                for half in range(2):
                    _store(builder, builder.load(sums[row][half]), result, half)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 5), build

    return tile


def _four_products(builder, total, word, column):
    """total + the four products of the bytes of a word and of each lane of a column."""
    if processor.byte_products():
        kind = ir.FunctionType(_WORDS, [_WORDS] * 3)
        vnni = builder.module.declare_intrinsic("llvm.x86.avx512.vpdpbusd.512", (), kind)
        return builder.call(vnni, [total, _everywhere(builder, word, _WORDS), column])
    for byte in range(4):
        unsigned = builder.and_(builder.lshr(word, _I32(8 * byte)), _I32(255))
        left = ir.Constant(_WORDS, [24 - 8 * byte] * LANES)
        signed = builder.ashr(builder.shl(column, left), ir.Constant(_WORDS, [24] * LANES))
        product = builder.mul(signed, _everywhere(builder, unsigned, _WORDS))
        total = builder.add(total, product)
    return total


def _at(builder, address, offset, kind):
    return builder.inttoptr(builder.add(address, offset), kind.as_pointer())


def _load(builder, pointer, index):
    value = builder.load(builder.gep(pointer, [_I64(index)]))
    value.align = 4
    return value


def _store(builder, value, pointer, index):
    builder.store(value, builder.gep(pointer, [_I64(index)]), align=4)


def _everywhere(builder, number, kind):
    """A vector with the same number in every lane."""
    undefined = ir.Constant(kind, ir.Undefined)
    one = builder.insert_element(undefined, number, _I32(0))
    return builder.shuffle_vector(one, undefined, ir.Constant(_WORDS, [0] * LANES))


def _prefetch(builder, address, size_bytes):
    """Ask the memory for what will be needed soon, into the second cache, 64 bytes at a time."""
    for line in range(0, size_bytes, 64):
        _ask(builder, builder.add(address, _I64(AHEAD_BYTES + line)), locality=2)


def _ask(builder, address, locality):
    pointer = _I8.as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [pointer, _I32, _I32, _I32])
    ask = builder.module.declare_intrinsic("llvm.prefetch.p0", (), kind)
    builder.call(ask, [builder.inttoptr(address, pointer), _I32(0), _I32(locality), _I32(1)])


# As many rows as fill the registers, and fewer for those that are left over.
tile_all, tile_6, tile_4, tile_2, tile_1 = (_tile(n) for n in (TILE, 6, 4, 2, 1))
byte_tile_all, byte_tile_6, byte_tile_4, byte_tile_2, byte_tile_1 = (
    _byte_tile(n) for n in (TILE, 6, 4, 2, 1))

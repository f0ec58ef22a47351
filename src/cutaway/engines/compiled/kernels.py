"""The operations of formulas as native functions over rows, compiled once and kept on disk.

Every one of them gives a row the same digits beside any other rows, however many threads share the
work. So an appended token, an edit's rows and a whole prompt agree to the last bit.
Addresses are whole numbers; strides count numbers, not bytes, unless they say so.
"""

import numpy as np

from cutaway.engines.compiled.native import exact, summing, writing
from cutaway.engines.compiled.vector import (
    PANEL,
    TILE,
    byte_tile_1,
    byte_tile_2,
    byte_tile_4,
    byte_tile_6,
    byte_tile_all,
    carray,
    floats_at,
    nearest_whole,
    tile_1,
    tile_2,
    tile_4,
    tile_6,
    tile_all,
    two_to_the,
)

DEPTH = 768               # how deep a tile goes at once: its rows and panel stay in the near caches
SAME_PLACE_BYTES = 2048   # what lies this far apart, or a multiple of it, shares a cache place
STRIDE = DEPTH + 16       # a row more than a power of two apart, so that rows do not share a place

_LOG2_E = np.float32(1.44269504)
_LN2_HIGH, _LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
_GELU = np.float32(2 * np.sqrt(2 / np.pi))
NOTHING = np.float32(1e-36)  # numbers that are all smaller are 0 in bytes: 127 / them may overflow
_BOUND, _INFINITY = np.float32(88.0), np.float32(np.inf)


@writing
def exponential(x):
    """exp(x) in float32, within two units of the last place from -87.3 to 88.

    Below that it is 0 or nearly, above it infinite.

    Source: Cephes' expf (Moshier): x = n ln 2 + r, a polynomial for r, 2 ** n by the exponent bits.
    """
    y = min(max(x, -_BOUND), _BOUND)
    whole = nearest_whole(y * _LOG2_E)
    r = (y - whole * _LN2_HIGH) - whole * _LN2_LOW
    p = np.float32(1.9875691500e-4)
    p = p * r + np.float32(1.3981999507e-3)
    p = p * r + np.float32(8.3334519073e-3)
    p = p * r + np.float32(4.1665795894e-2)
    p = p * r + np.float32(1.6666665459e-1)
    p = p * r + np.float32(5.0000001201e-1)
    result = (p * r * r + r + np.float32(1)) * two_to_the(np.int32(whole))
    result = np.float32(0) if x < -_BOUND else result
    return x * _INFINITY if not x <= _BOUND else result  # NaN stays NaN


@summing
def sum_of(x, count):
    total = np.float32(0)
    for i in range(count):
        total += x[i]
    return total


@summing
def squares_around(x, mean, count):
    total = np.float32(0)
    for i in range(count):
        total += (x[i] - mean) * (x[i] - mean)
    return total


@summing
def largest_of(x, count):
    most = x[0]
    for i in range(count):
        most = max(most, x[i])
    return most


@writing
def normalise_row(x, out, width, eps):
    mean = sum_of(x, width) / np.float32(width)
    variance = squares_around(x, mean, width) / np.float32(width)
    scale = np.float32(1) / np.sqrt(variance + eps)
    for i in range(width):
        out[i] = (x[i] - mean) * scale


@writing
def scale_row(x, gain, shift, out, width):
    for i in range(width):
        out[i] = x[i] * gain[i] + shift[i]


@writing
def add_rows(x, y, out, count):
    for i in range(count):
        out[i] = x[i] + y[i]


@writing
def gelu_rows(x, out, count):
    for i in range(count):
        one = x[i]
        inner = _GELU * (one + np.float32(0.044715) * one * one * one)
        out[i] = one / (np.float32(1) + exponential(-inner))


@writing
def softmax_row(x, out, seen, width):
    """The first `seen` numbers as shares of 1, and 0 for the others."""
    most = largest_of(x, seen)
    for i in range(seen):
        out[i] = exponential(x[i] - most)
    total = sum_of(out, seen)
    for i in range(seen):
        out[i] /= total
    for i in range(seen, width):
        out[i] = 0


@exact
def copy_rows(source, stride, place, place_stride, rows, width):
    """The first `width` numbers of some rows, from one table into another."""
    for row in range(rows):
        line = carray(floats_at(source + row * stride * 4), width)
        other = carray(floats_at(place + row * place_stride * 4), width)
        for i in range(width):
            other[i] = line[i]


@exact
def panel_product(rows, table, stride, panel, depth, out, out_stride):
    """out += table @ panel for some rows; strides in bytes."""
    row = 0
    while row < rows:
        left = rows - row
        a, c = table + row * stride, out + row * out_stride
        if left >= TILE:
            tile_all(a, stride, panel, depth, c, out_stride)
            row += TILE
        elif left >= 6:
            tile_6(a, stride, panel, depth, c, out_stride)
            row += 6
        elif left >= 4:
            tile_4(a, stride, panel, depth, c, out_stride)
            row += 4
        elif left >= 2:
            tile_2(a, stride, panel, depth, c, out_stride)
            row += 2
        else:
            tile_1(a, stride, panel, depth, c, out_stride)
            row += 1


@exact
def begin(out, stride, rows, bias):
    """Every row of a panel's results set to the bias, in bytes of stride."""
    shift = carray(floats_at(bias), PANEL)
    for row in range(rows):
        line = carray(floats_at(out + row * stride), PANEL)
        for i in range(PANEL):
            line[i] = shift[i]


@exact
def product(table, stride, rows, panels, first, last, width, depth, out, out_stride, bias, scratch):
    """Columns of table @ weights + bias, panel `first` to `last`.

    panels  (panel depth column): the weights, PANEL columns beside each other
    bias    a number for every column of every panel
    """
    tile, edge = scratch, scratch + TILE * STRIDE * 4
    # Rows a power of two apart would throw each other out of the near cache: copied, and in blocks.
    # Other rows are read where they are.
    apart = rows > 1 and stride * 4 % SAME_PLACE_BYTES == 0
    block = DEPTH if apart else depth
    for k in range(0, depth, block):
        deep = min(block, depth - k)
        for row in range(0, rows, TILE):
            count = min(TILE, rows - row)
            source, source_stride = table + (row * stride + k) * 4, stride * 4
            if apart:
                copy_rows(source, stride, tile, STRIDE, count, deep)
                source, source_stride = tile, STRIDE * 4
            for p in range(first, last):
                panel = panels + (p * depth + k) * PANEL * 4
                column = p * PANEL
                place, place_stride = out + (row * out_stride + column) * 4, out_stride * 4
                inside = column + PANEL <= width
                if not inside:  # the last panel is wider than the table
                    if k > 0:
                        copy_rows(place, out_stride, edge, PANEL, count, width - column)
                    place, place_stride = edge, PANEL * 4
                if k == 0:
                    begin(place, place_stride, count, bias + column * 4)
                panel_product(count, source, source_stride, panel, deep, place, place_stride)
                if not inside:
                    copy_rows(edge, PANEL, out + (row * out_stride + column) * 4, out_stride,
                              count, width - column)


@writing
def quantise_row(x, out, width, padded):
    """A row as bytes around 128; gives what one step of a byte is worth."""
    most = np.float32(0)
    for i in range(width):
        most = max(most, abs(x[i]))
    scale = most / np.float32(127)
    steps = np.float32(0) if most < NOTHING else np.float32(127) / most
    for i in range(width):
        out[i] = np.uint8(np.int32(nearest_whole(x[i] * steps)) + np.int32(128))
    for i in range(width, padded):
        out[i] = 128
    return scale


@exact
def byte_product(table, rows, panels, first, last, width, depth, out, out_stride, bias, scales,
                 corrections, row_scales, scratch):
    """The same as `product`, of bytes.

    table        (row depth): unsigned, 128 is zero; panels: signed, four deep at a time
    scales       what one step of a weight is worth, by column; row_scales: of a byte, by row
    corrections  128 times the sum of each column's bytes, which the unsigned bytes are too high by
    """
    sums = carray(floats_at(scratch), TILE * PANEL).view(np.int32)
    row_scale = carray(floats_at(row_scales), rows)
    for p in range(first, last):
        panel, column = panels + p * depth * PANEL, p * PANEL
        count = min(PANEL, width - column)
        scale = carray(floats_at(scales + column * 4), PANEL)
        shift = carray(floats_at(bias + column * 4), PANEL)
        correction = carray(floats_at(corrections + column * 4), PANEL).view(np.int32)
        row = 0
        while row < rows:
            left, a = rows - row, table + row * depth
            if left >= TILE:
                byte_tile_all(a, depth, panel, depth // 4, scratch)
                done = TILE
            elif left >= 6:
                byte_tile_6(a, depth, panel, depth // 4, scratch)
                done = 6
            elif left >= 4:
                byte_tile_4(a, depth, panel, depth // 4, scratch)
                done = 4
            elif left >= 2:
                byte_tile_2(a, depth, panel, depth // 4, scratch)
                done = 2
            else:
                byte_tile_1(a, depth, panel, depth // 4, scratch)
                done = 1
            for r in range(done):
                line = carray(floats_at(out + ((row + r) * out_stride + column) * 4), count)
                step = row_scale[row + r]
                for i in range(count):
                    whole = np.float32(sums[r * PANEL + i] - correction[i])
                    line[i] = whole * (step * scale[i]) + shift[i]
            row += done


@exact
def pack_columns(table, stride, rows, width, first, panels, depth):
    """Rows of a table turned into columns of panels: (row width) -> (panel depth column).

    first  the column that the first row becomes; depth: how many rows a panel has, at least width
    """
    for row in range(rows):
        line = carray(floats_at(table + row * stride * 4), width)
        column = first + row
        place = panels + ((column // PANEL) * depth * PANEL + column % PANEL) * 4
        column_of = carray(floats_at(place), width * PANEL)
        for i in range(width):
            column_of[i * PANEL] = line[i]


@exact
def pack_rows(table, stride, rows, width, first, panels, depth):
    """Rows of a table laid into panels as they are: (row width) -> (panel row column).

    first  the row of the panels that the first row becomes; depth: how many rows a panel has
    """
    for row in range(rows):
        for start in range(0, width, PANEL):
            count = min(PANEL, width - start)
            line = carray(floats_at(table + (row * stride + start) * 4), count)
            place = panels + ((start // PANEL) * depth + first + row) * PANEL * 4
            other = carray(floats_at(place), count)
            for i in range(count):
                other[i] = line[i]

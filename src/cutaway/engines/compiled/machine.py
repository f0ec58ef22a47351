"""The machine that runs a program: instructions in order, each shared out among the threads.

An instruction is a row of whole numbers: what to do, in how many pieces, and where the tables lie.
Every thread has a share of the pieces, side by side in memory, claims one after the other, and then
helps with the others' shares. When an instruction's pieces are done, the next one begins; some go
together, so that whoever claims a piece does all of them for it. A thread that comes late, or not
at all, holds nobody up; one that waits asks the memory for the weights of its share of the next
product.
"""

import numpy as np

from cutaway.engines.compiled.kernels import (
    STRIDE,
    add_rows,
    begin,
    byte_product,
    copy_rows,
    gelu_rows,
    normalise_row,
    pack_columns,
    pack_rows,
    panel_product,
    product,
    quantise_row,
    scale_row,
    softmax_row,
)
from cutaway.engines.compiled.native import exact
from cutaway.engines.compiled.vector import (
    PANEL,
    TILE,
    bytes_at,
    carray,
    claim,
    count_at,
    fetch_soon,
    floats_at,
    give_way,
    pause,
)

# What an instruction can be.
(LOOK_UP, NORMALISE, SCALE, ADD, GELU, PRODUCT, QUANTISE, BYTE_PRODUCT, SPLIT, MERGE, SCORES,
 ATTENTION, MIXED, REMEMBER_KEYS, REMEMBER_VALUES, ATTEND) = range(16)
ROW_BY_ROW = LOOK_UP, NORMALISE, SCALE, ADD, GELU, QUANTISE  # a row out of rows of its own place
HEAD_BY_HEAD = REMEMBER_KEYS, REMEMBER_VALUES, ATTEND        # a head, which reads its own alone

# Where an instruction's row says what. Addresses: OUT, A, B, C, SCALES, CORRECTIONS, ROW_SCALES,
# ZEROS and UPCOMING; the others count rows, columns or numbers.
(KIND, PIECES, OUT, A, B, C, ROWS, WIDTH, DEPTH, ROWS_A_PIECE, PANELS_A_PIECE, HEADS, OFFSET,
 SCALES, CORRECTIONS, ROW_SCALES, ROWS_A_HEAD, KEYS_A_HEAD, VALUES_A_HEAD, ZEROS, UPCOMING,
 UPCOMING_BYTES, TOGETHER) = range(23)
FIELDS = 23
LINE = 8                  # whole numbers in a cache line, which one thread at a time can write to
FETCHED_BYTES = 256 * 1024  # how much of the next weights a waiting thread asks for at most

_TILE_FLOATS = TILE * STRIDE + TILE * PANEL


def scratch_floats(depth: int, width: int) -> int:
    """How much memory of its own a thread needs for attention over `width` sources at most."""
    sources, columns = round_up(width, PANEL), round_up(depth, PANEL)
    return _TILE_FLOATS + sources * max(depth + columns, 2 * TILE)


def round_up(count: int, to: int) -> int:
    return -(-count // to) * to


@exact
def run(program, numbers, control, first, scratch, own, n_threads):
    """Take part in running a program.

    program  (instruction field), numbers (instruction): a formula's plain number, where it has one
    control  (instruction counter): pieces done, then for each thread those claimed of its share,
             a cache line each
    first    the position of the first row
    own      which thread this is
    """
    place = scratch.ctypes.data
    upcoming, fetched = 0, 0
    i, together = 0, 0
    while i + together < len(program):
        i += together
        line, pieces, together = program[i], program[i, PIECES], program[i, TOGETHER]
        done = control.ctypes.data + i * (n_threads + 1) * LINE * 8
        for turn in range(n_threads):
            owner = (own + turn) % n_threads
            start, stop = pieces * owner // n_threads, pieces * (owner + 1) // n_threads
            while start < stop:
                piece = start + claim(done + (owner + 1) * LINE * 8)
                if piece >= stop:
                    break
                for j in range(i, i + together):
                    do(program[j], numbers[j], piece, first, place)
                claim(done)
        if line[UPCOMING] != upcoming:
            upcoming, fetched = line[UPCOMING], 0
        share = upcoming + line[UPCOMING_BYTES] * own // n_threads
        most = min(FETCHED_BYTES, line[UPCOMING_BYTES] // n_threads)
        waited = 0
        while count_at(done) < pieces:
            waited += 1
            if fetched < most:
                fetch_soon(share + fetched)
                fetch_soon(share + fetched + 64)
                fetched += 128
            elif waited < 20_000:
                pause()
            else:
                give_way()


@exact
def do(line, number, piece, first, scratch):
    """One piece of one instruction."""
    kind = line[KIND]
    if kind in (PRODUCT, BYTE_PRODUCT):
        depth, width, at_once = line[DEPTH], line[WIDTH], line[PANELS_A_PIECE]
        panels = (width + PANEL - 1) // PANEL
        groups = (panels + at_once - 1) // at_once
        row, panel = piece // groups * line[ROWS_A_PIECE], piece % groups * at_once
        rows, last = min(line[ROWS_A_PIECE], line[ROWS] - row), min(panel + at_once, panels)
        out = line[OUT] + row * width * 4
        if kind == PRODUCT:
            product(line[A] + row * depth * 4, depth, rows, line[B], panel, last, width, depth,
                    out, width, line[C], scratch)
        else:
            byte_product(line[A] + row * depth, rows, line[B], panel, last, width, depth, out,
                         width, line[C], line[SCALES], line[CORRECTIONS],
                         line[ROW_SCALES] + row * 4, scratch)
    elif kind in (REMEMBER_KEYS, REMEMBER_VALUES):
        remember(line, piece, first)
    elif kind == ATTEND:
        attend(line, number, piece, first, scratch)
    elif kind == SCORES:
        scores(line, number, piece, scratch)
    elif kind == MIXED:
        mixed(line, piece, scratch)
    else:
        do_rows(line, number, piece)


@exact
def do_rows(line, number, piece):
    """One piece of an instruction that goes row by row."""
    kind, width, depth = line[KIND], line[WIDTH], line[DEPTH]
    start = piece * line[ROWS_A_PIECE]
    stop = min(start + line[ROWS_A_PIECE], line[ROWS])
    for row in range(start, stop):
        if kind == LOOK_UP:
            source = line[A] + count_at(line[B] + row * 8) * width * 4
            copy_rows(source, width, line[OUT] + row * width * 4, width, 1, width)
        elif kind == NORMALISE:
            normalise_row(floats(line[A], row, width), floats(line[OUT], row, width), width,
                          np.float32(number))
        elif kind == SCALE:
            scale_row(floats(line[A], row, width), floats(line[B], 0, width),
                      floats(line[C], 0, width), floats(line[OUT], row, width), width)
        elif kind == ADD:
            add_rows(floats(line[A], row, width), floats(line[B], row, width),
                     floats(line[OUT], row, width), width)
        elif kind == GELU:
            gelu_rows(floats(line[A], row, width), floats(line[OUT], row, width), width)
        elif kind == QUANTISE:
            scales = floats(line[ROW_SCALES], 0, line[ROWS])
            out = carray(bytes_at(line[OUT] + row * depth), depth)
            scales[row] = quantise_row(floats(line[A], row, width), out, width, depth)
        elif kind == ATTENTION:
            height = line[ROWS_A_HEAD]
            seen = depth - height + row % height + 1
            softmax_row(floats(line[A], row, depth), floats(line[OUT], row, depth), seen, depth)
        elif kind == SPLIT:
            source = line[A] + (row * depth + line[OFFSET]) * 4
            for head in range(line[HEADS]):
                copy_rows(source + head * width * 4, width,
                          line[OUT] + (head * line[ROWS] + row) * width * 4, width, 1, width)
        elif kind == MERGE:
            for head in range(line[HEADS]):
                copy_rows(line[A] + (head * line[ROWS] + row) * width * 4, width,
                          line[OUT] + (row * line[HEADS] + head) * width * 4, width, 1, width)


@exact
def floats(address, row, width):
    """A row of a table as an array."""
    return carray(floats_at(address + row * width * 4), width)


@exact
def rows_of_head(line, piece):
    """What a piece of attention is about: the head, its first row, and how many rows."""
    blocks = (line[ROWS] + line[ROWS_A_PIECE] - 1) // line[ROWS_A_PIECE]
    head, start = piece // blocks, piece % blocks * line[ROWS_A_PIECE]
    return head, start, min(line[ROWS_A_PIECE], line[ROWS] - start)


@exact
def scores(line, number, piece, scratch):
    """queries @ transpose(keys) / number, for some rows of one head."""
    rows, sources, depth = line[ROWS], line[WIDTH], line[DEPTH]
    head, start, count = rows_of_head(line, piece)
    packed = scratch + _TILE_FLOATS * 4
    pack_columns(line[B] + head * sources * depth * 4, depth, sources, depth, 0, packed, depth)
    out = line[OUT] + (head * rows + start) * sources * 4
    product(line[A] + (head * rows + start) * depth * 4, depth, count, packed, 0,
            -(-sources // PANEL), sources, depth, out, sources, line[C], scratch)
    cells = carray(floats_at(out), count * sources)
    divisor = np.float32(number)
    for i in range(count * sources):
        cells[i] /= divisor


@exact
def mixed(line, piece, scratch):
    """attention @ values, for some rows of one head."""
    rows, width, sources = line[ROWS], line[WIDTH], line[DEPTH]
    head, start, count = rows_of_head(line, piece)
    packed = scratch + _TILE_FLOATS * 4
    pack_rows(line[B] + head * sources * width * 4, width, sources, width, 0, packed, sources)
    product(line[A] + (head * rows + start) * sources * 4, sources, count, packed, 0,
            -(-width // PANEL), width, sources, line[OUT] + (head * rows + start) * width * 4,
            width, line[C], scratch)


@exact
def remember(line, head, first):
    """One head's part of a table's rows, among the keys or values that it remembers."""
    width, depth = line[WIDTH], line[DEPTH]
    source = line[A] + (line[OFFSET] + head * width) * 4
    if line[KIND] == REMEMBER_KEYS:
        pack_columns(source, depth, line[ROWS], width, first,
                     line[OUT] + head * line[KEYS_A_HEAD] * 4, width)
    else:
        pack_rows(source, depth, line[ROWS], width, first,
                  line[OUT] + head * line[VALUES_A_HEAD] * 4, line[ROWS_A_HEAD])


@exact
def attend(line, number, piece, first, scratch):
    """Steps 6, 7 and 8 for some rows of one head, without writing down who reads from whom.

    The same products in the same order as step by step; what lies ahead is left out, as it is 0.
    OFFSET says how many new rows come before the first that asks.
    """
    rows, width = line[ROWS], line[WIDTH]
    head, start, asking = rows_of_head(line, piece)
    stop = start + asking
    keys = line[B] + head * line[KEYS_A_HEAD] * 4
    values = line[C] + head * line[VALUES_A_HEAD] * 4
    capacity, zeros, first = line[ROWS_A_HEAD], line[ZEROS], first + line[OFFSET]
    asked = scratch + _TILE_FLOATS * 4
    edge = scratch + TILE * STRIDE * 4
    divisor = np.float32(number)
    for row in range(start, stop, TILE):
        count = min(TILE, stop - row)
        sources = first + row + count
        across = -(-sources // PANEL) * PANEL
        shares = asked + TILE * across * 4
        query = line[A] + (head * rows + row) * width * 4
        for p in range(across // PANEL):
            place = asked + p * PANEL * 4
            begin(place, across * 4, count, zeros)
            panel_product(count, query, width * 4, keys + p * width * PANEL * 4, width, place,
                          across * 4)
        for r in range(count):
            shown = floats(asked, r, across)
            seen = first + row + r + 1
            for i in range(seen):
                shown[i] /= divisor
            softmax_row(shown, floats(shares, r, across), seen, across)
        out = line[OUT] + (head * rows + row) * width * 4
        for p in range(-(-width // PANEL)):
            columns = min(PANEL, width - p * PANEL)
            begin(edge, PANEL * 4, count, zeros)
            panel_product(count, shares, across * 4, values + p * capacity * PANEL * 4, sources,
                          edge, PANEL * 4)
            copy_rows(edge, PANEL, out + p * PANEL * 4, width, count, columns)

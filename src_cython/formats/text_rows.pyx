"""Rows of word2vec's text and binary formats: found, read and written.

In the map: compiled once, for any processor, into negw2v.formats._text_rows, which the modules of
word2vec's formats call; above decimal.h.

A block of a file is worked on in two steps. The first finds where its rows end, which is
cheap and must be done in order; the second reads them, in any thread. A block is followed by
at least PADDING readable bytes.
"""

cimport cython
from libc.math cimport isfinite
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memchr, memcpy

from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize

cdef extern from "decimal.h":
    ctypedef struct Power "nw_power":
        uint64_t high
        uint64_t low
        int exponent
    Power *powers "nw_powers"
    enum:
        LEAST_POWER "NW_LEAST_POWER"
        GREATEST_POWER "NW_GREATEST_POWER"
        LONGEST_FLOAT "NW_LONGEST_FLOAT"
    bint read_double "nw_read_double"(const uint8_t **at, double *result) noexcept nogil
    char *write_float "nw_write_float"(
        float number, double limit, char *p) noexcept nogil

cdef extern from "Python.h":
    object PyUnicode_Decode(const char *s, Py_ssize_t size, const char *encoding,
                            const char *errors)

#: What is wrong with a row.
SOUND, NO_WORD, TOO_FEW, TOO_MANY, NO_NUMBER, NOT_FINITE, UNDECODABLE, TOO_LONG, LINE_FEED = range(9)
WORD_OR_NUMBER, BLANK_IN_WORD = range(9, 11)

#: What happens to words with blanks in them: an error; read unless they end in a number, which
#: might belong to a vector that is too long; always read.
REFUSE, UNLESS_NUMBER, ACCEPT = range(3)

cdef enum Fault:
    C_SOUND, C_NO_WORD, C_TOO_FEW, C_TOO_MANY, C_NO_NUMBER, C_NOT_FINITE, C_UNDECODABLE
    C_TOO_LONG, C_LINE_FEED, C_WORD_OR_NUMBER, C_BLANK_IN_WORD

cdef enum Blanks:
    C_REFUSE, C_UNLESS_NUMBER, C_ACCEPT

cdef enum:
    _PADDING = 16

PADDING = _PADDING


cdef void fill_powers():
    """The upper 128 bits of every power of ten that a double can need."""
    cdef Power *entry = powers
    cdef object ten = 10    # as C numbers these would not be exact
    cdef object number, divisor, quotient, shift, excess
    for power in map(int, range(LEAST_POWER, GREATEST_POWER + 1)):
        number, divisor = ten ** max(power, 0), ten ** max(-power, 0)
        shift = max(128 - number.bit_length() + divisor.bit_length(), 0)
        quotient = (number << shift) // divisor
        excess = quotient.bit_length() - 128
        quotient >>= excess
        entry.high = quotient >> 64
        entry.low = quotient & 0xFFFFFFFFFFFFFFFF
        entry.exponent = excess - shift
        entry += 1


fill_powers()


cdef inline bint is_blank(uint8_t c) noexcept nogil:
    """Whether bytes.rstrip() takes it away."""
    return c == 0x20 or 0x09 <= c <= 0x0D


cdef inline bint separates(uint8_t c) noexcept nogil:
    """Whether it may stand between numbers."""
    return c == 0x20 or c == 0x09


cdef inline int check_padding(const uint8_t[::1] block, Py_ssize_t size) except -1:
    if size < 0 or size + _PADDING > block.shape[0]:
        raise ValueError("a block needs padding after its last byte")
    return 0


# ---------------------------------------------------------------- finding rows

def find_lines(const uint8_t[::1] block, Py_ssize_t size, int64_t wanted, Py_ssize_t shortest):
    """Count whole lines at the start of a block.

    Parameters
    ----------
    block, size
        The block, and how many bytes of it are text.
    wanted
        Stop after this many lines.
    shortest
        Stop before a line of fewer bytes (its line feed not counted).

    Returns
    -------
    lines, end, short
        Their number; the end of the last of them; whether a line that is too short follows.
    """
    cdef int64_t lines = 0
    cdef const uint8_t *p
    cdef const uint8_t *start
    cdef const uint8_t *end
    cdef const void *feed
    cdef bint short = False
    check_padding(block, size)
    start = p = &block[0]
    end = p + size
    with nogil:
        while lines < wanted and p < end:
            feed = memchr(p, 0x0A, end - p)
            if feed == NULL:
                break
            if <const uint8_t *>feed - p < shortest:
                short = True
                break
            p = <const uint8_t *>feed + 1
            lines += 1
    return lines, p - start, short


def find_records(const uint8_t[::1] block, Py_ssize_t size, int64_t wanted,
                 Py_ssize_t vector_bytes):
    """Count whole binary rows at the start of a block: a word, a blank, a vector.

    Parameters
    ----------
    block, size, wanted
        As for :func:`find_lines`.
    vector_bytes
        Size of a vector.

    Returns
    -------
    rows, end, in_word
        Their number; the end of the last of them; whether the block ends before the blank
        of the next row.
    """
    cdef int64_t rows = 0
    cdef const uint8_t *p
    cdef const uint8_t *start
    cdef const uint8_t *end
    cdef const void *blank = NULL
    check_padding(block, size)
    start = p = &block[0]
    end = p + size
    with nogil:
        while rows < wanted:
            blank = memchr(p, 0x20, end - p)
            if blank == NULL or end - <const uint8_t *>blank - 1 < vector_bytes:
                break
            p = <const uint8_t *>blank + 1 + vector_bytes
            rows += 1
    return rows, p - start, blank == NULL


# ---------------------------------------------------------------- reading rows

ctypedef fused real:
    float
    double


@cython.final
@cython.internal
cdef class Spans:
    """Where the words of a block's rows are."""

    cdef const uint8_t **edges
    cdef Py_ssize_t size

    def __cinit__(self, Py_ssize_t rows):
        self.edges = <const uint8_t **>malloc((2 * rows + 1) * sizeof(uint8_t *))
        if self.edges == NULL:
            raise MemoryError("no memory for the words of a block")

    def __dealloc__(self):
        free(self.edges)

    cdef inline void add(self, const uint8_t *start, const uint8_t *end) noexcept nogil:
        self.edges[2 * self.size] = start
        self.edges[2 * self.size + 1] = end
        self.size = self.size + 1  # "+=" needs the GIL where nonecheck is on

    cdef list decoded(self, str encoding, str errors):
        """The words, up to the first that cannot be decoded."""
        cdef bytes how = encoding.encode(), mistakes = errors.encode()
        cdef list words = []
        cdef const uint8_t **edge = self.edges
        cdef Py_ssize_t i
        for i in range(self.size):
            try:
                word = PyUnicode_Decode(<const char *>edge[0], edge[1] - edge[0], how, mistakes)
            except UnicodeError:
                break
            words.append(word)
            edge += 2
        return words


cdef tuple outcome(Spans spans, str encoding, str errors, const uint8_t *begin, int fault,
                   const uint8_t *place):
    """The words before the first fault, what that is and where."""
    cdef list words = spans.decoded(encoding, errors)
    cdef Py_ssize_t count = len(words)
    if count < spans.size:
        return words, C_UNDECODABLE, spans.edges[2 * count] - begin
    return words, fault, place - begin


cdef int read_line(
    const uint8_t **at, real *row, Py_ssize_t dimensions, bint finite_only,
    const uint8_t **word_end, const uint8_t **numbers, Py_ssize_t *read
) noexcept nogil:
    """Read a line up to its line feed, or to a field that is not a plain number.

    at: where the line starts, then where reading stopped. word_end: where its word ends.
    Going on is possible: `numbers` and `read` say from where, and with which number.
    """
    cdef const uint8_t *p = at[0]
    cdef const uint8_t *start
    cdef double value
    cdef Py_ssize_t i = read[0]
    if i == 0:
        start = p
        while p[0] != 0x20 and p[0] != 0x0A:
            p += 1
        word_end[0] = p
        at[0] = start
        if p[0] == 0x0A:
            while p > start and is_blank((p - 1)[0]):
                p -= 1
            return C_NO_WORD if p == start else C_TOO_FEW
        if p == start:
            return C_NO_WORD
        p += 1
    else:
        p = numbers[0]
    while i < dimensions:
        start = p
        if not read_double(&p, &value):
            numbers[0] = start
            read[0] = i
            return C_NO_NUMBER
        if p[0] == 0x20:
            p += 1
        elif i < dimensions - 1 or not is_blank(p[0]):
            numbers[0] = start
            read[0] = i
            return C_NO_NUMBER
        row[i] = <real>value
        if finite_only and not isfinite(row[i]):
            at[0] = start
            return C_NOT_FINITE
        i += 1
    while is_blank(p[0]) and p[0] != 0x0A:
        p += 1
    at[0] = p
    if p[0] != 0x0A:
        return C_TOO_MANY
    at[0] = p + 1
    return C_SOUND


cdef int read_from_right(
    const uint8_t *line, real *row, Py_ssize_t dimensions, bint finite_only, int blanks,
    object to_number, const uint8_t **next_line, const uint8_t **word_end, Py_ssize_t *blank_words
) except -1:
    """Read a line whose last `dimensions` fields are numbers, and what is in front the word.

    So several blanks or tabs may separate fields, the word may have blanks in it, or be empty.
    """
    cdef const uint8_t *end = line
    cdef const uint8_t *stop
    cdef const uint8_t *start
    cdef const uint8_t *p
    cdef double value
    cdef Py_ssize_t i
    while end[0] != 0x0A:
        end += 1
    next_line[0] = end + 1
    while end > line and is_blank((end - 1)[0]):
        end -= 1
    for i in range(dimensions - 1, -1, -1):
        stop = end
        while end > line and not separates((end - 1)[0]):
            end -= 1
        if end == line:     # no blank in front: this field is the word, not a number
            return C_TOO_FEW
        if not number_between(end, stop, &value, to_number):
            return C_NO_NUMBER
        row[i] = <real>value
        if finite_only and not isfinite(row[i]):
            return C_NOT_FINITE
        while end > line and separates((end - 1)[0]):
            end -= 1
    word_end[0] = end
    p = end
    while p > line and not separates((p - 1)[0]):
        p -= 1
    if p > line:
        if blanks == C_REFUSE:
            return C_BLANK_IN_WORD
        if blanks == C_UNLESS_NUMBER and number_between(p, end, &value, to_number):
            if isfinite(value):
                return C_WORD_OR_NUMBER
        blank_words[0] += 1
    return C_SOUND


cdef bint number_between(
    const uint8_t *start, const uint8_t *stop, double *value, object to_number
) except -1:
    """Read the number that is all of [start, stop); whether it is one."""
    cdef const uint8_t *p = start
    if read_double(&p, value) and p == stop:
        return True
    try:
        value[0] = to_number(start[:stop - start])
    except ValueError:
        return False
    return True


def read_lines(const uint8_t[::1] block, Py_ssize_t size, real[:, ::1] out, str encoding,
               str errors, bint finite_only, to_number, int blanks=C_UNLESS_NUMBER):
    """Read as many lines as `out` has rows: a word, a blank, numbers with blanks between.

    A line in another form is read from the right: its last fields are the numbers.

    Parameters
    ----------
    block, size
        The block, and where its last line ends.
    out
        Float (rows, dimensions): receives the vectors.
    encoding, errors
        Of the words, as for ``bytes.decode``.
    finite_only
        NaN and infinity are faults.
    to_number
        ``to_number(text)`` is called for fields that are not plain decimal numbers, and for the
        few whose last digits decide the rounding. It raises ValueError if the text is not a number.
    blanks
        What happens to words with blanks in them: REFUSE, UNLESS_NUMBER or ACCEPT.

    Returns
    -------
    words : list of str
        The words before the first fault.
    fault, offset
        What is wrong, and where in the block.
    blank_words
        How many of the words have blanks in them.
    """
    cdef Spans spans = Spans(out.shape[0])
    cdef Py_ssize_t row = 0, rows = out.shape[0], dimensions = out.shape[1], read
    cdef const uint8_t *begin = &block[0]
    cdef const uint8_t *end = begin + size
    cdef const uint8_t *p = begin
    cdef const uint8_t *line = p
    cdef const uint8_t *word_end = NULL
    cdef const uint8_t *numbers = NULL
    cdef const uint8_t *next_line = NULL
    cdef Py_ssize_t blank_words = 0
    cdef int fault = C_SOUND, other
    check_padding(block, size)
    if size and (end - 1)[0] != 0x0A:
        raise ValueError("the last line does not end")
    with nogil:
        while row < rows:
            if p == end:
                raise ValueError("fewer lines than rows")
            line = p
            read = 0
            fault = read_line(&p, &out[row, 0], dimensions, finite_only, &word_end, &numbers,
                              &read)
            while fault == C_NO_NUMBER:
                with gil:
                    fault = read_other(&p, &out[row, 0], dimensions, finite_only, &numbers,
                                       &read, to_number)
                if fault or read == dimensions:
                    break
                fault = read_line(&p, &out[row, 0], dimensions, finite_only, &word_end,
                                  &numbers, &read)
            if fault:
                with gil:
                    other = read_from_right(line, &out[row, 0], dimensions, finite_only, blanks,
                                            to_number, &next_line, &word_end, &blank_words)
                if other == C_BLANK_IN_WORD or other == C_WORD_OR_NUMBER:
                    fault = other
                if other:
                    break
                fault = C_SOUND
                p = next_line
            spans.add(line, word_end)
            row += 1
    if fault != C_NO_NUMBER and fault != C_NOT_FINITE:
        p = line
    return *outcome(spans, encoding, errors, begin, fault, p), blank_words


cdef int read_other(
    const uint8_t **at, real *row, Py_ssize_t dimensions, bint finite_only,
    const uint8_t **numbers, Py_ssize_t *read, object to_number
) except -1:
    """Read one number that is not plain; if it is the last of a line, the line's end too."""
    cdef const uint8_t *start = numbers[0]
    cdef const uint8_t *stop = start
    cdef const uint8_t *p
    if stop[0] == 0x20:
        return C_NO_NUMBER
    while stop[0] != 0x20 and stop[0] != 0x0A:
        stop += 1
    p = stop
    if p[0] == 0x0A:
        while stop > start and is_blank((stop - 1)[0]):
            stop -= 1
        if stop == start:
            return C_TOO_FEW
    at[0] = start
    try:
        row[read[0]] = to_number(start[:stop - start])
    except ValueError:
        return C_NO_NUMBER
    if finite_only and not isfinite(row[read[0]]):
        return C_NOT_FINITE
    read[0] += 1
    if p[0] == 0x20:
        p += 1
    numbers[0] = p
    if read[0] == dimensions:
        while p[0] != 0x0A and is_blank(p[0]):
            p += 1
        at[0] = p + 1
        return C_SOUND if p[0] == 0x0A else C_TOO_MANY
    return C_SOUND


def read_records(const uint8_t[::1] block, Py_ssize_t size, float[:, ::1] out, str encoding,
                 str errors, bint finite_only):
    """Read as many binary rows as `out` has. Parameters and result as for :func:`read_lines`."""
    cdef Spans spans = Spans(out.shape[0])
    cdef Py_ssize_t row, i, rows = out.shape[0], dimensions = out.shape[1]
    cdef Py_ssize_t vector_bytes = dimensions * sizeof(float)
    cdef const uint8_t *begin = &block[0]
    cdef const uint8_t *p = begin
    cdef const uint8_t *end
    cdef const uint8_t *blank
    cdef const uint32_t *bits
    cdef uint32_t bad = 0
    cdef int fault = C_SOUND
    check_padding(block, size)
    end = begin + size
    with nogil:
        for row in range(rows):
            blank = <const uint8_t *>memchr(p, 0x20, end - p)
            if blank == NULL or end - blank - 1 < vector_bytes:
                raise ValueError("fewer rows in the block")
            # word2vec.c ends a row with a line feed, others do not
            while p < blank and p[0] == 0x0A:
                p += 1
            if memchr(p, 0x0A, blank - p) != NULL:
                fault = C_LINE_FEED
                break
            memcpy(&out[row, 0], blank + 1, vector_bytes)
            if finite_only:
                bits = <const uint32_t *>&out[row, 0]
                for i in range(dimensions):
                    bad |= (bits[i] & 0x7F800000) == 0x7F800000
                if bad:
                    fault = C_NOT_FINITE
                    break
            spans.add(p, blank)
            p = blank + 1 + vector_bytes
    return *outcome(spans, encoding, errors, begin, fault, p), 0


# ---------------------------------------------------------------- writing rows

def write_lines(const float[:, ::1] rows, const uint8_t[::1] heads, const int64_t[::1] edges,
                double limit):
    """Lines of text: the head of each row, then its numbers with blanks between.

    Parameters
    ----------
    rows
        float32 (n, dimensions).
    heads
        What the lines begin with, one after the other.
    edges
        int64 (n + 1,): head i is ``heads[edges[i]:edges[i + 1]]``.
    limit
        Numbers from this one on are written with an exponent; at most 1e16.

    Returns
    -------
    bytearray
        The numbers are written as ``str`` of a NumPy float32 writes them.
    """
    cdef Py_ssize_t row, i, n = rows.shape[0], dimensions = rows.shape[1]
    cdef bytearray result
    cdef char *p
    cdef char *start
    check_edges(heads, edges, n)
    if limit > 1e16:
        raise ValueError("at most 1e16")
    result = bytearray(heads.shape[0] + n * dimensions * (LONGEST_FLOAT + 1) + n)
    start = p = <char *>result
    with nogil:
        for row in range(n):
            p = put_head(p, heads, edges, row)
            for i in range(dimensions):
                p = write_float(rows[row, i], limit, p)
                p[0] = 0x20
                p += 1
            p -= dimensions > 0
            p[0] = 0x0A
            p += 1
    del result[p - start:]
    return result


def write_records(const float[:, ::1] rows, const uint8_t[::1] heads,
                  const int64_t[::1] edges):
    """Binary rows: the head of each row, then its vector. Parameters as for write_lines()."""
    cdef Py_ssize_t row, n = rows.shape[0]
    cdef Py_ssize_t vector_bytes = rows.shape[1] * sizeof(float)
    cdef bytes result
    cdef char *p
    check_edges(heads, edges, n)
    result = PyBytes_FromStringAndSize(NULL, heads.shape[0] + n * vector_bytes)
    p = PyBytes_AsString(result)
    with nogil:
        for row in range(n):
            p = put_head(p, heads, edges, row)
            if vector_bytes:
                memcpy(p, &rows[row, 0], vector_bytes)
            p += vector_bytes
    return result


cdef inline char *put_head(char *p, const uint8_t[::1] heads, const int64_t[::1] edges,
                           Py_ssize_t row) noexcept nogil:
    cdef Py_ssize_t size = edges[row + 1] - edges[row]
    if size:
        memcpy(p, &heads[edges[row]], size)
    return p + size


cdef int check_edges(const uint8_t[::1] heads, const int64_t[::1] edges, Py_ssize_t n) except -1:
    cdef Py_ssize_t i
    if edges.shape[0] != n + 1 or edges[0] != 0 or edges[n] != heads.shape[0]:
        raise ValueError("one head per row")
    for i in range(n):
        if edges[i] > edges[i + 1]:
            raise ValueError("edges must ascend")
    return 0

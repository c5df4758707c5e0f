"""Rows of columns and of arrays to word ids, without an object of Python for each word.

In the map: compiled once, for any processor, into negw2v.corpus._rows, which
negw2v/corpus/columns.py calls; above arrow_data.pxd, column_values.pxd and number_table.pxd.

- :class:`Rows`, a part of a column: rows of words or of numbers, or texts;
- :class:`NumberTable`, numbers to ids, as tokenizer.pyx's WordTable is for words.

Nothing that an array says about itself is believed: each place is compared with the length of
what it points into before it is read. Arrow's structures do not say how long buffers are. So two
things must be true: a buffer has room for as many values as the array has, and the bytes of strings
reach as far as the last offset says.
"""

cimport cython
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport (
    INT64_MAX,
    UINT64_MAX,
    int8_t,
    int16_t,
    int32_t,
    int64_t,
    uint8_t,
    uint16_t,
    uint32_t,
    uint64_t,
)
from libc.stdlib cimport free, malloc
from libc.string cimport memchr, memcpy, memset

from arrow_data cimport ArrowArray
from column_values cimport (
    BACKWARDS,
    BEYOND,
    NEGATIVE,
    NO_BYTES,
    NO_ROOM,
    NO_STRINGS,
    STRING_VIEWS,
    STRINGS32,
    STRINGS64,
    Bits,
    Integers,
    Strings,
    integer_at,
    is_null,
    string_at,
)
from number_table cimport NumberIds, enter, find, free_numbers, start_numbers
from word_table cimport (
    MAX_WORD,
    NO_MEMORY,
    TOO_LONG,
    Numbers,
    Table,
    Word,
    add,
    append,
    check,
    choose_secrets,
    describe,
    look_up,
    prefetch,
    push,
    take,
)

from negw2v.corpus._tokenizer import SECRET

cdef enum:
    BATCH = 32              # words whose table lines are under way at the same time
    UNKNOWN = -100          # an entry of a dictionary that was not looked up yet

MESSAGES = {
    BACKWARDS: "its offsets run backwards, or below 0",
    BEYOND: "it lies beyond the end of what it points into",
    NO_ROOM: "it has become longer while it was read",
    NEGATIVE: "it has a negative number",
    NO_BYTES: "its strings have a length but no bytes",
}

choose_secrets(SECRET)      # a WordTable is filled here and in the tokenizer

ctypedef fused Whole:
    int8_t
    int16_t
    int32_t
    int64_t
    uint8_t
    uint16_t
    uint32_t
    uint64_t


@cython.final
@cython.nonecheck(False)
cdef class NumberTable:
    """Numbers from 0 to 2**64 - 1 to ids, numbered in order of first appearance, with counts."""

    cdef NumberIds ids

    def __cinit__(self):
        memset(&self.ids, 0, sizeof(NumberIds))
        check(start_numbers(&self.ids))

    def __dealloc__(self):
        free_numbers(&self.ids)

    def __len__(self):
        return self.ids.table.used

    def fill(self, keys):
        """Enter the numbers among some keys, numbered by position; others are never found."""
        cdef int32_t id
        for key in keys:
            number = number_of(key)
            if number is None or find(&self.ids, number) >= 0:
                id = append(&self.ids.table, NULL, 0, 0)
            else:
                id = enter(&self.ids, number)
            check(id)

    def merge(self, NumberTable other not None, int32_t[::1] mapping):
        """Add the numbers and counts of `other`, in its order; its id i is now mapping[i]."""
        cdef const uint64_t *numbers = <const uint64_t *>other.ids.table.arena
        cdef int32_t id = 0
        cdef Py_ssize_t i
        if mapping.shape[0] < other.ids.table.used:
            raise ValueError("the mapping is shorter than the table")
        with nogil:
            for i in range(other.ids.table.used):
                id = find(&self.ids, numbers[i])
                if id < 0:
                    id = enter(&self.ids, numbers[i])
                    if id < 0:
                        break
                self.ids.table.counts[id] += other.ids.table.counts[i]
                mapping[i] = id
        check(id)

    def words(self):
        """The numbers as a list of int."""
        cdef const uint64_t *numbers = <const uint64_t *>self.ids.table.arena
        cdef Py_ssize_t i
        return [numbers[i] for i in range(self.ids.table.used)]

    def counts(self, int64_t[::1] out):
        """Write how often each number was met."""
        if out.shape[0] != self.ids.table.used:
            raise ValueError("one count per number")
        if self.ids.table.used:
            memcpy(&out[0], self.ids.table.counts, self.ids.table.used * sizeof(int64_t))


def number_of(key):
    """The number that a key of a vocabulary is equal to, or None."""
    if isinstance(key, float) and key.is_integer():
        key = int(key)
    if isinstance(key, int) and 0 <= key <= UINT64_MAX:
        return int(key)
    return None


# ---------------------------------------------------------------- parts of columns

cdef enum RowKind:
    TEXTS                   # each value is a row
    LISTS32
    LISTS64
    VIEWS32
    VIEWS64
    EQUAL_LISTS

cdef struct Result:
    Py_ssize_t n_ids, n_sentences, null_sentences, null_words, row
    int status


@cython.final
@cython.nonecheck(False)       # it is not possible without the GIL
cdef class Rows:
    """A part of a column: rows of words or of numbers, or texts. It changes nothing.

    :func:`rows_of_batch` and :func:`rows_of_array` make one.
    """

    cdef object owner           # keeps the memory
    cdef RowKind kind
    cdef Bits valid, parents    # of the rows, and of the table's rows
    cdef const void *offsets
    cdef const void *sizes
    cdef int64_t width, offset, n_values
    cdef Strings strings
    cdef Integers integers
    #: Number of rows; how many rows of the column are before them.
    cdef readonly int64_t length, first

    cdef inline int bounds(self, int64_t row, int64_t *begin, int64_t *end) noexcept nogil:
        """The values of a row; or what is wrong."""
        row += self.offset
        if self.kind == LISTS32:
            begin[0] = (<const int32_t *>self.offsets)[row]
            end[0] = (<const int32_t *>self.offsets)[row + 1]
        elif self.kind == LISTS64:
            begin[0] = (<const int64_t *>self.offsets)[row]
            end[0] = (<const int64_t *>self.offsets)[row + 1]
        elif self.kind == EQUAL_LISTS:
            begin[0] = row * self.width
            end[0] = begin[0] + self.width
        else:
            if self.kind == VIEWS32:
                begin[0] = (<const int32_t *>self.offsets)[row]
                end[0] = (<const int32_t *>self.sizes)[row]
            else:
                begin[0] = (<const int64_t *>self.offsets)[row]
                end[0] = (<const int64_t *>self.sizes)[row]
            if end[0] < 0 or begin[0] > INT64_MAX - end[0]:
                return BACKWARDS
            end[0] += begin[0]
        if begin[0] < 0 or end[0] < begin[0]:
            return BACKWARDS
        return BEYOND if end[0] > self.n_values else 0

    cdef inline bint row_is_null(self, int64_t row) noexcept nogil:
        return is_null(&self.valid, row) or is_null(&self.parents, row)

    cdef inline bint has_values(self, int64_t row, int64_t room, int64_t *begin, int64_t *end,
                                Result *result) noexcept nogil:
        """Whether a row has values, for which there is room; otherwise it is null, or wrong."""
        result.row = row
        if self.row_is_null(row):
            result.null_sentences += 1
            return False
        result.status = self.bounds(row, begin, end)
        if result.status == 0 and end[0] - begin[0] > room:
            result.status = NO_ROOM
        return result.status == 0

    cdef int text_at(self, int64_t i, const uint8_t **start, size_t *size) noexcept nogil:
        """The bytes of a value, which is not null itself; 1 where an entry of a dictionary is."""
        cdef int64_t entry
        if self.integers.format == 0:
            return string_at(&self.strings, i, start, size)
        entry = integer_at(&self.integers, i)
        if not 0 <= entry < self.strings.length:
            return BEYOND
        if is_null(&self.strings.valid, entry):
            return 1
        return string_at(&self.strings, entry, start, size)

    cdef const Bits *valid_values(self) noexcept nogil:
        return &self.strings.valid if self.integers.format == 0 else &self.integers.valid

    def cut(self, int64_t most):
        """Parts with about `most` words each: a list of (first row, row behind, words).

        The number of words is an upper bound, and a guess where rows are texts.
        """
        cdef list parts = []
        cdef int64_t row, start = 0, words = 0, begin = 0, end = 0
        cdef int status = 0
        cdef size_t size = 0
        cdef const uint8_t *text = NULL
        row = 0
        while row < self.length:
            with nogil:
                while row < self.length and words < most:
                    if not self.row_is_null(row):
                        if self.kind == TEXTS:
                            status = self.text_at(row, &text, &size)
                            words += 1 + size // 5 if status == 0 else 1
                        else:
                            status = self.bounds(row, &begin, &end)
                            words += end - begin
                        if status < 0:
                            break
                    row += 1
            if status < 0:
                self.fail(status, row)
            parts.append((start, row, words))
            start, words = row, 0
        return parts

    def encode(self, table, int64_t start, int64_t stop, int32_t[::1] ids, int64_t[::1] lengths,
               *, bint grow, padding=None):
        """Look up the words of some rows.

        Parameters
        ----------
        table
            A WordTable for words, a :class:`NumberTable` for numbers.
        start, stop
            The rows, which are lists.
        ids
            int32, with room for every word: receives the ids, -1 for words that the table lacks.
        lengths
            int64, with room for every row: the number of words of each that is not null.
        grow
            True: new words get ids, and words are counted. False: the table does not change.
        padding
            A number that stands for no word.

        Returns
        -------
        tuple of int
            Ids and sentences written; null rows, and null words in the others.

        Raises
        ------
        ValueError
            The array contradicts itself, or has a negative number; the message names the row.
        """
        cdef Result result
        cdef Table *words
        cdef NumberTable numbers
        memset(&result, 0, sizeof(Result))
        if not 0 <= start <= stop <= self.length or self.kind == TEXTS:
            raise ValueError("there are no such rows of lists")
        if lengths.shape[0] < stop - start:
            raise ValueError("one length per row")
        if self.strings.kind == NO_STRINGS:
            numbers = table
            if padding is not None and not -INT64_MAX <= padding <= INT64_MAX:
                raise ValueError("padding is a number of 64 bits")
            self.encode_any(numbers, start, stop, ids, lengths, grow, padding is not None,
                            padding or 0, &result)
        else:
            words = <Table *><size_t>table.address
            with nogil:
                self.encode_words(words, start, stop, ids, lengths, grow, &result)
        if result.status < 0:
            self.fail(result.status, result.row)
        return result.n_ids, result.n_sentences, result.null_sentences, result.null_words

    cdef int fail(self, int status, int64_t row) except -1:
        if status in MESSAGES:
            raise ValueError(f"row {self.first + row} (counted from 0): {MESSAGES[status]}")
        check(status)
        return 0

    # -- words

    cdef void encode_words(self, Table *table, int64_t start, int64_t stop, int32_t[::1] ids,
                           int64_t[::1] lengths, bint grow, Result *result) noexcept nogil:
        cdef int32_t *cache = NULL      # id of each entry of the dictionary
        cdef Word[BATCH] batch
        cdef int64_t[BATCH] entries
        cdef int n_batch = 0
        cdef int64_t row, i, begin = 0, end = 0, n = 0, before, entry = 0
        cdef const Bits *valid = self.valid_values()
        cdef Word *word
        if self.integers.format:
            cache = <int32_t *>malloc((self.strings.length + 1) * sizeof(int32_t))
            if cache == NULL:
                result.status = NO_MEMORY
                return
            for i in range(self.strings.length):
                cache[i] = UNKNOWN
        for row in range(start, stop):
            if not self.has_values(row, ids.shape[0] - n, &begin, &end, result):
                if result.status:
                    break
                continue
            before = n
            for i in range(begin, end):
                if is_null(valid, i):
                    result.null_words += 1
                    continue
                word = &batch[n_batch]
                if cache != NULL:
                    entry = integer_at(&self.integers, i)
                    if not 0 <= entry < self.strings.length:
                        result.status = BEYOND
                        break
                    if is_null(&self.strings.valid, entry):
                        result.null_words += 1
                        continue
                    entries[n_batch] = entry
                    word.size = 0
                if cache == NULL or cache[entry] == UNKNOWN:
                    result.status = string_at(
                        &self.strings, i if cache == NULL else entry, &word.start, &word.size
                    )
                    if result.status == 0 and word.size >= MAX_WORD:
                        result.status = TOO_LONG
                    if result.status:
                        break
                    describe(word, True, 0)
                    prefetch(&table.entries[word.hash & table.mask])
                n += 1
                n_batch += 1
                if n_batch == BATCH:
                    result.status = flush(
                        table, batch, entries, cache, n_batch, &ids[n - n_batch], grow
                    )
                    n_batch = 0
                    if result.status:
                        break
            if result.status:
                break
            lengths[result.n_sentences] = n - before
            result.n_sentences += 1
        if n_batch and result.status == 0:
            result.status = flush(table, batch, entries, cache, n_batch, &ids[n - n_batch], grow)
        result.n_ids = n
        free(cache)

    # -- numbers

    cdef int encode_any(self, NumberTable table, int64_t start, int64_t stop, int32_t[::1] ids,
                        int64_t[::1] lengths, bint grow, bint padded, int64_t padding,
                        Result *result) except -1:
        cdef const void *data = self.integers.data
        cdef char kind = self.integers.format
        with nogil:
            if kind == c'c':
                encode_numbers(self, <const int8_t *>data, table, start, stop, ids, lengths, grow,
                               padded, padding, result)
            elif kind == c'C':
                encode_numbers(self, <const uint8_t *>data, table, start, stop, ids, lengths, grow,
                               padded, padding, result)
            elif kind == c's':
                encode_numbers(self, <const int16_t *>data, table, start, stop, ids, lengths, grow,
                               padded, padding, result)
            elif kind == c'S':
                encode_numbers(self, <const uint16_t *>data, table, start, stop, ids, lengths,
                               grow, padded, padding, result)
            elif kind == c'i':
                encode_numbers(self, <const int32_t *>data, table, start, stop, ids, lengths, grow,
                               padded, padding, result)
            elif kind == c'I':
                encode_numbers(self, <const uint32_t *>data, table, start, stop, ids, lengths,
                               grow, padded, padding, result)
            elif kind == c'l':
                encode_numbers(self, <const int64_t *>data, table, start, stop, ids, lengths, grow,
                               padded, padding, result)
            else:
                encode_numbers(self, <const uint64_t *>data, table, start, stop, ids, lengths,
                               grow, padded, padding, result)
        return 0

    # -- texts

    def pack(self, uint8_t[::1] space, int64_t row, int64_t done, int64_t stop):
        r"""Write texts as lines: each without its line feeds, which become blanks, and one behind.

        Parameters
        ----------
        space
            Where to write; it may end within a text.
        row, done
            The text to begin with, and how many bytes of it were written before.
        stop
            The row behind the last one.

        Returns
        -------
        tuple of int
            Bytes written; `row` and `done` for the next call; null rows that were left out.
        """
        cdef Py_ssize_t n = 0, room = space.shape[0], part, nulls = 0
        cdef const uint8_t *text = NULL
        cdef uint8_t *found
        cdef size_t size = 0
        cdef int status = 0
        if not 0 <= row <= stop <= self.length or self.kind != TEXTS:
            raise ValueError("there are no such rows of texts")
        with nogil:
            while row < stop and n < room:
                status = 1 if self.row_is_null(row) else self.text_at(row, &text, &size)
                if status < 0:
                    break
                if status == 1:
                    nulls += 1
                    row += 1
                    continue
                if done > <int64_t>size:
                    status = NO_ROOM
                    break
                part = min(<int64_t>size - done, room - n)
                if part:
                    memcpy(&space[n], text + done, part)
                    found = <uint8_t *>memchr(&space[n], c'\n', part)
                    while found != NULL:
                        found[0] = c' '
                        found = <uint8_t *>memchr(found, c'\n', &space[n] + part - found)
                n += part
                done += part
                if done == <int64_t>size and n < room:
                    space[n] = c'\n'
                    n += 1
                    row += 1
                    done = 0
        if status < 0:
            self.fail(status, row)
        return n, row, done, nulls

    def objects(self, int64_t start, int64_t stop):
        """Some rows as Python has them: texts, or lists of words or numbers; without nulls.

        Raises
        ------
        ValueError
            As :meth:`encode`; UnicodeDecodeError: a string is not UTF-8.
        """
        cdef list result = []
        cdef list words
        cdef int64_t row, i, begin = 0, end = 0
        cdef int status
        if not 0 <= start <= stop <= self.length:
            raise ValueError("there are no such rows")
        for row in range(start, stop):
            if self.row_is_null(row):
                continue
            if self.kind == TEXTS:
                text = self.object_at(row, row)
                if text is not None:
                    result.append(text)
                continue
            status = self.bounds(row, &begin, &end)
            if status:
                self.fail(status, row)
            words = []
            for i in range(begin, end):
                value = None if is_null(self.valid_values(), i) else self.object_at(i, row)
                if value is not None:
                    words.append(value)
            result.append(words)
        return result

    cdef object object_at(self, int64_t i, int64_t row):
        cdef const uint8_t *text = NULL
        cdef size_t size = 0
        cdef int status
        if self.strings.kind == NO_STRINGS:
            if self.integers.format == c'L':
                return (<const uint64_t *>self.integers.data)[self.integers.offset + i]
            return integer_at(&self.integers, i)
        status = self.text_at(i, &text, &size)
        if status < 0:
            self.fail(status, row)
        return PyUnicode_DecodeUTF8(<const char *>text, size, NULL) if status == 0 else None


cdef int flush(Table *table, Word *batch, const int64_t *entries, int32_t *cache, int n,
               int32_t *ids, bint grow) noexcept nogil:
    """Look up the words of a batch; those of a dictionary only where they were not yet."""
    cdef int i
    cdef int32_t id
    cdef uint64_t slot
    for i in range(n):
        if cache != NULL and cache[entries[i]] != UNKNOWN:
            id = cache[entries[i]]
        else:
            id = look_up(table, &batch[i], &slot)
            if id < 0 and grow:
                id = add(table, &batch[i], slot)
                if id < 0:
                    return id
            if cache != NULL:
                cache[entries[i]] = id
        if grow:
            table.counts[id] += 1
        ids[i] = id
    return 0


cdef void encode_numbers(Rows rows, const Whole *data, NumberTable table, int64_t start,
                         int64_t stop, int32_t[::1] ids, int64_t[::1] lengths, bint grow,
                         bint padded, int64_t padding, Result *result) noexcept nogil:
    cdef const Whole *values = data + rows.integers.offset
    cdef const Bits *valid = &rows.integers.valid
    cdef bint may_be_null = valid.bits != NULL
    cdef int64_t row, i, begin = 0, end = 0, n = 0, before
    cdef NumberIds *numbers = &table.ids
    cdef int64_t *counts = numbers.table.counts
    cdef int32_t *out = &ids[0] if ids.shape[0] else NULL
    cdef Whole value, pad = <Whole>padding
    cdef int32_t id
    if Whole is uint8_t or Whole is uint16_t or Whole is uint32_t or Whole is uint64_t:
        padded = padded and padding >= 0
    padded = padded and <int64_t>pad == padding
    for row in range(start, stop):
        if not rows.has_values(row, ids.shape[0] - n, &begin, &end, result):
            if result.status:
                break
            continue
        before = n
        for i in range(begin, end):
            if may_be_null and is_null(valid, i):
                result.null_words += 1
                continue
            value = values[i]
            if padded and value == pad:
                continue
            if Whole is int8_t or Whole is int16_t or Whole is int32_t or Whole is int64_t:
                if value < 0:
                    result.status = NEGATIVE
                    break
            id = find(numbers, <uint64_t>value)
            if id < 0 and grow:
                id = enter(numbers, <uint64_t>value)
                if id < 0:
                    result.status = id
                    break
                counts = numbers.table.counts   # it may have moved
            if grow:
                counts[id] += 1
            out[n] = id
            n += 1
        if result.status:
            break
        lengths[result.n_sentences] = n - before
        result.n_sentences += 1
    result.n_ids = n


# ---------------------------------------------------------------- where rows come from

cdef Bits bits_of(const ArrowArray *array) except *:
    cdef Bits result
    result.bits = NULL
    result.offset = array.offset
    if array.null_count != 0 and array.n_buffers > 0 and array.buffers != NULL:
        result.bits = <const uint8_t *>array.buffers[0]
    if result.bits == NULL and array.null_count > 0:
        raise ValueError("it has nulls, but does not say which values are null")
    return result


cdef int require(const ArrowArray *array, int64_t buffers, str what) except -1:
    """Raise where an array cannot be read at all."""
    if array == NULL:
        raise ValueError(f"{what} are not there")
    if array.length < 0 or array.offset < 0 or array.length > INT64_MAX - array.offset - 1:
        raise ValueError(
            f"{what} have the length {array.length} and the offset {array.offset}, which is "
            "impossible"
        )
    if array.n_buffers < buffers or (buffers and array.buffers == NULL):
        raise ValueError(f"{what} have {array.n_buffers} buffers, but {buffers} are needed")
    return 0


cdef const void *buffer(const ArrowArray *array, int64_t i, int itemsize, str what) except? NULL:
    """A buffer of an array that is not empty; an empty one need not have any."""
    cdef const void *p = array.buffers[i]
    if p == NULL and array.length:
        raise ValueError(f"{what} lack buffer {i}")
    if <size_t>p % itemsize:
        raise ValueError(
            f"{what} lie at an address that is not a multiple of {itemsize}; copy the column first"
        )
    return p


cdef int set_strings(Rows rows, const ArrowArray *array, bytes format) except -1:
    cdef Strings *strings = &rows.strings
    require(array, 3, "its strings")
    strings.valid = bits_of(array)
    strings.offset = array.offset
    strings.length = array.length
    if format == b"vu":
        strings.kind = STRING_VIEWS
        strings.offsets = buffer(array, 1, 1, "its strings")
        strings.n_buffers = array.n_buffers - 3
        strings.buffers = array.buffers + 2
        strings.sizes = <const int64_t *>array.buffers[array.n_buffers - 1]
        if strings.n_buffers and (strings.sizes == NULL or <size_t>strings.sizes % 8):
            raise ValueError("its strings lack the lengths of their buffers")
        return 0
    strings.kind = STRINGS32 if format == b"u" else STRINGS64
    strings.offsets = buffer(array, 1, 4 if format == b"u" else 8, "the offsets of its strings")
    strings.bytes = <const uint8_t *>array.buffers[2]
    if array.length and format == b"u":
        strings.end = (<const int32_t *>strings.offsets)[array.offset + array.length]
    elif array.length:
        strings.end = (<const int64_t *>strings.offsets)[array.offset + array.length]
    return 0


cdef int set_integers(Rows rows, const ArrowArray *array, bytes format, str what) except -1:
    require(array, 2, what)
    rows.integers.format = (<const char *>format)[0]
    rows.integers.valid = bits_of(array)
    rows.integers.offset = array.offset
    rows.integers.length = array.length
    rows.integers.data = buffer(array, 1, size_of(rows.integers.format), what)
    return 0


cdef int size_of(char format) except -1:
    place = b"cCsSiIlL".find(bytes([format]))
    if place < 0:
        raise ValueError(f"a number of the type {bytes([format])!r}")
    return 1 << (place >> 1)


def rows_of_batch(batch, column, bytes row_format, bytes values_format, bytes index_format,
                  int64_t first):
    """The rows of an array that was taken over.

    Parameters
    ----------
    batch
        A Batch of arrow.pyx; it is kept.
    column
        Number of the table's column; None: the array itself is the column.
    row_format
        The type of the rows as a schema writes it, such as b"+l"; b"": texts.
    values_format
        The type of words, numbers or texts: b"u", b"i", ...
    index_format
        The type of numbers of entries, where the strings are a dictionary; b"": they are not.
    first
        How many rows of the column were before.

    Raises
    ------
    ValueError
        The array contradicts itself.
    """
    cdef Rows rows = Rows.__new__(Rows)
    cdef const ArrowArray *parent = <const ArrowArray *><size_t>batch.address
    cdef const ArrowArray *array = parent
    cdef const ArrowArray *values
    cdef int64_t shift = 0, child
    rows.owner = batch
    rows.first = first
    require(parent, 0, "its rows")
    rows.length = parent.length
    if column is not None:
        child = column
        if not 0 <= child < parent.n_children or parent.children == NULL:
            raise ValueError("a part of it lacks the column")
        array = parent.children[child]
        rows.parents = bits_of(parent)
        shift = parent.offset
        require(array, 0, "its rows")
        if array.length < parent.length or shift > array.length - parent.length:
            raise ValueError("a column is shorter than its table")
    values = array
    if row_format:
        values = set_lists(rows, array, row_format)
        rows.valid = bits_of(array)
        rows.valid.offset += shift
        rows.offset = array.offset + shift
    if index_format:
        set_integers(rows, values, index_format, "the numbers of its dictionary's entries")
        set_strings(rows, values.dictionary, values_format)
    elif values_format in (b"u", b"U", b"vu"):
        set_strings(rows, values, values_format)
    else:
        set_integers(rows, values, values_format, "its numbers")
    if not row_format:
        # The values are the rows: nulls among them are null rows.
        rows.valid = rows.valid_values()[0]
        rows.valid.offset += shift
        if index_format:
            rows.integers.offset += shift
        else:
            rows.strings.offset += shift
    return rows


cdef const ArrowArray *set_lists(Rows rows, const ArrowArray *array, bytes format) except NULL:
    """Where the lists are; returns the array of their values."""
    cdef const ArrowArray *values
    cdef bint wide = format in (b"+L", b"+vL")
    if array.n_children < 1 or array.children == NULL:
        raise ValueError("its lists have no values")
    values = array.children[0]
    require(values, 0, "the values of its lists")
    rows.n_values = values.length
    if format.startswith(b"+w:"):
        rows.kind = EQUAL_LISTS
        width = format[3:]
        most = INT64_MAX // (array.length + array.offset + 1)
        if not width.isdigit() or len(width) > 19 or int(width) > most:
            raise ValueError("its lists have an impossible length")
        rows.width = int(width)
        return values
    require(array, 3 if b"v" in format else 2, "its lists")
    rows.offsets = buffer(array, 1, 8 if wide else 4, "the offsets of its lists")
    if b"v" in format:
        rows.kind = VIEWS64 if wide else VIEWS32
        rows.sizes = buffer(array, 2, 8 if wide else 4, "the lengths of its lists")
    else:
        rows.kind = LISTS64 if wide else LISTS32
    return values


def rows_of_array(values, bytes code, size_t data, int64_t n_values,
                  const int64_t[::1] offsets, int64_t n_rows, int64_t width):
    """The rows of an array of numbers.

    Parameters
    ----------
    values
        The array, which is kept: contiguous, of whole numbers in the machine's byte order.
    code
        Its type as a schema writes it.
    data, n_values
        Its address and the number of its values.
    offsets
        int64 (n_rows + 1,), kept, too: row i is values[offsets[i]:offsets[i + 1]]. Empty: rows of
        equal length.
    n_rows, width
        The number of rows, and their length if it is equal.
    """
    cdef Rows rows = Rows.__new__(Rows)
    rows.owner = (values, offsets)
    rows.length = n_rows
    rows.n_values = n_values
    rows.integers.format = (<const char *>code)[0]
    rows.integers.data = <const void *>data
    rows.integers.length = n_values
    if data % size_of(rows.integers.format):
        raise ValueError("the numbers lie at an odd address")
    if offsets.shape[0]:
        if offsets.shape[0] != n_rows + 1:
            raise ValueError("one offset per row, and one more")
        rows.kind = LISTS64
        rows.offsets = &offsets[0]
    else:
        rows.kind = EQUAL_LISTS
        rows.width = width
    return rows


def translate(int32_t[::1] ids, const int32_t[::1] mapping):
    """Replace each id by mapping[id], in place."""
    cdef Py_ssize_t i, n = ids.shape[0]
    cdef int32_t size = <int32_t>mapping.shape[0]
    cdef bint wrong = False
    with nogil:
        for i in range(n):
            if not 0 <= ids[i] < size:
                wrong = True
                break
            ids[i] = mapping[ids[i]]
    if wrong:
        raise ValueError("an id that the mapping lacks")


# ---------------------------------------------------------------- files of numbers

def parse_numbers(bytes text, int64_t limit):
    r"""The whole numbers on some lines of text.

    Parameters
    ----------
    text
        Whole lines.
    limit
        Read only this many lines; negative: all.

    Returns
    -------
    values, lengths
        The bytes of uint64 numbers, and of int64 ones: how many each line has that is not blank.
    lines
        Lines that were read to their end.
    wrong
        Position of the first thing that is not a number from 0 to 2**64 - 1; -1: there is none.
    """
    cdef const uint8_t *p = <const uint8_t *><char *>text
    cdef const uint8_t *begin = p
    cdef const uint8_t *end = p + len(text)
    cdef const uint8_t *start
    cdef Numbers values, lengths
    cdef int64_t n = 0, lines = 0, wrong = -1
    cdef uint64_t number
    cdef int status = 0
    memset(&values, 0, sizeof(values))
    memset(&lengths, 0, sizeof(lengths))
    try:
        with nogil:
            while p < end and lines != limit and status == 0 and wrong < 0:
                if p[0] == c'\n':
                    if n:
                        status = push(&lengths, n)
                    n = 0
                    lines += 1
                    p += 1
                elif p[0] == c' ' or p[0] == c'\t' or p[0] == c'\r':
                    p += 1
                else:
                    start = p
                    number = 0
                    while p < end and c'0' <= p[0] <= c'9':
                        if number > (UINT64_MAX - (p[0] - c'0')) // 10:
                            break
                        number = 10 * number + (p[0] - c'0')
                        p += 1
                    if p == start or (
                        p < end and p[0] != c'\n' and p[0] != c' ' and p[0] != c'\t'
                        and p[0] != c'\r'
                    ):
                        wrong = start - begin
                        break
                    status = push(&values, <int64_t>number)
                    n += 1
            if n and status == 0 and wrong < 0:
                status = push(&lengths, n)
                lines += 1
        check(status)
        return take(&values), take(&lengths), lines, wrong
    finally:
        free(values.data)
        free(lengths.data)

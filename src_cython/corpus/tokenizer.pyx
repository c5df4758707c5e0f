"""Text to word ids.

In the map: compiled once, for any processor, into negw2v.corpus._tokenizer, which
negw2v/corpus/files.py and storage.py call; above word_table.pxd.

- :class:`WordTable`, words in UTF-8 to ids;
- :class:`LineTokenizer`, which cuts UTF-8 text into lines and words as ``str.split`` does
  and looks the words up, without the GIL;
- :func:`compact`, which turns provisional ids into final ones and leaves the rest out.
"""

import os

cimport cython
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memmove, memset

from word_table cimport (
    MAX_WORD,
    NO_MEMORY,
    PADDING,
    TOO_LONG,
    Numbers,
    Table,
    Word,
    add,
    append,
    check,
    choose_secrets,
    describe,
    free_table,
    load8,
    look_up,
    numbers_view,
    prefetch,
    push,
    start_table,
    take,
    trailing_zeros,
    word_at,
)

cdef enum:
    BATCH = 32          # words whose table lines are under way at the same time

cdef uint64_t HIGH_BITS = 0x8080808080808080ULL
cdef uint64_t FIRST_PLAIN = 0x2121212121212121ULL      # bytes below '!' need a look


#: What hashes depend on: modules that look up in one another's tables share it.
SECRET = os.urandom(16)

choose_secrets(SECRET)


@cython.final
@cython.nonecheck(False)       # it is not possible without the GIL
cdef class WordTable:
    """Words of UTF-8 text to ids, numbered in order of first appearance, with counts."""

    cdef Table table

    def __cinit__(self):
        memset(&self.table, 0, sizeof(Table))
        check(start_table(&self.table))

    def __dealloc__(self):
        free_table(&self.table)

    def __len__(self):
        return self.table.used

    @property
    def address(self):
        """Where the table is in memory, for rows.pyx, which fills it."""
        return <size_t>&self.table

    def fill(self, words):
        """Enter the str of `words` by their UTF-8 bytes, numbered by position.

        A key that UTF-8 cannot hold (an int, a lone surrogate) takes a number and is never found. Of
        equal words the first one counts.
        """
        cdef Word word
        cdef uint64_t slot
        cdef bytes encoded
        cdef int32_t id
        for key in words:
            encoded = b""
            is_text = isinstance(key, str)
            if is_text:
                try:
                    encoded = key.encode("utf-8")
                except UnicodeEncodeError:
                    is_text = False
            word.start = <const uint8_t *><char *>encoded
            word.size = len(encoded)
            describe(&word, True, 0)
            if is_text and look_up(&self.table, &word, &slot) < 0:
                id = add(&self.table, &word, slot)
            else:
                id = append(&self.table, NULL, 0, 0)
            check(id)

    def merge(self, WordTable other, int32_t[::1] mapping):
        """Add the words and counts of `other`, in its order; its id i is now mapping[i]."""
        cdef Word word
        cdef uint64_t slot
        cdef int32_t id = 0
        cdef Py_ssize_t i
        if mapping.shape[0] < other.table.used:
            raise ValueError("the mapping is shorter than the table")
        with nogil:
            for i in range(other.table.used):
                word_at(&other.table, i, &word)
                id = look_up(&self.table, &word, &slot)
                if id < 0:
                    id = add(&self.table, &word, slot)
                    if id < 0:
                        break
                self.table.counts[id] += other.table.counts[i]
                mapping[i] = id
        check(id)

    def words(self):
        """The words as a list of str, for a table of UTF-8 words."""
        cdef list result = [None] * self.table.used
        cdef Word word
        cdef Py_ssize_t i
        for i in range(self.table.used):
            word_at(&self.table, i, &word)
            result[i] = PyUnicode_DecodeUTF8(<char *>word.start, word.size, NULL)
        return result

    def counts(self, int64_t[::1] out):
        """Write how often each word was met."""
        cdef Py_ssize_t i
        if out.shape[0] != self.table.used:
            raise ValueError("one count per word")
        for i in range(self.table.used):
            out[i] = self.table.counts[i]


def secret_place(bytes word):
    """Where the table begins to look for a word, which differs between processes."""
    cdef Word described
    described.start = <const uint8_t *><char *>word
    described.size = len(word)
    describe(&described, True, 0)
    return described.hash


# ---------------------------------------------------------------- text

cdef enum ByteClass:
    PLAIN = 0
    BLANK = 1
    NEWLINE = 2
    CONTROL = 3         # below the blank, but part of a word
    LEAD = 4            # outside ASCII

cdef uint8_t[256] CLASSES


cdef void fill_classes() noexcept:
    cdef int i
    for i in range(256):
        CLASSES[i] = LEAD if i >= 0x80 else CONTROL if i < 0x20 else PLAIN
    for i in (0x09, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x1F, 0x20):
        CLASSES[i] = BLANK
    CLASSES[0x0A] = NEWLINE


fill_classes()


cdef inline bint continues(const uint8_t *p) noexcept nogil:
    return (p[0] & 0xC0) == 0x80


cdef inline int decode(const uint8_t *p, const uint8_t *end, bint *blank) noexcept nogil:
    """Bytes of the character at p (outside ASCII), 0 where it is not valid UTF-8.

    Unicode 15, table 3-7; the blanks are those of str.isspace.
    """
    cdef uint8_t first = p[0], second
    cdef Py_ssize_t left = end - p
    blank[0] = False
    if first < 0xC2 or first > 0xF4 or left < 2 or not continues(p + 1):
        return 0
    second = p[1]
    if first < 0xE0:
        blank[0] = first == 0xC2 and (second == 0x85 or second == 0xA0)
        return 2
    if left < 3 or not continues(p + 2):
        return 0
    if first < 0xF0:
        if (first == 0xE0 and second < 0xA0) or (first == 0xED and second > 0x9F):
            return 0
        if first == 0xE2:
            if second == 0x80:
                blank[0] = (
                    p[2] <= 0x8A or p[2] == 0xA8 or p[2] == 0xA9 or p[2] == 0xAF
                )
            else:
                blank[0] = second == 0x81 and p[2] == 0x9F
        else:
            blank[0] = (
                (first == 0xE3 and second == 0x80 and p[2] == 0x80)
                or (first == 0xE1 and second == 0x9A and p[2] == 0x80)
            )
        return 3
    if left < 4 or not continues(p + 3):
        return 0
    if (first == 0xF0 and second < 0x90) or (first == 0xF4 and second > 0x8F):
        return 0
    return 4


@cython.final
@cython.nonecheck(False)       # it is not possible without the GIL
cdef class LineTokenizer:
    """Cuts a stream of UTF-8 bytes into lines and words and looks the words up.

    Call :meth:`free_space`, write bytes there, :meth:`feed` their number, take
    :meth:`tokens`; and so on, with ``last=True`` at the end.

    Parameters
    ----------
    table
        Where words are looked up.
    grow
        True: new words get ids, and words are counted. False: the table does not change, so any
        number of tokenizers may share it, and unknown words get the id -1.
    keep
        Whether the ids are wanted.
    offset
        Position of the first byte in the file, for messages.
    limit
        Stop after this many lines; -1: never.
    block_bytes
        How much text to ask for at a time.
    longest
        Bytes: a word of this length or more raises OverflowError before memory is taken for it.
    places
        Whether it is wanted where words are, see :meth:`places`.
    """

    cdef WordTable words        # keeps the table alive
    cdef Table *table
    cdef bint grow, keep, place
    cdef uint8_t *buffer
    cdef Py_ssize_t filled, room, block_bytes, longest
    cdef int32_t *ids
    cdef Py_ssize_t n_ids, ids_room
    cdef Numbers lengths, word_places
    cdef Word[BATCH] batch
    cdef int n_batch
    cdef int64_t line_words, limit
    #: Position in the file of the first byte that was not yet consumed.
    cdef readonly int64_t offset
    #: Lines ended so far; words so far, and those of them that the table holds.
    cdef readonly int64_t lines, n_words, n_known
    #: Whether the last line has no end yet.
    cdef readonly bint in_line
    #: Whether `limit` lines were read: nothing more is consumed.
    cdef readonly bint done
    #: Position in the file of the first byte that is not UTF-8; -1: there is none.
    cdef readonly int64_t invalid

    def __cinit__(self, WordTable table not None, *, bint grow, bint keep, int64_t offset=0,
                  int64_t limit=-1, Py_ssize_t block_bytes=1 << 21,
                  Py_ssize_t longest=MAX_WORD, bint places=False):
        self.words = table
        self.table = &table.table
        self.grow = grow
        self.keep = keep
        self.place = places
        self.offset = offset
        self.limit = limit
        self.block_bytes = block_bytes
        self.longest = min(longest, MAX_WORD)
        self.invalid = -1
        self.done = limit == 0
        self.make_room(block_bytes)

    def __dealloc__(self):
        free(self.buffer)
        free(self.ids)
        free(self.lengths.data)
        free(self.word_places.data)

    cdef int make_room(self, Py_ssize_t room) except -1:
        cdef void *p = realloc(self.buffer, room + PADDING)
        if p == NULL:
            raise MemoryError("no memory for a block of text")
        self.buffer = <uint8_t *>p
        self.room = room
        return 0

    def free_space(self):
        """The part of the buffer to write the next bytes to, as a memoryview."""
        if self.room - self.filled < self.block_bytes // 2:
            self.make_room(2 * self.room)
        return <uint8_t[:self.room - self.filled]>(self.buffer + self.filled)

    def feed(self, Py_ssize_t n, bint last=False):
        """Take the next `n` bytes, which were written to the free space.

        Consumes everything up to the last ASCII blank. The rest may be the beginning of a word and
        stays for the next call, unless this is the last one.
        Stops at the first byte that is not UTF-8, see `invalid`.
        """
        cdef Py_ssize_t stop, status
        cdef void *p
        if n < 0 or n > self.room - self.filled:
            raise ValueError("more bytes than there was space for")
        self.n_ids = 0
        if self.done or self.invalid >= 0:
            return
        self.filled += n
        stop = self.filled
        if not last:
            while stop and CLASSES[self.buffer[stop - 1]] not in (BLANK, NEWLINE):
                stop -= 1
            if self.filled - stop >= self.longest:
                check(TOO_LONG)
        if self.keep and self.ids_room < stop // 2 + 1:
            self.ids_room = self.room // 2 + 1
            p = realloc(self.ids, self.ids_room * sizeof(int32_t))
            if p == NULL:
                self.ids_room = 0
                raise MemoryError("no memory for the ids of a block of text")
            self.ids = <int32_t *>p
        with nogil:
            status = self.consume(self.buffer, self.buffer + stop)
        check(status)
        if self.invalid >= 0:
            self.invalid += self.offset
            return
        memmove(self.buffer, self.buffer + stop, self.filled - stop)
        self.filled -= stop
        self.offset += stop
        if last and self.in_line:
            check(push(&self.lengths, self.line_words))

    def tokens(self):
        """The ids of the words that the last feed() consumed, as a memoryview (one use)."""
        return numbers_view(self.ids, self.n_ids)

    def line_lengths(self):
        """Words of each line since the last call, as the bytes of int64 numbers."""
        return take(&self.lengths)

    def places(self):
        """Where each word since the last call starts and ends in what feed() was given.

        As the bytes of int64 numbers, two for each word. All was given in one call.
        """
        return take(&self.word_places)

    cdef int flush(self) noexcept nogil:
        """Look up the words of the batch."""
        cdef int i
        cdef int32_t id
        cdef uint64_t slot
        cdef int64_t start
        for i in range(self.n_batch):
            id = look_up(self.table, &self.batch[i], &slot)
            if self.grow:
                if id < 0:
                    id = add(self.table, &self.batch[i], slot)
                    if id < 0:
                        return id
                self.table.counts[id] += 1
            self.n_known += id >= 0
            if self.keep:
                self.ids[self.n_ids] = id
                self.n_ids += 1
            if self.place:
                start = self.batch[i].start - self.buffer
                if (
                    push(&self.word_places, start)
                    or push(&self.word_places, start + <int64_t>self.batch[i].size)
                ):
                    return NO_MEMORY
        self.n_batch = 0
        return 0

    cdef int end_line(self) noexcept nogil:
        cdef int status = push(&self.lengths, self.line_words)
        self.line_words = 0
        self.in_line = False
        self.lines += 1
        if self.lines == self.limit:
            self.done = True
        return status

    cdef int consume(self, const uint8_t *p, const uint8_t *end) noexcept nogil:
        """Tokenize [p, end), which ends where a word cannot go on."""
        cdef const uint8_t *start
        cdef const uint8_t *begin = p
        cdef uint64_t chunk
        cdef uint8_t kind
        cdef int width, status
        cdef bint blank = False
        cdef Word *word
        self.n_batch = 0
        if self.offset == 0 and end - p >= 3 and p[0] == 0xEF and p[1] == 0xBB and p[2] == 0xBF:
            p += 3      # a byte-order mark does not belong to the first word
        while p < end:
            kind = CLASSES[p[0]]
            if kind == BLANK:
                self.in_line = True
                p += 1
                continue
            if kind == NEWLINE:
                p += 1
                status = self.end_line()
                if status:
                    return status
                if self.done:
                    break
                continue
            self.in_line = True
            if kind == LEAD:
                width = decode(p, end, &blank)
                if width == 0:
                    self.invalid = p - begin
                    return 0
                if blank:
                    p += width
                    continue
            start = p
            while True:
                chunk = load8(p)
                # Every byte that is outside ASCII or below '!' leaves its high bit set.
                chunk = (~((chunk | HIGH_BITS) - FIRST_PLAIN) | chunk) & HIGH_BITS
                if chunk == 0:
                    p += 8
                    if p < end:
                        continue
                else:
                    p += trailing_zeros(chunk) >> 3
                if p >= end:
                    p = end
                    break
                kind = CLASSES[p[0]]
                if kind == CONTROL:
                    p += 1
                    continue
                while kind == LEAD:
                    width = decode(p, end, &blank)
                    if width == 0:
                        self.invalid = p - begin
                        return 0
                    if blank:
                        break
                    p += width
                    if p == end:
                        break
                    kind = CLASSES[p[0]]
                if p == end or blank or kind == BLANK or kind == NEWLINE:
                    break
            blank = False
            word = &self.batch[self.n_batch]
            word.start = start
            word.size = p - start
            if word.size >= <size_t>self.longest:
                return TOO_LONG
            describe(word, False, 0)
            prefetch(&self.table.entries[word.hash & self.table.mask])
            self.n_batch += 1
            self.n_words += 1
            self.line_words += 1
            if self.n_batch == BATCH:
                status = self.flush()
                if status:
                    return status
        return self.flush()


# ---------------------------------------------------------------- provisional to final ids

def compact(const int32_t[::1] ids, remap, const int64_t[::1] ends, int64_t sentence,
            int64_t position, int32_t[::1] out, int64_t written, int64_t[::1] starts):
    """Write the final ids of a run of tokens, and where their sentences start.

    Parameters
    ----------
    ids
        Provisional ids; negative ones are left out.
    remap
        int32: the final id of each provisional one, negative to leave it out;
        None: the ids are final.
    ends
        Where each sentence of the corpus ends, counted in provisional ids.
    sentence, position
        The sentence that the first id belongs to, and the id's position in the corpus.
    out, written
        Where the final ids go, from ``out[written]`` on.
    starts
        ``starts[j + 1]`` receives the end of sentence j in `out`.

    Returns
    -------
    tuple of int
        `sentence`, `position` and `written` for the next run.
    """
    cdef const int32_t[::1] new_ids = remap
    cdef bint mapped = remap is not None
    cdef int64_t i = 0, n = ids.shape[0], stop, n_sentences = ends.shape[0]
    cdef int64_t room = out.shape[0]
    cdef int32_t id
    with nogil:
        while True:
            while sentence < n_sentences and ends[sentence] == position:
                sentence += 1
                starts[sentence] = written
            if i == n or sentence == n_sentences:
                break
            stop = min(n, i + ends[sentence] - position)
            position += stop - i
            while i < stop:
                id = ids[i]
                if mapped and id >= 0:
                    id = new_ids[id]
                if id >= 0:
                    if written == room:
                        raise IndexError("more ids than there is room for")
                    out[written] = id
                    written += 1
                i += 1
    return sentence, position, written

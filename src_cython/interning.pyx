"""Text and Python sentences to word ids: the loops behind :mod:`negw2v.corpus`.

Three classes and a function:

- :class:`WordTable`, an open-addressing hash table from bytes to ids 0, 1, 2, ... in
  order of first appearance;
- :class:`LineTokenizer`, which cuts UTF-8 text into lines and words as ``str.split`` does
  and looks the words up, without the GIL;
- :class:`SentenceEncoder`, which does the same for sentences made of Python objects;
- :func:`compact`, which turns provisional ids into final ones and leaves the rest out.
"""

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.dict cimport PyDict_GetItemWithError, PyDict_SetItem
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy, memmove

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    #if defined(__GNUC__) || defined(__clang__)
    #define NEGW2V_PREFETCH(address) __builtin_prefetch(address)
    #define NEGW2V_TRAILING_ZEROS(x) __builtin_ctzll(x)
    #elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_ARM64))
    #include <intrin.h>
    #define NEGW2V_PREFETCH(address) ((void)(address))
    static __inline int NEGW2V_TRAILING_ZEROS(uint64_t x) {
        unsigned long position;
        _BitScanForward64(&position, x);
        return (int)position;
    }
    #else
    #define NEGW2V_PREFETCH(address) ((void)(address))
    static int NEGW2V_TRAILING_ZEROS(uint64_t x) {
        int n = 0;
        while (!(x & 1)) { x >>= 1; n++; }
        return n;
    }
    #endif

    /* Little-endian whatever the machine; compilers make one load of it. */
    static inline uint64_t negw2v_load8(const uint8_t *p) {
        return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16
             | (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40
             | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
    }

    /* A str's characters as CPython stores them. Equal strings have equal kinds and bytes.
       NULL where the layout is out of reach (the stable ABI): a dict is used instead. */
    static inline const uint8_t *negw2v_characters(PyObject *text, size_t *size,
                                                   uint32_t *kind) {
    #if defined(Py_LIMITED_API) || defined(PYPY_VERSION)
        (void)text; (void)size; (void)kind;
        return NULL;
    #else
        *kind = (uint32_t)PyUnicode_KIND(text);
        *size = (size_t)PyUnicode_GET_LENGTH(text) * *kind;
        return (const uint8_t *)PyUnicode_DATA(text);
    #endif
    }
    """
    void prefetch "NEGW2V_PREFETCH"(const void *address) noexcept nogil
    int trailing_zeros "NEGW2V_TRAILING_ZEROS"(uint64_t x) noexcept nogil
    uint64_t load8 "negw2v_load8"(const uint8_t *p) noexcept nogil
    const uint8_t *characters "negw2v_characters"(
        PyObject *text, size_t *size, uint32_t *kind) noexcept

cdef extern from "Python.h":
    bint PyUnicode_CheckExact(PyObject *o) noexcept
    PyObject *borrowed_list_item "PyList_GET_ITEM"(PyObject *items, Py_ssize_t i) noexcept
    PyObject *borrowed_tuple_item "PyTuple_GET_ITEM"(PyObject *items, Py_ssize_t i) noexcept

cdef enum:
    BATCH = 32          # words whose table lines are under way at the same time
    MAX_WORD = 1 << 30  # bytes
    PADDING = 8         # load8() may read this far beyond the last byte
    AHEAD = 8           # Python words whose objects are prefetched

cdef uint64_t HIGH_BITS = 0x8080808080808080ULL
cdef uint64_t FIRST_PLAIN = 0x2121212121212121ULL      # bytes below '!' need a look


# ---------------------------------------------------------------- the table

cdef struct Entry:
    uint64_t key        # a word's bytes where they fit, else their hash
    uint32_t tag        # length and kind
    int32_t id          # plus one: zero-filled memory is an empty table


cdef struct Word:
    const uint8_t *start
    size_t size
    uint64_t key
    uint64_t hash
    uint32_t tag


cdef inline uint64_t mixed(uint64_t x) noexcept nogil:
    x *= 0x9E3779B97F4A7C15ULL
    x ^= x >> 32
    x *= 0xD6E8FEB86659FD93ULL
    return x ^ (x >> 29)


cdef inline uint64_t long_key(const uint8_t *start, size_t size) noexcept nogil:
    """Hash of a word of more than eight bytes."""
    cdef uint64_t h = size
    cdef const uint8_t *last = start + size - 8
    while start < last:
        h = mixed(h ^ load8(start))
        start += 8
    return mixed(h ^ load8(last))


cdef inline uint64_t short_key(const uint8_t *start, size_t size) noexcept nogil:
    """A word of at most eight bytes as a number; eight bytes must be readable."""
    if size == 0:
        return 0
    return load8(start) & (~<uint64_t>0 >> (8 * (8 - size)))


cdef inline uint64_t careful_key(const uint8_t *start, size_t size) noexcept nogil:
    """The same where the bytes after the word may not be readable."""
    cdef uint8_t[8] copy
    if (<size_t>start & 4095) <= 4088:      # the same page as the word itself
        return short_key(start, size)
    memcpy(copy, start, size)
    return short_key(copy, size)


cdef inline void describe(Word *word, bint careful, uint32_t kind) noexcept nogil:
    if word.size > 8:
        word.key = long_key(word.start, word.size)
    elif careful:
        word.key = careful_key(word.start, word.size)
    else:
        word.key = short_key(word.start, word.size)
    word.tag = <uint32_t>(word.size << 2) | kind
    word.hash = mixed(word.key ^ word.tag)


@cython.final
cdef class WordTable:
    """Words (byte strings) to ids, numbered in order of first appearance, with counts."""

    cdef Entry *entries
    cdef uint64_t mask
    cdef uint8_t *arena
    cdef size_t arena_used, arena_size
    cdef uint64_t *offsets      # of word id in the arena; a last one ends the last word
    cdef uint32_t *tags
    cdef int64_t *totals
    cdef Py_ssize_t used, room

    def __cinit__(self):
        self.mask = 1023
        self.entries = <Entry *>calloc(self.mask + 1, sizeof(Entry))
        if self.entries == NULL:
            raise MemoryError("no memory for a table of words")
        if self.enlarge(512) or self.enlarge_arena(8192):
            raise MemoryError("no memory for a table of words")
        self.offsets[0] = 0

    def __dealloc__(self):
        free(self.entries)
        free(self.arena)
        free(self.offsets)
        free(self.tags)
        free(self.totals)

    def __len__(self):
        return self.used

    cdef int enlarge(self, Py_ssize_t room) noexcept nogil:
        cdef void *p = realloc(self.offsets, (room + 1) * sizeof(uint64_t))
        if p == NULL:
            return -1
        self.offsets = <uint64_t *>p
        p = realloc(self.tags, room * sizeof(uint32_t))
        if p == NULL:
            return -1
        self.tags = <uint32_t *>p
        p = realloc(self.totals, room * sizeof(int64_t))
        if p == NULL:
            return -1
        self.totals = <int64_t *>p
        self.room = room
        return 0

    cdef int enlarge_arena(self, size_t size) noexcept nogil:
        cdef void *p = realloc(self.arena, size + PADDING)
        if p == NULL:
            return -1
        self.arena = <uint8_t *>p
        self.arena_size = size
        return 0

    cdef int rehash(self) noexcept nogil:
        cdef uint64_t old_mask = self.mask, slot, i
        cdef Entry *old = self.entries
        cdef Entry *fresh = <Entry *>calloc(2 * (old_mask + 1), sizeof(Entry))
        if fresh == NULL:
            return -1
        self.mask = 2 * old_mask + 1
        for i in range(old_mask + 1):
            if old[i].id:
                slot = mixed(old[i].key ^ old[i].tag) & self.mask
                while fresh[slot].id:
                    slot = (slot + 1) & self.mask
                fresh[slot] = old[i]
        self.entries = fresh
        free(old)
        return 0

    cdef inline int32_t look_up(self, const Word *word, uint64_t *where) noexcept nogil:
        """The word's id, or -1 with the free slot where it belongs."""
        cdef uint64_t slot = word.hash & self.mask
        cdef Entry *entry
        where[0] = 0
        while True:
            entry = &self.entries[slot]
            if entry.id == 0:
                where[0] = slot
                return -1
            if entry.key == word.key and entry.tag == word.tag and (
                word.size <= 8
                or memcmp(self.arena + self.offsets[entry.id - 1], word.start, word.size) == 0
            ):
                return entry.id - 1
            slot = (slot + 1) & self.mask

    cdef int32_t append(self, const uint8_t *start, size_t size, uint32_t tag) noexcept nogil:
        """Number a new word (not yet in `entries`); -2 without memory, -3 over 2**31 words."""
        cdef size_t arena_size = self.arena_size
        if self.used == self.room and self.enlarge(2 * self.room):
            return -2
        if self.used == INT32_MAX - 1:
            return -3
        if self.arena_used + size > arena_size:
            while self.arena_used + size > arena_size:
                arena_size *= 2
            if self.enlarge_arena(arena_size):
                return -2
        if size:
            memcpy(self.arena + self.arena_used, start, size)
        self.arena_used += size
        self.tags[self.used] = tag
        self.totals[self.used] = 0
        self.used += 1
        self.offsets[self.used] = self.arena_used
        return <int32_t>(self.used - 1)

    cdef int32_t add(self, const Word *word, uint64_t slot) noexcept nogil:
        """Number a new word and enter it at the slot that look_up() named."""
        cdef int32_t id = self.append(word.start, word.size, word.tag)
        if id < 0:
            return id
        self.entries[slot].key = word.key
        self.entries[slot].tag = word.tag
        self.entries[slot].id = id + 1
        if 2 * <uint64_t>self.used > self.mask and self.rehash():
            return -2
        return id

    cdef inline void count_one(self, int32_t id) noexcept nogil:
        self.totals[id] += 1

    cdef void word_at(self, Py_ssize_t id, Word *word) noexcept nogil:
        word.start = self.arena + self.offsets[id]
        word.size = self.offsets[id + 1] - self.offsets[id]
        describe(word, False, self.tags[id] & 3)

    def fill(self, words):
        """Enter the str of `words` by their UTF-8 bytes, numbered by position.

        What no line of text can hold (an int, a lone surrogate) takes its number only.
        Of equal words the first counts.
        """
        cdef Word word
        cdef uint64_t slot
        cdef bytes encoded
        cdef int32_t id
        for key in words:
            encoded = b""
            if isinstance(key, str):
                try:
                    encoded = key.encode("utf-8")
                except UnicodeEncodeError:
                    pass
            word.start = <const uint8_t *><char *>encoded
            word.size = len(encoded)
            describe(&word, True, 0)
            if word.size and self.look_up(&word, &slot) < 0:
                id = self.add(&word, slot)
            else:
                id = self.append(NULL, 0, 0)
            check(id)

    def merge(self, WordTable other, int32_t[::1] mapping):
        """Add the words and counts of `other`, in its order; its id i is now mapping[i]."""
        cdef Word word
        cdef uint64_t slot
        cdef int32_t id = 0
        cdef Py_ssize_t i
        if mapping.shape[0] < other.used:
            raise ValueError("the mapping is shorter than the table")
        with nogil:
            for i in range(other.used):
                other.word_at(i, &word)
                id = self.look_up(&word, &slot)
                if id < 0:
                    id = self.add(&word, slot)
                    if id < 0:
                        break
                self.totals[id] += other.totals[i]
                mapping[i] = id
        check(id)

    def words(self):
        """The words as a list of str, for a table of UTF-8 words."""
        cdef list result = [None] * self.used
        cdef Py_ssize_t i
        for i in range(self.used):
            result[i] = PyUnicode_DecodeUTF8(
                <char *>self.arena + self.offsets[i], self.offsets[i + 1] - self.offsets[i], NULL
            )
        return result

    def counts(self, int64_t[::1] out):
        """Write how often each word was met."""
        cdef Py_ssize_t i
        if out.shape[0] != self.used:
            raise ValueError("one count per word")
        for i in range(self.used):
            out[i] = self.totals[i]


cdef int check(int64_t status) except -1:
    if status == -2:
        raise MemoryError("no memory for another word")
    if status == -3:
        raise OverflowError("more than 2**31 - 2 different words")
    if status == -4:
        raise OverflowError("a word of 1 GiB or more: is this a text?")
    return 0


# ---------------------------------------------------------------- growing arrays

@cython.final
cdef class Numbers:
    """A growing array of int64 that need not hold the GIL."""

    cdef int64_t *data
    cdef Py_ssize_t size, room

    def __dealloc__(self):
        free(self.data)

    cdef int push(self, int64_t value) noexcept nogil:
        cdef void *p
        cdef Py_ssize_t room
        if self.size == self.room:
            room = 2 * self.room + 1024
            p = realloc(self.data, room * sizeof(int64_t))
            if p == NULL:
                return -2
            self.data = <int64_t *>p
            self.room = room
        self.data[self.size] = value
        self.size += 1
        return 0

    cdef object take(self):
        """The numbers so far as bytes; the array is empty afterwards."""
        result = PyBytes_FromStringAndSize(<char *>self.data, self.size * sizeof(int64_t))
        self.size = 0
        return result


cdef object numbers_view(int32_t *data, Py_ssize_t n):
    """The numbers as a memoryview."""
    return <int32_t[:n]>data if n else memoryview(b"").cast("i")


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
cdef class LineTokenizer:
    """Cuts a stream of UTF-8 bytes into lines and words and looks the words up.

    Call :meth:`free_space`, write bytes there, :meth:`feed` their number, take
    :meth:`tokens`; and so on, with ``last=True`` at the end.

    Parameters
    ----------
    table
        Where words are looked up.
    grow
        True: new words get ids and words are counted; False: the table is not changed (any
        number of tokenizers may share it) and words that it lacks get the id -1.
    keep
        Whether the ids are wanted.
    offset
        Position of the first byte in the file, for messages.
    limit
        Stop after so many lines; -1: never.
    block_bytes
        How much text is asked for at a time.
    """

    cdef WordTable table
    cdef bint grow, keep
    cdef uint8_t *buffer
    cdef Py_ssize_t filled, room, block_bytes
    cdef int32_t *ids
    cdef Py_ssize_t n_ids, ids_room
    cdef Numbers lengths
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
                  int64_t limit=-1, Py_ssize_t block_bytes=1 << 21):
        self.table = table
        self.grow = grow
        self.keep = keep
        self.offset = offset
        self.limit = limit
        self.block_bytes = block_bytes
        self.lengths = Numbers()
        self.invalid = -1
        self.done = limit == 0
        self.make_room(block_bytes)

    def __dealloc__(self):
        free(self.buffer)
        free(self.ids)

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

        Everything up to the last ASCII blank is consumed; the rest may be the beginning
        of a word and waits for the next call, unless there is none.
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
            check(self.lengths.push(self.line_words))

    def tokens(self):
        """The ids of the words that the last feed() consumed, as a memoryview (one use)."""
        return numbers_view(self.ids, self.n_ids)

    def line_lengths(self):
        """Words of each line since the last call, as the bytes of int64 numbers."""
        return self.lengths.take()

    cdef int flush(self) noexcept nogil:
        """Look up the words of the batch."""
        cdef int i
        cdef int32_t id
        cdef uint64_t slot
        for i in range(self.n_batch):
            id = self.table.look_up(&self.batch[i], &slot)
            if self.grow:
                if id < 0:
                    id = self.table.add(&self.batch[i], slot)
                    if id < 0:
                        return id
                self.table.count_one(id)
            self.n_known += id >= 0
            if self.keep:
                self.ids[self.n_ids] = id
                self.n_ids += 1
        self.n_batch = 0
        return 0

    cdef int end_line(self) noexcept nogil:
        cdef int status = self.lengths.push(self.line_words)
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
            if word.size >= MAX_WORD:
                return -4
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


# ---------------------------------------------------------------- Python sentences

@cython.final
cdef class SentenceEncoder:
    """Turns sentences of Python objects into ids.

    Parameters
    ----------
    to_list
        ``to_list(sentence, number)`` makes a list of what is neither a list nor a tuple,
        or raises.
    check_key
        ``check_key(token, sentence number)`` is called once for every different token and
        returns the key that it is, or raises.
    key_to_index
        None: new tokens get new ids, in order of first appearance, and are counted.
        A mapping: tokens that it lacks are left out.
    """

    cdef WordTable table        # exact str, by their characters
    cdef dict others            # every other key, and str where the table cannot be used
    cdef object to_list, check_key
    cdef bint grow
    cdef list known_keys
    cdef int32_t *ids
    cdef Py_ssize_t n_ids, ids_room
    cdef int32_t *final         # table id -> id, with a known vocabulary
    cdef Numbers raw, kept
    #: Sentences and words so far.
    cdef readonly int64_t sentences, n_words

    def __cinit__(self, to_list, check_key, key_to_index=None):
        self.table = WordTable()
        self.others = {}
        self.to_list = to_list
        self.check_key = check_key
        self.grow = key_to_index is None
        self.known_keys = []
        self.raw = Numbers()
        self.kept = Numbers()
        if not self.grow:
            self.learn(key_to_index)

    def __dealloc__(self):
        free(self.ids)
        free(self.final)

    cdef int learn(self, key_to_index) except -1:
        cdef Word word
        cdef uint64_t slot
        cdef int32_t id
        cdef Py_ssize_t n = 0
        self.final = <int32_t *>calloc(len(key_to_index) + 1, sizeof(int32_t))
        if self.final == NULL:
            raise MemoryError("no memory for the vocabulary")
        for key, index in key_to_index.items():
            if self.as_word(<PyObject *>key, &word):
                if self.look_up_or_add(&word, &id):
                    self.final[id] = index
            else:
                PyDict_SetItem(self.others, key, index)
        return 0

    cdef inline bint as_word(self, PyObject *key, Word *word) noexcept:
        """Whether the key is a str whose characters can be looked up in the table."""
        cdef uint32_t kind = 0
        if not PyUnicode_CheckExact(key):
            return False
        word.start = characters(key, &word.size, &kind)
        if word.start == NULL or word.size >= MAX_WORD:
            return False
        describe(word, True, kind >> 1)
        return True

    cdef bint look_up_or_add(self, const Word *word, int32_t *id) except -1:
        """Whether the word was new."""
        cdef uint64_t slot
        id[0] = self.table.look_up(word, &slot)
        if id[0] >= 0:
            return False
        id[0] = self.table.add(word, slot)
        check(id[0])
        return True

    @property
    def n_keys(self):
        """Number of different tokens so far."""
        return len(self.known_keys)

    def restart(self):
        """Count sentences and words from 0 again."""
        self.sentences = 0
        self.n_words = 0

    def feed(self, sentences, Py_ssize_t max_words):
        """Encode sentences from an iterator until `max_words` words or its end.

        Returns
        -------
        bool
            Whether the iterator came to its end.
        """
        cdef object sentence
        cdef Py_ssize_t n, before
        cdef int64_t goal = self.n_words + max_words
        for sentence in sentences:
            if type(sentence) is not list and type(sentence) is not tuple:
                sentence = self.to_list(sentence, self.sentences)
            n = len(sentence)
            before = self.n_ids
            self.make_room(n)
            if type(sentence) is list:
                self.encode_list(<list>sentence)
            else:
                self.encode_list(list(sentence))
            self.sentences += 1
            self.n_words += n
            check(self.raw.push(n))
            check(self.kept.push(self.n_ids - before))
            if self.n_words >= goal:
                return False
        return True

    def tokens(self):
        """The ids so far, as a memoryview that the next feed() makes invalid."""
        cdef Py_ssize_t n = self.n_ids
        self.n_ids = 0
        return numbers_view(self.ids, n)

    def raw_lengths(self):
        """Words of each sentence since the last call, as the bytes of int64 numbers."""
        return self.raw.take()

    def kept_lengths(self):
        """The same without the words that the vocabulary lacks."""
        return self.kept.take()

    def keys(self):
        """The keys in order of first appearance."""
        return self.known_keys

    def counts(self, int64_t[::1] out):
        """Write how often each key was met."""
        self.table.counts(out)

    cdef int make_room(self, Py_ssize_t n) except -1:
        cdef Py_ssize_t room = max(2 * self.ids_room, self.n_ids + n)
        cdef void *p
        if self.n_ids + n > self.ids_room:
            p = realloc(self.ids, room * sizeof(int32_t))
            if p == NULL:
                raise MemoryError("no memory for the ids of a block of sentences")
            self.ids = <int32_t *>p
            self.ids_room = room
        return 0

    cdef int encode_list(self, list tokens) except -1:
        cdef PyObject *items = <PyObject *>tokens
        cdef PyObject *item
        cdef Py_ssize_t i, n = len(tokens)
        cdef int32_t id
        cdef Word word
        cdef uint64_t slot
        for i in range(n):
            if n > len(tokens):     # somebody's __hash__ took words away
                raise RuntimeError("a sentence became shorter while it was read")
            if i + AHEAD < n:
                prefetch(borrowed_list_item(items, i + AHEAD))
            item = borrowed_list_item(items, i)
            if self.as_word(item, &word):
                id = self.table.look_up(&word, &slot)
                if id < 0:
                    if not self.grow:
                        continue
                    key = self.check_key(<object>item, self.sentences)
                    id = self.table.add(&word, slot)
                    check(id)
                    self.known_keys.append(key)
                if not self.grow:
                    id = self.final[id]
            else:
                id = self.other(<object>item)
                if id < 0:
                    continue
            if self.grow:
                self.table.totals[id] += 1
            self.ids[self.n_ids] = id
            self.n_ids += 1
        return 0

    cdef int32_t other(self, object token) except -2:
        """The id of a token that is not an exact str; -1: it is not in the vocabulary."""
        cdef PyObject *found
        cdef Word word
        cdef uint64_t slot
        cdef int32_t id
        try:
            found = PyDict_GetItemWithError(self.others, token)
        except TypeError:
            self.check_key(token, self.sentences)
            raise
        if found != NULL:
            return <object>found
        key = self.check_key(token, self.sentences)
        if self.as_word(<PyObject *>key, &word):
            # A kind of str: equal to the exact one, whose id it gets.
            id = self.table.look_up(&word, &slot)
            if id >= 0:
                return id if self.grow else self.final[id]
            if not self.grow:
                return -1
            id = self.table.add(&word, slot)
        elif not self.grow:
            return -1
        else:
            id = self.table.append(NULL, 0, 0)
            PyDict_SetItem(self.others, key, id)
        check(id)
        self.known_keys.append(key)
        return id


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

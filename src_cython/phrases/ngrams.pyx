"""Counts of words, and of words that follow each other, in sentences of word ids.

- :class:`PairSorter` and :class:`PairTables`, for any number of threads: first the pairs of some
  sentences are sorted into parts, by a hash; then each part is counted in a table of its own, which
  is small enough for a cache. No two threads ever count the same pair, so there is nothing to merge.
- :class:`NgramCounter`, in one table, sentence by sentence: it can forget rare pairs on the way, and
  add up what others have counted.

In the map: compiled once, for any processor, into negw2v.phrases._ngrams, which
negw2v/phrases/counting.py calls; above pair_table.pxd. The same in Python is
negw2v/phrases/reference.py.
"""

import os

cimport cython
from libc.stdint cimport UINT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memset

from pair_table cimport (
    BATCH,
    FIRST_NODE,
    NO_NODE,
    PairTable,
    add_pair,
    find_pair,
    free_pairs,
    pair_key,
    room_for_pairs,
    start_pairs,
)
from word_table cimport (
    NO_MEMORY,
    Entry,
    Numbers,
    check,
    choose_secrets,
    hash_factor,
    hash_offset,
    mixed,
    prefetch,
    push,
)

cdef enum:
    TOO_OFTEN = -16         # a count that has no room


choose_secrets(os.urandom(16))


cdef struct Occurrence:     # of a pair, in the order of the text
    uint32_t node
    uint32_t word
    int64_t position


cdef struct Words:
    int64_t *counts         # of each word; 0: never met as a word of its own
    int64_t *firsts         # where each was met first
    Py_ssize_t room
    int64_t used            # words that have a count


cdef int room_for_words(Words *words, Py_ssize_t n) except -1:
    cdef Py_ssize_t room = max(n, 2 * words.room), i
    cdef void *p
    if n <= words.room:
        return 0
    p = realloc(words.counts, room * sizeof(int64_t))
    if p == NULL:
        raise MemoryError("no memory for the counts of words")
    words.counts = <int64_t *>p
    p = realloc(words.firsts, room * sizeof(int64_t))
    if p == NULL:
        raise MemoryError("no memory for the counts of words")
    words.firsts = <int64_t *>p
    for i in range(words.room, room):
        words.counts[i] = 0
        words.firsts[i] = -1
    words.room = room
    return 0


cdef inline void count_word(Words *words, uint32_t id, int64_t position) noexcept nogil:
    if words.counts[id] == 0:
        words.firsts[id] = position
        words.used += 1
    words.counts[id] += 1


cdef int read_words(const Words *words, int64_t[::1] counts, int64_t[::1] firsts) except -1:
    cdef Py_ssize_t i
    if counts.shape[0] != firsts.shape[0]:
        raise ValueError("one position per count")
    for i in range(counts.shape[0]):
        counts[i] = words.counts[i] if i < words.room else 0
        firsts[i] = words.firsts[i] if i < words.room else -1
    return 0


cdef inline int extend(PairTable *prefixes, uint32_t *node, uint32_t connector) noexcept nogil:
    """From a node to the one with another connector word."""
    cdef uint64_t key = pair_key(node[0], connector)
    cdef Entry *entry = find_pair(prefixes, key, mixed(key))
    if entry.serial:
        node[0] = entry.value
        return 0
    node[0] = FIRST_NODE + <uint32_t>prefixes.used
    return add_pair(prefixes, entry, key, node[0], 0)


cdef inline int count_pair(PairTable *pairs, uint64_t key, uint64_t hash,
                           int64_t position) noexcept nogil:
    cdef Entry *entry = find_pair(pairs, key, hash)
    if entry.serial == 0:
        return add_pair(pairs, entry, key, 1, position)
    if entry.value == UINT32_MAX:
        return TOO_OFTEN
    entry.value += 1
    return 0


# ---------------------------------------------------------------- any number of threads

cdef enum:
    CHUNK = 256             # pairs that lie one after the other; the rest of their part is elsewhere


cdef struct Chunk:
    Chunk *next
    Occurrence[CHUNK] pairs


cdef struct Part:           # the pairs of a part, in the order of the text
    Chunk *first
    Chunk *last
    Occurrence *free        # where the next pair goes
    Occurrence *end


@cython.final
cdef class PairSorter:
    """Sorts the pairs of some sentences into parts, by their first and last words.

    Parameters
    ----------
    parts
        How many; a power of two.
    """

    cdef Part *sorted_parts
    cdef Chunk *unused
    cdef PairTable prefixes
    cdef Numbers chains         # the keys of `prefixes`, in order
    cdef Numbers nodes          # what PairTables calls them
    cdef Words words
    cdef int shift              # of a hash, to the number of a part
    #: Number of parts.
    cdef readonly Py_ssize_t parts

    def __cinit__(self, Py_ssize_t parts):
        memset(&self.prefixes, 0, sizeof(PairTable))
        memset(&self.words, 0, sizeof(Words))
        if parts < 1 or parts & (parts - 1):
            raise ValueError("the number of parts is not a power of two")
        self.parts = parts
        self.shift = 64
        while parts > 1:
            parts >>= 1
            self.shift -= 1
        check(start_pairs(&self.prefixes, 0))
        self.sorted_parts = <Part *>calloc(self.parts, sizeof(Part))
        if self.sorted_parts == NULL:
            raise MemoryError("no memory for parts of pairs")

    def __dealloc__(self):
        cdef Chunk *chunk
        if self.sorted_parts != NULL:
            self.forget()
        while self.unused != NULL:
            chunk = self.unused
            self.unused = chunk.next
            free(chunk)
        free(self.sorted_parts)
        free(self.chains.data)
        free(self.nodes.data)
        free(self.words.counts)
        free(self.words.firsts)
        free_pairs(&self.prefixes)

    cdef void forget(self) noexcept nogil:
        """Empty all parts; their memory is used again."""
        cdef Py_ssize_t i
        cdef Part *part
        for i in range(self.parts):
            part = &self.sorted_parts[i]
            if part.first != NULL:
                part.last.next = self.unused
                self.unused = part.first
        memset(self.sorted_parts, 0, self.parts * sizeof(Part))

    cdef inline int put(self, uint32_t first, uint32_t node, uint32_t word,
                        int64_t position) noexcept nogil:
        # Pairs of the same words are in the same part, whatever connector words are between them.
        cdef uint64_t hash = (pair_key(first, word) ^ hash_offset) * hash_factor
        cdef Part *part = &self.sorted_parts[hash >> self.shift if self.shift < 64 else 0]
        cdef Chunk *chunk
        if part.free == part.end:
            chunk = self.unused
            if chunk != NULL:
                self.unused = chunk.next
            else:
                chunk = <Chunk *>malloc(sizeof(Chunk))
                if chunk == NULL:
                    return NO_MEMORY
            chunk.next = NULL
            if part.first == NULL:
                part.first = chunk
            else:
                part.last.next = chunk
            part.last = chunk
            part.free = &chunk.pairs[0]
            part.end = part.free + CHUNK
        part.free.node = node
        part.free.word = word
        part.free.position = position
        part.free += 1
        return 0

    cdef inline int lengthen(self, uint32_t *node, uint32_t connector) noexcept nogil:
        cdef Py_ssize_t known = self.prefixes.used
        cdef uint64_t key = pair_key(node[0], connector)
        cdef int status = extend(&self.prefixes, node, connector)
        if status == 0 and self.prefixes.used > known:
            status = push(&self.chains, <int64_t>key)
        return status

    def sort(self, const int32_t[::1] ids, const int64_t[::1] starts, int64_t begin, int64_t end,
             const uint8_t[::1] connectors, Py_ssize_t n_words, int64_t position):
        """Sort the pairs whose last words are ``ids[begin:end]``; earlier ones are forgotten.

        Parameters
        ----------
        ids
            int32: word ids.
        starts
            int64 (s + 1,): sentence j is ``ids[starts[j]:starts[j + 1]]``.
        begin, end
            Which words; the borders need not be those of sentences.
        connectors
            uint8: 1 for ids of connector words; later ids are none.
        n_words
            All ids are below this.
        position
            How many words there are before ``ids[begin]``, in all.
        """
        cdef Py_ssize_t n_connectors = connectors.shape[0], s, low, high
        cdef int64_t i, stop, shift = position - begin
        cdef uint32_t node = NO_NODE, first = NO_NODE, id
        cdef int status = 0
        if not starts[0] <= begin <= end <= starts[starts.shape[0] - 1] or end > ids.shape[0]:
            raise ValueError("words that are not there")
        room_for_words(&self.words, n_words)
        with nogil:
            self.forget()
            # The sentence of the first word, and what of it is before.
            low, high = 0, starts.shape[0] - 1
            while high - low > 1:
                s = (low + high) // 2
                if starts[s] <= begin:
                    low = s
                else:
                    high = s
            s = low
            i = begin
            while i > starts[s] and is_connector(connectors, n_connectors, ids[i - 1]):
                i -= 1
            if i > starts[s]:
                node = first = <uint32_t>ids[i - 1]
                while i < begin and status == 0:
                    status = self.lengthen(&node, <uint32_t>ids[i])
                    i += 1
            i = begin
            while i < end and status == 0:
                while starts[s + 1] <= i:
                    s += 1
                    node = NO_NODE
                stop = min(end, starts[s + 1])
                while i < stop:
                    id = <uint32_t>ids[i]
                    if is_connector(connectors, n_connectors, id):
                        if node != NO_NODE:
                            status = self.lengthen(&node, id)
                    else:
                        count_word(&self.words, id, shift + i)
                        if node != NO_NODE:
                            status = self.put(first, node, id, shift + i)
                        node = first = id
                    i += 1
                    if status:
                        break
        check(status)

    def read_words(self, int64_t[::1] counts, int64_t[::1] firsts):
        """Write the count of each word, and where it was met first, or -1."""
        read_words(&self.words, counts, firsts)


cdef inline bint is_connector(const uint8_t[::1] connectors, Py_ssize_t n, uint32_t id) noexcept nogil:
    return <Py_ssize_t>id < n and connectors[id]


@cython.final
cdef class PairTables:
    """Counts of pairs, in as many tables as there are parts.

    Parameters
    ----------
    parts
        As for :class:`PairSorter`.
    expected
        How many different pairs there may be: there is room for them from the start.
    """

    cdef PairTable *tables
    cdef PairTable prefixes
    cdef Numbers chains
    #: Number of parts.
    cdef readonly Py_ssize_t parts

    def __cinit__(self, Py_ssize_t parts, Py_ssize_t expected=0):
        cdef Py_ssize_t i
        memset(&self.prefixes, 0, sizeof(PairTable))
        check(start_pairs(&self.prefixes, 0))
        self.tables = <PairTable *>calloc(parts, sizeof(PairTable))
        if self.tables == NULL:
            raise MemoryError("no memory for tables of pairs")
        self.parts = parts
        for i in range(parts):
            check(start_pairs(&self.tables[i], expected // parts))

    def __dealloc__(self):
        cdef Py_ssize_t i
        if self.tables != NULL:
            for i in range(self.parts):
                free_pairs(&self.tables[i])
        free(self.tables)
        free(self.chains.data)
        free_pairs(&self.prefixes)

    @property
    def n_prefixes(self):
        """Number of different words followed by connector words."""
        return self.prefixes.used

    def n_pairs(self):
        """Number of different pairs of each part."""
        return [self.tables[i].used for i in range(self.parts)]

    def learn_prefixes(self, PairSorter sorter not None):
        """Number the nodes that a sorter has met; before its pairs are counted."""
        cdef Py_ssize_t i, known
        cdef uint64_t key
        cdef uint32_t node
        for i in range(sorter.nodes.size, sorter.chains.size):
            key = <uint64_t>sorter.chains.data[i]
            node = <uint32_t>(key >> 32)
            if node >= FIRST_NODE:
                node = <uint32_t>sorter.nodes.data[node - FIRST_NODE]
            key = pair_key(node, <uint32_t>key)
            known = self.prefixes.used
            check(extend(&self.prefixes, &node, <uint32_t>key))
            if self.prefixes.used > known:
                check(push(&self.chains, <int64_t>key))
            check(push(&sorter.nodes, node))

    def count(self, PairSorter sorter not None, Py_ssize_t first, Py_ssize_t last):
        """Count the pairs of parts first to last - 1 that a sorter has sorted."""
        cdef Py_ssize_t part
        cdef int status = 0
        if sorter.parts != self.parts or not 0 <= first <= last <= self.parts:
            raise ValueError("parts that are not there")
        with nogil:
            for part in range(first, last):
                status = count_part(
                    &self.tables[part], &sorter.sorted_parts[part], sorter.nodes.data
                )
                if status:
                    break
        if status == TOO_OFTEN:
            raise OverflowError("a pair of words was met more than 2**32 - 1 times")
        check(status)

    def read_pairs(self, Py_ssize_t part, uint64_t[::1] keys, int64_t[::1] counts,
                   int64_t[::1] firsts):
        """Write the pairs of a part, in order of first appearance."""
        read_pairs(&self.tables[part], keys, counts, firsts)

    def read_prefixes(self, uint64_t[::1] keys):
        """Write the keys of words with connector words: the node before, and a connector word."""
        cdef Py_ssize_t i
        if keys.shape[0] != self.chains.size:
            raise ValueError("one place per prefix")
        for i in range(self.chains.size):
            keys[i] = <uint64_t>self.chains.data[i]


cdef int count_part(PairTable *table, Part *part, const int64_t *nodes) noexcept nogil:
    cdef uint64_t[BATCH] keys
    cdef uint64_t[BATCH] hashes
    cdef Chunk *chunk = part.first
    cdef Occurrence *pair
    cdef Occurrence *end
    cdef Entry *entry
    cdef uint32_t node
    cdef int i, n, status
    while chunk != NULL:
        pair = &chunk.pairs[0]
        end = part.free if chunk == part.last else pair + CHUNK
        while pair < end:
            n = <int>min(<int64_t>BATCH, end - pair)
            status = room_for_pairs(table, n)
            if status:
                return status
            for i in range(n):
                node = pair[i].node
                if node >= FIRST_NODE:
                    node = <uint32_t>nodes[node - FIRST_NODE]
                keys[i] = pair_key(node, pair[i].word)
                hashes[i] = mixed(keys[i])
                prefetch(&table.entries[hashes[i] & table.mask])
            for i in range(n):
                # Whether a pair is new is not to be guessed, so there is no branch.
                entry = find_pair(table, keys[i], hashes[i])
                if entry.value == UINT32_MAX:
                    return TOO_OFTEN
                table.positions[table.used] = pair[i].position
                table.used += entry.serial == 0
                entry.key = keys[i]
                entry.value += 1
                entry.serial = entry.serial if entry.serial else <uint32_t>table.used
            pair += n
        chunk = chunk.next
    return 0


cdef int read_pairs(const PairTable *table, uint64_t[::1] keys, int64_t[::1] counts,
                    int64_t[::1] firsts) except -1:
    cdef uint64_t slot
    cdef Entry *entry
    cdef Py_ssize_t n = table.used, i
    if keys.shape[0] != n or counts.shape[0] != n or firsts.shape[0] != n:
        raise ValueError("one place per pair")
    with nogil:
        for slot in range(table.mask + 1):
            entry = &table.entries[slot]
            if entry.serial:
                i = entry.serial - 1
                keys[i] = entry.key
                counts[i] = entry.value
                firsts[i] = table.positions[i]
    return 0


# ---------------------------------------------------------------- with a bound

cdef struct Waiting:        # a pair whose entry is under way
    uint64_t key
    uint64_t hash
    int64_t position


@cython.final
cdef class NgramCounter:
    """Counts words and pairs in one table, in bounded memory if need be."""

    cdef PairTable pairs, prefixes
    cdef Words words
    cdef Waiting[BATCH] batch
    cdef int n_batch
    #: Number of words that were read, connector words included.
    cdef readonly int64_t position

    def __cinit__(self):
        memset(&self.pairs, 0, sizeof(PairTable))
        memset(&self.prefixes, 0, sizeof(PairTable))
        memset(&self.words, 0, sizeof(Words))
        check(start_pairs(&self.pairs, 0))
        check(start_pairs(&self.prefixes, 0))

    def __dealloc__(self):
        free_pairs(&self.pairs)
        free_pairs(&self.prefixes)
        free(self.words.counts)
        free(self.words.firsts)

    @property
    def n_words(self):
        """Number of different words that have a count."""
        return self.words.used

    @property
    def n_pairs(self):
        """Number of different pairs."""
        return self.pairs.used

    @property
    def n_prefixes(self):
        """Number of different words followed by connector words."""
        return self.prefixes.used

    def count(self, const int32_t[::1] ids, const int64_t[::1] starts,
              const uint8_t[::1] connectors, Py_ssize_t n_words, int64_t limit, int64_t bound):
        """Count sentences.

        Parameters
        ----------
        ids, starts, connectors, n_words
            As for :meth:`PairSorter.sort`.
        limit, bound
            Where the numbers of words and pairs add up to more than `limit` after a sentence, those
            with counts below `bound` are forgotten, and `bound` grows by one.

        Returns
        -------
        int
            The new bound.
        """
        cdef Py_ssize_t s, i, n_connectors = connectors.shape[0]
        cdef int64_t shift = self.position - starts[0]
        cdef uint32_t node, id
        cdef int status = 0
        room_for_words(&self.words, n_words)
        with nogil:
            for s in range(starts.shape[0] - 1):
                node = NO_NODE
                for i in range(starts[s], starts[s + 1]):
                    id = <uint32_t>ids[i]
                    if is_connector(connectors, n_connectors, id):
                        if node != NO_NODE:
                            status = extend(&self.prefixes, &node, id)
                    else:
                        count_word(&self.words, id, shift + i)
                        if node != NO_NODE:
                            status = self.push(pair_key(node, id), shift + i)
                        node = id
                    if status:
                        break
                if status == 0:
                    status = self.flush()
                if status == 0 and self.words.used + self.pairs.used > limit:
                    status = self.prune(bound)
                    bound += 1
                if status:
                    break
            self.position = self.position + starts[starts.shape[0] - 1] - starts[0]
        if status == TOO_OFTEN:
            raise OverflowError("a pair of words was met more than 2**32 - 1 times")
        check(status)
        return bound

    cdef inline int push(self, uint64_t key, int64_t position) noexcept nogil:
        cdef Waiting *pair = &self.batch[self.n_batch]
        pair.key = key
        pair.hash = mixed(key)
        pair.position = position
        prefetch(&self.pairs.entries[pair.hash & self.pairs.mask])
        self.n_batch = self.n_batch + 1
        return self.flush() if self.n_batch == BATCH else 0

    cdef int flush(self) noexcept nogil:
        """Count the pairs of the batch."""
        cdef int i, status, n = self.n_batch
        cdef Waiting *pair
        self.n_batch = 0
        for i in range(n):
            pair = &self.batch[i]
            status = count_pair(&self.pairs, pair.key, pair.hash, pair.position)
            if status:
                return status
        return 0

    cdef int prune(self, int64_t bound) noexcept nogil:
        """Forget words and pairs with counts below a bound; the others keep their order."""
        cdef PairTable old = self.pairs
        cdef Entry **order
        cdef Entry *entry
        cdef Py_ssize_t kept = 0, i
        cdef uint64_t slot
        cdef int status = 0
        for i in range(self.words.room):
            if self.words.counts[i] and self.words.counts[i] < bound:
                self.words.counts[i] = 0
                self.words.firsts[i] = -1
                self.words.used = self.words.used - 1
        for slot in range(old.mask + 1):
            kept += old.entries[slot].serial != 0 and old.entries[slot].value >= bound
        if kept == old.used:
            return 0
        order = <Entry **>realloc(NULL, (old.used + 1) * sizeof(Entry *))
        if order == NULL:
            return NO_MEMORY
        memset(&self.pairs, 0, sizeof(PairTable))
        status = start_pairs(&self.pairs, kept)
        if status == 0:
            for slot in range(old.mask + 1):
                if old.entries[slot].serial:
                    order[old.entries[slot].serial - 1] = &old.entries[slot]
            for i in range(old.used):
                if order[i].value >= bound:
                    entry = find_pair(&self.pairs, order[i].key, mixed(order[i].key))
                    status = add_pair(
                        &self.pairs, entry, order[i].key, order[i].value, old.positions[i]
                    )
                    if status:
                        break
        free(order)
        if status:
            free_pairs(&self.pairs)
            self.pairs = old
        else:
            free_pairs(&old)
        return status

    def read_words(self, int64_t[::1] counts, int64_t[::1] firsts):
        """Write the count of each word, and where it was met first, or -1."""
        read_words(&self.words, counts, firsts)

    def read_pairs(self, uint64_t[::1] keys, int64_t[::1] counts, int64_t[::1] firsts):
        """Write the pairs in order of first appearance."""
        read_pairs(&self.pairs, keys, counts, firsts)

    def read_prefixes(self, uint64_t[::1] keys):
        """Write the keys of words with connector words: the node before, and a connector word."""
        cdef uint64_t slot
        cdef Entry *entry
        if keys.shape[0] != self.prefixes.used:
            raise ValueError("one place per prefix")
        for slot in range(self.prefixes.mask + 1):
            entry = &self.prefixes.entries[slot]
            if entry.serial:
                keys[entry.serial - 1] = entry.key

    def load(self, int64_t[::1] word_counts, int64_t[::1] word_firsts, uint64_t[::1] prefixes,
             uint64_t[::1] keys, int64_t[::1] counts, int64_t[::1] firsts, int64_t position):
        """Go on from what other counters have counted; pairs that are equal are added up.

        Parameters
        ----------
        word_counts, word_firsts, prefixes, keys, counts, firsts
            As the other methods write them.
        position
            Number of words that were read.
        """
        cdef Py_ssize_t i
        cdef uint64_t total
        cdef Entry *entry
        cdef int status = 0
        room_for_words(&self.words, word_counts.shape[0])
        for i in range(word_counts.shape[0]):
            self.words.used += (word_counts[i] != 0) - (self.words.counts[i] != 0)
            self.words.counts[i] = word_counts[i]
            self.words.firsts[i] = word_firsts[i]
        self.position = position
        with nogil:
            for i in range(prefixes.shape[0]):
                entry = find_pair(&self.prefixes, prefixes[i], mixed(prefixes[i]))
                if entry.serial == 0:
                    status = add_pair(
                        &self.prefixes, entry, prefixes[i],
                        FIRST_NODE + <uint32_t>self.prefixes.used, 0
                    )
                    if status:
                        break
            for i in range(keys.shape[0]):
                if status:
                    break
                if i + BATCH < keys.shape[0]:
                    prefetch(&self.pairs.entries[mixed(keys[i + BATCH]) & self.pairs.mask])
                entry = find_pair(&self.pairs, keys[i], mixed(keys[i]))
                total = <uint64_t>counts[i] + (entry.value if entry.serial else 0)
                if total > UINT32_MAX:
                    status = TOO_OFTEN
                elif entry.serial:
                    entry.value = <uint32_t>total
                    if firsts[i] < self.pairs.positions[entry.serial - 1]:
                        self.pairs.positions[entry.serial - 1] = firsts[i]
                else:
                    status = add_pair(&self.pairs, entry, keys[i], <uint32_t>total, firsts[i])
        if status == TOO_OFTEN:
            raise OverflowError("a pair of words was met more than 2**32 - 1 times")
        check(status)

"""Counts of words, and of words that follow each other, in sentences of word ids.

In the map: compiled once, for any processor, into negw2v.phrases._ngrams, which
negw2v/phrases/counting.py calls; above pair_table.pxd. The same in Python is
negw2v/phrases/reference.py.
"""

import os

cimport cython
from libc.stdint cimport UINT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memset

from pair_table cimport (
    BATCH,
    FIRST_NODE,
    NO_NODE,
    PairEntry,
    PairTable,
    add_pair,
    find_pair,
    free_pairs,
    pair_key,
    start_pairs,
)
from word_table cimport NO_MEMORY, check, choose_secrets, mixed, prefetch

cdef enum:
    TOO_OFTEN = -16         # a count that has no room


choose_secrets(os.urandom(16))


cdef struct Occurrence:
    uint64_t key
    uint64_t hash
    int64_t position


@cython.final
cdef class NgramCounter:
    """Counts one part of all pairs; and, where it is the first part, the words.

    Several counters that see the same sentences share the pairs among them by their hashes, so that
    no two of them ever count the same one, and there is nothing to merge.

    Parameters
    ----------
    part, parts
        Which of how many parts.
    """

    cdef PairTable pairs, prefixes
    cdef uint64_t part, parts
    cdef int64_t *counts        # of each word; 0: never met as a word of its own
    cdef int64_t *firsts        # where each was met first
    cdef Py_ssize_t room
    cdef Occurrence[BATCH] batch
    cdef int n_batch
    #: Number of words that were read, connector words included.
    cdef readonly int64_t position
    #: Number of different words that have a count.
    cdef readonly int64_t n_words

    def __cinit__(self, uint64_t part=0, uint64_t parts=1):
        memset(&self.pairs, 0, sizeof(PairTable))
        memset(&self.prefixes, 0, sizeof(PairTable))
        self.part = part
        self.parts = parts
        check(start_pairs(&self.pairs, 0))
        check(start_pairs(&self.prefixes, 0))

    def __dealloc__(self):
        free_pairs(&self.pairs)
        free_pairs(&self.prefixes)
        free(self.counts)
        free(self.firsts)

    @property
    def n_pairs(self):
        """Number of different pairs."""
        return self.pairs.used

    @property
    def n_prefixes(self):
        """Number of different words followed by connector words."""
        return self.prefixes.used

    cdef int make_room(self, Py_ssize_t n) except -1:
        cdef Py_ssize_t room = max(n, 2 * self.room), i
        cdef void *p
        if n <= self.room:
            return 0
        p = realloc(self.counts, room * sizeof(int64_t))
        if p == NULL:
            raise MemoryError("no memory for the counts of words")
        self.counts = <int64_t *>p
        p = realloc(self.firsts, room * sizeof(int64_t))
        if p == NULL:
            raise MemoryError("no memory for the counts of words")
        self.firsts = <int64_t *>p
        for i in range(self.room, room):
            self.counts[i] = 0
            self.firsts[i] = -1
        self.room = room
        return 0

    def count(self, const int32_t[::1] ids, const int64_t[::1] starts,
              const uint8_t[::1] connectors, Py_ssize_t n_words, int64_t limit=-1,
              int64_t bound=0):
        """Count sentences.

        Parameters
        ----------
        ids
            int32: word ids.
        starts
            int64 (s + 1,): sentence j is ``ids[starts[j]:starts[j + 1]]``.
        connectors
            uint8: 1 for ids of connector words; later ids are none.
        n_words
            All ids are below this.
        limit, bound
            Where the numbers of words and pairs add up to more than `limit` after a sentence, those
            with counts below `bound` are forgotten, and `bound` grows by one. -1: no limit. Only for
            the only part.

        Returns
        -------
        int
            The new bound.
        """
        cdef Py_ssize_t s, i, n_connectors = connectors.shape[0], begin
        cdef uint32_t node, id
        cdef int status = 0
        self.make_room(n_words)
        with nogil:
            for s in range(starts.shape[0] - 1):
                node = NO_NODE
                begin = starts[s]
                for i in range(begin, starts[s + 1]):
                    id = <uint32_t>ids[i]
                    if <Py_ssize_t>id < n_connectors and connectors[id]:
                        if node != NO_NODE:
                            status = self.extend(&node, id)
                            if status:
                                break
                    else:
                        if self.part == 0:
                            self.count_word(id, self.position + i - starts[0])
                        if node != NO_NODE:
                            status = self.push(
                                pair_key(node, id), self.position + i - starts[0]
                            )
                            if status:
                                break
                        node = id
                if status:
                    break
                if limit >= 0:
                    status = self.flush()
                    if status:
                        break
                    if self.n_words + self.pairs.used > limit:
                        status = self.prune(bound)
                        if status:
                            break
                        bound += 1
            if status == 0:
                status = self.flush()
            self.position = self.position + starts[starts.shape[0] - 1] - starts[0]
        if status == TOO_OFTEN:
            raise OverflowError("a pair of words was met more than 2**32 - 1 times")
        check(status)
        return bound

    cdef inline void count_word(self, uint32_t id, int64_t position) noexcept nogil:
        if self.counts[id] == 0:
            self.firsts[id] = position
            self.n_words = self.n_words + 1
        self.counts[id] = self.counts[id] + 1

    cdef inline int extend(self, uint32_t *node, uint32_t connector) noexcept nogil:
        """From a node to the one with another connector word."""
        cdef uint64_t key = pair_key(node[0], connector)
        cdef PairEntry *entry = find_pair(&self.prefixes, key, mixed(key))
        if entry.serial:
            node[0] = entry.value
            return 0
        node[0] = FIRST_NODE + <uint32_t>self.prefixes.used
        return add_pair(&self.prefixes, entry, key, node[0], 0)

    cdef inline int push(self, uint64_t key, int64_t position) noexcept nogil:
        cdef uint64_t hash = mixed(key)
        cdef Occurrence *occurrence
        if self.parts > 1 and ((hash >> 32) * self.parts) >> 32 != self.part:
            return 0
        prefetch(&self.pairs.entries[hash & self.pairs.mask])
        occurrence = &self.batch[self.n_batch]
        occurrence.key = key
        occurrence.hash = hash
        occurrence.position = position
        self.n_batch = self.n_batch + 1
        return self.flush() if self.n_batch == BATCH else 0

    cdef int flush(self) noexcept nogil:
        """Count the pairs of the batch."""
        cdef int i, status, n = self.n_batch
        cdef PairEntry *entry
        cdef Occurrence *occurrence
        self.n_batch = 0
        for i in range(n):
            occurrence = &self.batch[i]
            entry = find_pair(&self.pairs, occurrence.key, occurrence.hash)
            if entry.serial:
                if entry.value == UINT32_MAX:
                    return TOO_OFTEN
                entry.value += 1
            else:
                status = add_pair(&self.pairs, entry, occurrence.key, 1, occurrence.position)
                if status:
                    return status
        return 0

    cdef int prune(self, int64_t bound) noexcept nogil:
        """Forget words and pairs with counts below a bound; the others keep their order."""
        cdef PairTable old = self.pairs
        cdef PairEntry **order
        cdef PairEntry *entry
        cdef Py_ssize_t kept = 0, i
        cdef uint64_t slot
        cdef int status = 0
        for i in range(self.room):
            if self.counts[i] and self.counts[i] < bound:
                self.counts[i] = 0
                self.firsts[i] = -1
                self.n_words = self.n_words - 1
        for slot in range(old.mask + 1):
            kept += old.entries[slot].serial != 0 and old.entries[slot].value >= bound
        if kept == old.used:
            return 0
        order = <PairEntry **>realloc(NULL, (old.used + 1) * sizeof(PairEntry *))
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
        cdef Py_ssize_t i
        if counts.shape[0] != firsts.shape[0]:
            raise ValueError("one position per count")
        for i in range(counts.shape[0]):
            counts[i] = self.counts[i] if i < self.room else 0
            firsts[i] = self.firsts[i] if i < self.room else -1

    def read_pairs(self, uint64_t[::1] keys, int64_t[::1] counts, int64_t[::1] firsts):
        """Write the pairs in order of first appearance."""
        cdef uint64_t slot
        cdef PairEntry *entry
        cdef Py_ssize_t n = self.pairs.used, i
        if keys.shape[0] != n or counts.shape[0] != n or firsts.shape[0] != n:
            raise ValueError("one place per pair")
        with nogil:
            for slot in range(self.pairs.mask + 1):
                entry = &self.pairs.entries[slot]
                if entry.serial:
                    i = entry.serial - 1
                    keys[i] = entry.key
                    counts[i] = entry.value
                    firsts[i] = self.pairs.positions[i]

    def read_prefixes(self, uint64_t[::1] keys):
        """Write the keys of words with connector words: the node before, and a connector word."""
        cdef uint64_t slot
        cdef PairEntry *entry
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
        cdef PairEntry *entry
        cdef int status = 0
        self.make_room(word_counts.shape[0])
        for i in range(word_counts.shape[0]):
            self.n_words += (word_counts[i] != 0) - (self.counts[i] != 0)
            self.counts[i] = word_counts[i]
            self.firsts[i] = word_firsts[i]
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

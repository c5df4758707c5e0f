"""Sentences with the words of each phrase joined: of word ids, and of Python objects.

In the map: compiled once, for any processor, into negw2v.phrases._joining, which
negw2v/phrases/joining.py calls; above pair_table.pxd. The same in Python is
negw2v/phrases/reference.py.
"""

import os

cimport cython
from cpython.dict cimport PyDict_GetItemWithError
from cpython.list cimport PyList_Append, PyList_New, PyList_SET_ITEM
from cpython.long cimport PyLong_AsLong
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memset

from pair_table cimport (
    NO_NODE,
    PairEntry,
    PairTable,
    add_pair,
    find_pair,
    free_pairs,
    pair_key,
    start_pairs,
)
from word_table cimport check, choose_secrets, mixed, prefetch

cdef extern from "Python.h":
    bint PyUnicode_CheckExact(object o) noexcept

cdef enum:
    AHEAD = 16          # words whose pairs are requested before they are needed


choose_secrets(os.urandom(16))


@cython.final
cdef class PhraseTable:
    """The phrases, as pairs of nodes and words.

    Parameters
    ----------
    prefixes, nodes
        uint64 (p,), uint32 (p,): a node and a connector word after it, and the node of both.
    pairs, phrases
        uint64 (n,), uint32 (n,): a node and the word after it, and the number of the phrase.
    connectors
        uint8: 1 for ids of connector words; later ids are none.
    empty
        The id of the empty word, which no phrase begins with and which is dropped; -1: there is none.
    """

    cdef PairTable prefixes, pairs
    cdef uint8_t *connectors
    cdef Py_ssize_t n_connectors
    cdef int32_t empty

    def __cinit__(self, const uint64_t[::1] prefixes, const uint32_t[::1] nodes,
                  const uint64_t[::1] pairs, const uint32_t[::1] phrases,
                  const uint8_t[::1] connectors, int32_t empty=-1):
        memset(&self.prefixes, 0, sizeof(PairTable))
        memset(&self.pairs, 0, sizeof(PairTable))
        if prefixes.shape[0] != nodes.shape[0] or pairs.shape[0] != phrases.shape[0]:
            raise ValueError("one value per key")
        check(fill(&self.prefixes, prefixes, nodes))
        check(fill(&self.pairs, pairs, phrases))
        self.n_connectors = connectors.shape[0]
        self.connectors = <uint8_t *>realloc(NULL, self.n_connectors + 1)
        if self.connectors == NULL:
            raise MemoryError("no memory for the connector words")
        if self.n_connectors:
            memcpy(self.connectors, &connectors[0], self.n_connectors)
        self.empty = empty

    def __dealloc__(self):
        free_pairs(&self.prefixes)
        free_pairs(&self.pairs)
        free(self.connectors)

    cdef inline bint connects(self, int32_t id) noexcept nogil:
        return 0 <= id < self.n_connectors and self.connectors[id]

    cdef Py_ssize_t segments(self, const int32_t *ids, Py_ssize_t n, int32_t *out) noexcept nogil:
        """Write what a sentence becomes: positions of words that stay, and ~p for the phrase p.

        Words with the id -1 are in no phrase. Returns how many; `out` has room for n.
        """
        cdef Py_ssize_t i, k, written = 0, start = 0
        cdef bint inside = False        # whether ids[start:i] may be the beginning of a phrase
        cdef uint32_t node = NO_NODE
        cdef uint64_t key
        cdef int32_t id
        cdef const PairEntry *entry
        for i in range(n):
            if i + AHEAD < n and ids[i + AHEAD] >= 0 and ids[i + AHEAD - 1] >= 0:
                key = pair_key(<uint32_t>ids[i + AHEAD - 1], <uint32_t>ids[i + AHEAD])
                prefetch(&self.pairs.entries[mixed(key) & self.pairs.mask])
            id = ids[i]
            if self.connects(id):
                if not inside:
                    out[written] = <int32_t>i
                    written += 1
                elif node != NO_NODE:
                    key = pair_key(node, <uint32_t>id)
                    entry = find_pair(&self.prefixes, key, mixed(key))
                    node = entry.value if entry.serial else NO_NODE
                continue
            if inside:
                if node != NO_NODE and id >= 0:
                    key = pair_key(node, <uint32_t>id)
                    entry = find_pair(&self.pairs, key, mixed(key))
                    if entry.serial:
                        out[written] = ~<int32_t>entry.value
                        written += 1
                        inside = False
                        continue
                for k in range(start, i):
                    out[written] = <int32_t>k
                    written += 1
            inside = id < 0 or id != self.empty
            start = i
            node = <uint32_t>id if id >= 0 else NO_NODE
        if inside:
            for k in range(start, n):
                out[written] = <int32_t>k
                written += 1
        return written

    def join_ids(self, const int32_t[::1] ids, const int64_t[::1] starts, Py_ssize_t first,
                 Py_ssize_t last, const int32_t[::1] phrase_ids, int32_t[::1] out,
                 int64_t[::1] lengths):
        """Join the words of sentences first to last - 1.

        Parameters
        ----------
        ids, starts
            The sentences of the corpus.
        first, last
            Which of them.
        phrase_ids
            The id of each phrase.
        out
            Where to, from ``out[starts[first]]`` on, without gaps; may be `ids`.
        lengths
            ``lengths[j]`` receives the new length of sentence j.

        Returns
        -------
        int
            How many ids were written.
        """
        cdef int64_t written = 0, begin, j
        cdef Py_ssize_t s, n, longest = 0
        cdef int32_t *items
        cdef int32_t item
        cdef const int32_t *sentence
        cdef int32_t *target = &out[0] + starts[first] if out.shape[0] else NULL
        if not 0 <= first <= last <= starts.shape[0] - 1 or out.shape[0] < starts[last]:
            raise ValueError("sentences that are not there")
        for s in range(first, last):
            longest = max(longest, starts[s + 1] - starts[s])
        items = <int32_t *>realloc(NULL, (longest + 1) * sizeof(int32_t))
        if items == NULL:
            raise MemoryError("no memory for a sentence")
        with nogil:
            for s in range(first, last):
                begin = starts[s]
                lengths[s] = 0
                if starts[s + 1] == begin:
                    continue
                sentence = &ids[begin]
                n = self.segments(sentence, starts[s + 1] - begin, items)
                # What is written lies before what is read: out may be ids.
                for j in range(n):
                    item = items[j]
                    target[written + j] = sentence[item] if item >= 0 else phrase_ids[~item]
                written += n
                lengths[s] = n
        free(items)
        return written


cdef int fill(PairTable *table, const uint64_t[::1] keys, const uint32_t[::1] values) noexcept:
    cdef Py_ssize_t i
    cdef PairEntry *entry
    cdef int status = start_pairs(table, keys.shape[0])
    for i in range(keys.shape[0]):
        if status:
            break
        entry = find_pair(table, keys[i], mixed(keys[i]))
        if entry.serial:
            entry.value = values[i]
        else:
            status = add_pair(table, entry, keys[i], values[i], 0)
    return status


@cython.final
cdef class SentenceJoiner:
    """Joins the words of phrases in lists of str.

    Parameters
    ----------
    table
        The phrases.
    index
        Each word that is in a phrase, and each connector word, to its id.
    phrases
        The phrases as str, by their numbers.
    check_word
        ``check_word(token)`` is called for tokens that are not exactly str; returns one, or raises.
    """

    cdef PhraseTable table
    cdef dict index
    cdef list phrases
    cdef object check_word

    def __cinit__(self, PhraseTable table not None, dict index not None, list phrases not None,
                  check_word):
        self.table = table
        self.index = index
        self.phrases = phrases
        self.check_word = check_word

    def join(self, list sentence not None, list hits=None):
        """The sentence with its phrases joined, as a new list; their numbers are added to `hits`."""
        cdef Py_ssize_t n = len(sentence), i, written
        cdef int32_t[512] few
        cdef int32_t *ids = few
        cdef object token
        cdef PyObject *found
        cdef list result
        if 2 * n > 512:
            ids = <int32_t *>realloc(NULL, 2 * n * sizeof(int32_t))
            if ids == NULL:
                raise MemoryError("no memory for a sentence")
        try:
            for i in range(n):
                if len(sentence) != n:      # a token's method has changed it
                    raise RuntimeError("a sentence changed while it was read")
                token = sentence[i]
                if not PyUnicode_CheckExact(token):
                    token = self.check_word(token)
                found = PyDict_GetItemWithError(self.index, token)
                ids[i] = -1 if found == NULL else <int32_t>PyLong_AsLong(<object>found)
            written = self.table.segments(ids, n, ids + n)
            result = PyList_New(written)
            for i in range(written):
                if ids[n + i] >= 0:
                    token = sentence[ids[n + i]]
                else:
                    token = self.phrases[~ids[n + i]]
                    if hits is not None:
                        PyList_Append(hits, ~ids[n + i])
                Py_INCREF(token)
                PyList_SET_ITEM(result, i, token)
        finally:
            if ids != few:
                free(ids)
        return result


def write_lines(const int32_t[::1] ids, const int64_t[::1] starts, Py_ssize_t first,
                Py_ssize_t last, const uint8_t[::1] text, const int64_t[::1] offsets,
                uint8_t[::1] out):
    """Write sentences as lines of text, words separated by blanks.

    Parameters
    ----------
    ids, starts
        The sentences; first to last - 1 are written.
    text, offsets
        The words in UTF-8: word i is ``text[offsets[i]:offsets[i + 1]]``.
    out
        Where to.

    Returns
    -------
    sentence, written
        The first sentence that had no room, and how many bytes were written.
    """
    cdef int64_t written = 0, room = out.shape[0], size, i
    cdef Py_ssize_t s = first
    cdef int32_t id
    with nogil:
        while s < last:
            size = starts[s + 1] - starts[s]
            for i in range(starts[s], starts[s + 1]):
                size += offsets[ids[i] + 1] - offsets[ids[i]]
            if written + size + 1 > room:
                break
            for i in range(starts[s], starts[s + 1]):
                id = ids[i]
                size = offsets[id + 1] - offsets[id]
                if size:
                    memcpy(&out[written], &text[offsets[id]], size)
                written += size
                out[written] = b" "
                written += 1
            if starts[s + 1] > starts[s]:
                written -= 1            # the last blank
            out[written] = b"\n"
            written += 1
            s += 1
    return s, written

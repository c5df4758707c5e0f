"""Sentences with the words of each phrase joined: of word ids, and of Python objects.

In the map: compiled once, for any processor, into negw2v.phrases._joining, which
negw2v/phrases/joining.py calls; above pair_table.pxd. The same in Python is
negw2v/phrases/reference.py.
"""

import os

cimport cython
from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize
from cpython.dict cimport PyDict_GetItemWithError
from cpython.list cimport PyList_Append, PyList_New
from cpython.long cimport PyLong_AsLong
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcpy, memset

from pair_table cimport (
    FIRST_NODE,
    NO_NODE,
    PairTable,
    add_pair,
    find_pair,
    free_pairs,
    pair_key,
    start_pairs,
)
from str_words cimport LISTS_CHANGE, as_word, sequence_item, sequence_items, sequence_size
from word_table cimport (
    Entry,
    Table,
    Word,
    add,
    append,
    check,
    choose_secrets,
    free_table,
    look_up,
    mixed,
    prefetch,
    start_table,
)

cdef extern from *:
    """
    /* A new list takes over a reference to an item. */
    #if defined(Py_LIMITED_API) || defined(PYPY_VERSION)
    #define nw_put_item(list, i, item) ((void)PyList_SetItem(list, i, item))
    #else
    #define nw_put_item(list, i, item) PyList_SET_ITEM(list, i, item)
    #endif
    """
    void put_item "nw_put_item"(list result, Py_ssize_t i, object item) noexcept

cdef enum:              # what a word may do in phrases
    CONNECTS = 1
    BEGINS = 2
    ENDS = 4

cdef enum:
    BATCH = 32          # words of Python's that are looked up together
    NEXT_OBJECTS = 8    # words of Python's that are requested before


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
    cdef uint8_t *roles         # of each word; later ids have none
    cdef Py_ssize_t n_roles
    cdef int32_t empty

    def __cinit__(self, const uint64_t[::1] prefixes, const uint32_t[::1] nodes,
                  const uint64_t[::1] pairs, const uint32_t[::1] phrases,
                  const uint8_t[::1] connectors, int32_t empty=-1):
        cdef Py_ssize_t i
        memset(&self.prefixes, 0, sizeof(PairTable))
        memset(&self.pairs, 0, sizeof(PairTable))
        if prefixes.shape[0] != nodes.shape[0] or pairs.shape[0] != phrases.shape[0]:
            raise ValueError("one value per key")
        check(fill(&self.prefixes, prefixes, nodes))
        check(fill(&self.pairs, pairs, phrases))
        self.empty = empty
        self.n_roles = max(connectors.shape[0], beyond(prefixes), beyond(pairs))
        self.roles = <uint8_t *>calloc(self.n_roles + 1, 1)
        if self.roles == NULL:
            raise MemoryError("no memory for the words of phrases")
        for i in range(connectors.shape[0]):
            self.roles[i] = CONNECTS if connectors[i] else 0
        for i in range(prefixes.shape[0]):
            self.begins(<uint32_t>(prefixes[i] >> 32))
        for i in range(pairs.shape[0]):
            self.begins(<uint32_t>(pairs[i] >> 32))
            self.roles[<uint32_t>pairs[i]] |= ENDS

    cdef inline void begins(self, uint32_t node) noexcept:
        if node < FIRST_NODE:
            self.roles[node] |= BEGINS

    def __dealloc__(self):
        free_pairs(&self.prefixes)
        free_pairs(&self.pairs)
        free(self.roles)

    cdef Py_ssize_t segments(self, const int32_t *ids, Py_ssize_t n, int32_t *out) noexcept nogil:
        """Write what a sentence becomes: positions of words that stay, and ~p for the phrase p.

        Words with the id -1 are in no phrase. Returns how many; `out` has room for n.
        """
        cdef Py_ssize_t i, k, written = 0, start = 0
        cdef bint inside = False        # whether ids[start:i] may be the beginning of a phrase
        cdef uint32_t node = NO_NODE
        cdef uint64_t key
        cdef int32_t id
        cdef uint8_t role
        cdef const Entry *entry
        for i in range(n):
            id = ids[i]
            role = self.roles[id] if 0 <= id < self.n_roles else 0
            if role & CONNECTS:
                if not inside:
                    out[written] = <int32_t>i
                    written += 1
                elif node != NO_NODE:
                    key = pair_key(node, <uint32_t>id)
                    entry = find_pair(&self.prefixes, key, mixed(key))
                    node = entry.value if entry.serial else NO_NODE
                continue
            if inside:
                if node != NO_NODE and role & ENDS:
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
            node = <uint32_t>id if role & BEGINS else NO_NODE
        if inside:
            for k in range(start, n):
                out[written] = <int32_t>k
                written += 1
        return written

    def join_ids(self, int32_t[::1] ids, const int64_t[::1] starts, Py_ssize_t first,
                 Py_ssize_t last, const int32_t[::1] phrase_ids, int64_t[::1] lengths,
                 int32_t[::1] sources=None):
        """Join the words of sentences first to last - 1, in place.

        Parameters
        ----------
        ids, starts
            The sentences of the corpus; what they become is written from ``ids[starts[first]]`` on,
            without gaps. Words with the id -1 are in no phrase.
        first, last
            Which of them.
        phrase_ids
            The id of each phrase.
        lengths
            ``lengths[j]`` receives the new length of sentence j.
        sources
            A number for each word, which moves with it; those of phrases become ~id.

        Returns
        -------
        int
            How many ids were written.
        """
        cdef int64_t target = starts[first], begin, j
        cdef Py_ssize_t s, n, longest = 0
        cdef int32_t *items
        cdef int32_t item
        cdef bint traced = sources is not None
        if not 0 <= first <= last <= starts.shape[0] - 1 or ids.shape[0] < starts[last]:
            raise ValueError("sentences that are not there")
        if traced and sources.shape[0] < starts[last]:
            raise ValueError("one source per word")
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
                n = self.segments(&ids[begin], starts[s + 1] - begin, items)
                # What is written lies before what is read.
                for j in range(n):
                    item = items[j]
                    ids[target + j] = ids[begin + item] if item >= 0 else phrase_ids[~item]
                    if traced:
                        sources[target + j] = (
                            sources[begin + item] if item >= 0 else ~phrase_ids[~item]
                        )
                target += n
                lengths[s] = n
        free(items)
        return target - starts[first]


cdef Py_ssize_t beyond(const uint64_t[::1] keys) noexcept:
    """The least number that no word of a key has."""
    cdef Py_ssize_t i
    cdef uint32_t most = 0, node
    if keys.shape[0] == 0:
        return 0
    for i in range(keys.shape[0]):
        node = <uint32_t>(keys[i] >> 32)
        most = max(most, <uint32_t>keys[i], node if node < FIRST_NODE else 0)
    return <Py_ssize_t>most + 1


cdef int fill(PairTable *table, const uint64_t[::1] keys, const uint32_t[::1] values) noexcept:
    cdef Py_ssize_t i
    cdef Entry *entry
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
        Each word that is in a phrase, and each connector word, to its id: 0, 1, 2, ...
    phrases
        The phrases as str, by their numbers.
    check_word
        ``check_word(token)`` is called for tokens that are not exactly str; returns one, or raises.
    """

    cdef PhraseTable table
    cdef Table words            # the keys of index, by their characters
    cdef dict index             # for what the table cannot hold
    cdef list phrases
    cdef object check_word

    def __cinit__(self, PhraseTable table not None, dict index not None, list phrases not None,
                  check_word):
        cdef Word word
        cdef uint64_t slot
        cdef int32_t id
        memset(&self.words, 0, sizeof(Table))
        check(start_table(&self.words))
        self.table = table
        self.index = index
        self.phrases = phrases
        self.check_word = check_word
        for key in index:
            if as_word(<PyObject *>key, &word):
                look_up(&self.words, &word, &slot)
                id = add(&self.words, &word, slot)
            else:
                id = append(&self.words, NULL, 0, 0)
            check(id)

    def __dealloc__(self):
        free_table(&self.words)

    cdef int look_up_all(self, list sentence, int32_t *ids, Py_ssize_t n) except -1:
        """The id of each word, -1 for those in no phrase; in batches whose look-ups overlap.

        No Python code runs during a batch, so nothing can remove its words.
        """
        cdef PyObject *sequence = <PyObject *>sentence
        cdef PyObject **items
        cdef PyObject *token
        cdef Word[BATCH] batch
        cdef Py_ssize_t i = 0, words, k
        cdef uint64_t slot
        while i < n:
            if sequence_size(sequence) != n:        # a token's method has changed it
                raise RuntimeError("a sentence changed while it was read")
            items = sequence_items(sequence)
            words = 0
            while words < BATCH and i + words < n:
                if i + words + NEXT_OBJECTS < n:
                    prefetch(sequence_item(sequence, items, i + words + NEXT_OBJECTS))
                token = sequence_item(sequence, items, i + words)
                if not as_word(token, &batch[words]):
                    break
                prefetch(&self.words.entries[batch[words].hash & self.words.mask])
                words += 1
            for k in range(words):
                ids[i + k] = look_up(&self.words, &batch[k], &slot)
            i += words
            if words < BATCH and i < n:
                ids[i] = self.other(<object>sequence_item(sequence, items, i))
                i += 1
        return 0

    cdef int32_t other(self, object token) except -2:
        cdef PyObject *found
        if type(token) is not str:
            token = self.check_word(token)
        found = PyDict_GetItemWithError(self.index, token)
        return -1 if found == NULL else <int32_t>PyLong_AsLong(<object>found)

    def join(self, list sentence not None, list hits=None):
        """The sentence with its phrases joined, as a new list; their numbers are added to `hits`."""
        cdef Py_ssize_t n, i, written
        cdef int32_t[512] few
        cdef int32_t *ids = few
        cdef object token
        cdef list result
        if LISTS_CHANGE:
            sentence = sentence[:]
        n = len(sentence)
        if 2 * n > 512:
            ids = <int32_t *>realloc(NULL, 2 * n * sizeof(int32_t))
            if ids == NULL:
                raise MemoryError("no memory for a sentence")
        try:
            self.look_up_all(sentence, ids, n)
            written = self.table.segments(ids, n, ids + n)
            if len(sentence) != n:
                raise RuntimeError("a sentence changed while it was read")
            result = PyList_New(written)
            for i in range(written):
                if ids[n + i] >= 0:
                    token = sentence[ids[n + i]]
                else:
                    token = self.phrases[~ids[n + i]]
                    if hits is not None:
                        PyList_Append(hits, ~ids[n + i])
                Py_INCREF(token)
                put_item(result, i, token)
        finally:
            if ids != few:
                free(ids)
        return result


@cython.final
cdef class JoinedSentences:
    """An iterator over sentences with their phrases joined.

    Parameters
    ----------
    sentences
        Iterable of sentences.
    rounds
        What joins them, one after the other: ``joiner()`` returns an object whose `sentences` is a
        :class:`SentenceJoiner`, or None, where only ``each[sentence]`` will do.
    """

    cdef object sentences
    cdef tuple rounds

    def __cinit__(self, sentences, tuple rounds not None):
        self.sentences = iter(sentences)
        self.rounds = rounds

    def __iter__(self):
        return self

    def __next__(self):
        cdef object sentence = next(self.sentences), joiner, each
        for each in self.rounds:
            joiner = each.joiner()
            if joiner is not None and type(sentence) is list and len(<list>sentence) > 0 and (
                type((<list>sentence)[0]) is str
            ):
                sentence = (<SentenceJoiner?>joiner.sentences).join(sentence)
            else:
                sentence = each[sentence]
        return sentence


# ---------------------------------------------------------------- text

def write_lines(const uint8_t[::1] block, const int64_t[::1] places, const int32_t[::1] sources,
                const int64_t[::1] starts, const uint8_t[::1] text, const int64_t[::1] offsets,
                bint goes_on):
    """Write lines of words as text, words separated by one blank; lines without words are left out.

    Parameters
    ----------
    block, places
        The text that was read: word p of it is ``block[places[2 * p]:places[2 * p + 1]]``.
    sources
        The words to write: p for word p of the block, and ~i for word i of `text`.
    starts
        Line j has the words ``sources[starts[j]:starts[j + 1]]``.
    text, offsets
        Other words: word i is ``text[offsets[i]:offsets[i + 1]]``.
    goes_on
        Whether more words of the last line follow later.

    Returns
    -------
    text, lines
        The text, and how many lines end in it.
    """
    cdef Py_ssize_t s, n_lines = starts.shape[0] - 1
    cdef int64_t size = sources.shape[0], lines = 0, i, stop, run, begin
    cdef int32_t source
    cdef bytes written
    cdef uint8_t *out
    for i in range(sources.shape[0]):
        source = sources[i]
        if source >= 0:
            size += places[2 * source + 1] - places[2 * source]
        else:
            size += offsets[~source + 1] - offsets[~source]
    written = PyBytes_FromStringAndSize(NULL, size)
    out = <uint8_t *>PyBytes_AsString(written)
    with nogil:
        for s in range(n_lines):
            i, stop = starts[s], starts[s + 1]
            if i == stop:
                continue
            while i < stop:
                source = sources[i]
                i += 1
                if source < 0:
                    run = offsets[~source + 1] - offsets[~source]
                    if run:
                        memcpy(out, &text[offsets[~source]], run)
                else:
                    # Words that stand in the block as they are to be written are copied together.
                    begin = places[2 * source]
                    while (
                        i < stop
                        and sources[i] == source + 1
                        and places[2 * source + 2] == places[2 * source + 1] + 1
                        and block[places[2 * source + 1]] == b" "
                    ):
                        source += 1
                        i += 1
                    run = places[2 * source + 1] - begin
                    memcpy(out, &block[begin], run)
                out += run
                out[0] = b" "
                out += 1
            if s < n_lines - 1 or not goes_on:
                (out - 1)[0] = b"\n"
                lines += 1
    return written, lines

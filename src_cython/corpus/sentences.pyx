"""Sentences of Python objects to word ids.

In the map: compiled once, for any processor, into negw2v.corpus._sentences, which
negw2v/corpus/sentences.py calls; above word_table.pxd.
"""

import os

cimport cython
from cpython.dict cimport PyDict_CheckExact, PyDict_GetItemWithError, PyDict_SetItem
from cpython.object cimport PyObject
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memset

from str_words cimport (
    LISTS_CHANGE,
    PyUnicode_CheckExact,
    as_word,
    sequence_item,
    sequence_items,
    sequence_size,
)
from word_table cimport (
    Numbers,
    Table,
    Word,
    add,
    append,
    check,
    choose_secrets,
    free_table,
    look_up,
    numbers_view,
    prefetch,
    push,
    start_table,
    take,
)

cdef extern from *:
    """
    /* A dict's value, or None, as a new reference: other threads may change the dict. */
    static inline PyObject *nw_dict_get(PyObject *dict, PyObject *key) {
        PyObject *value;
    #ifdef Py_GIL_DISABLED
        if (PyDict_GetItemRef(dict, key, &value) < 0) return NULL;
        if (value != NULL) return value;
    #else
        value = PyDict_GetItemWithError(dict, key);
        if (value == NULL && PyErr_Occurred()) return NULL;
    #endif
        if (value == NULL) value = Py_None;
        Py_INCREF(value);
        return value;
    }
    """
    object dict_get "nw_dict_get"(dict mapping, object key)

cdef enum:
    BATCH = 32          # words whose table lines are under way at the same time
    AHEAD = 8           # words whose objects are prefetched
    WORDS_PER_KEY = 2   # that are looked up in the mapping itself, before it becomes a table


choose_secrets(os.urandom(16))


@cython.final
cdef class SentenceEncoder:
    """Turns sentences of Python objects into ids.

    Parameters
    ----------
    to_list
        ``to_list(sentence, number)`` makes a list of a sentence that is neither a list nor a
        tuple, or raises.
    check_key
        ``check_key(token, sentence number)`` is called when a token that is not a str comes for
        the first time; it returns the key for it, or raises.
    key_to_index
        None: new tokens get new ids, in order of first appearance, and are counted.
        A mapping: tokens that it lacks are left out. Few of them are looked up in the mapping
        itself; it becomes a table, which takes as long as many look-ups, when more are met.
    """

    cdef Table table            # exact str, by their characters
    cdef dict others            # every other key, and str where the table cannot be used
    cdef dict mapping           # key_to_index while nothing of it is in the table, or None
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
        memset(&self.table, 0, sizeof(Table))
        check(start_table(&self.table))
        self.others = {}
        self.to_list = to_list
        self.check_key = check_key
        self.grow = key_to_index is None
        self.known_keys = []
        self.mapping = None
        if PyDict_CheckExact(key_to_index):
            self.mapping = key_to_index
        elif not self.grow:
            self.learn(key_to_index)

    def __dealloc__(self):
        free(self.ids)
        free(self.final)
        free(self.raw.data)
        free(self.kept.data)
        free_table(&self.table)

    cdef int learn(self, key_to_index) except -1:
        cdef Word word
        cdef uint64_t slot
        cdef int32_t id
        cdef Py_ssize_t n = len(key_to_index)
        self.final = <int32_t *>calloc(n + 1, sizeof(int32_t))
        if self.final == NULL:
            raise MemoryError("no memory for the vocabulary")
        for key, index in key_to_index.items():
            if isinstance(key, str):
                key = str.__str__(key)      # an exact str, also of a subclass
            if as_word(<PyObject *>key, &word):
                # The keys of a mapping are different, so this one is new.
                look_up(&self.table, &word, &slot)
                id = add(&self.table, &word, slot)
                check(id)
                if id > n:      # a key's __hash__, or another thread, may do that
                    raise RuntimeError("the vocabulary changed while it was read")
                self.final[id] = index
            else:
                PyDict_SetItem(self.others, key, index)
        return 0

    @property
    def n_keys(self):
        """Number of different tokens so far."""
        return len(self.known_keys)

    def restart(self):
        """Count sentences and words from 0 again."""
        self.sentences = 0
        self.n_words = 0

    def feed(self, sentences, Py_ssize_t max_words):
        """Encode sentences from an iterator until there are `max_words` words, or until its end.

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
            if LISTS_CHANGE:
                sentence = tuple(sentence)
            n = len(sentence)
            before = self.n_ids
            self.make_room(n)
            if self.mapping is not None and self.n_words + n > WORDS_PER_KEY * len(self.mapping):
                self.learn(self.mapping)
                self.mapping = None
            if self.mapping is not None:
                self.encode_few(sentence, n)
            else:
                self.encode(sentence, n)
            self.sentences += 1
            self.n_words += n
            check(push(&self.raw, n))
            check(push(&self.kept, self.n_ids - before))
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
        return take(&self.raw)

    def kept_lengths(self):
        """The same without the words that the vocabulary lacks."""
        return take(&self.kept)

    def keys(self):
        """The keys in order of first appearance."""
        return self.known_keys

    def counts(self, int64_t[::1] out):
        """Write how often each key was met."""
        cdef Py_ssize_t i
        if out.shape[0] != self.table.used:
            raise ValueError("one count per key")
        for i in range(self.table.used):
            out[i] = self.table.counts[i]

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

    cdef int encode(self, object tokens, Py_ssize_t n) except -1:
        """Encode a list or tuple of n tokens, in batches whose look-ups overlap.

        No Python code runs during a batch, so nothing can remove its words.
        """
        cdef PyObject *sequence = <PyObject *>tokens
        cdef PyObject **items
        cdef PyObject *token
        cdef Word[BATCH] batch
        cdef Py_ssize_t i = 0, words, k
        cdef int32_t id
        cdef uint64_t slot
        while i < n:
            if sequence_size(sequence) < n:     # a token's __hash__ may do that
                raise RuntimeError("a sentence became shorter while it was read")
            items = sequence_items(sequence)
            words = 0
            while words < BATCH and i + words < n:
                if i + words + AHEAD < n:
                    prefetch(sequence_item(sequence, items, i + words + AHEAD))
                token = sequence_item(sequence, items, i + words)
                if not as_word(token, &batch[words]):
                    break
                prefetch(&self.table.entries[batch[words].hash & self.table.mask])
                words += 1
            for k in range(words):
                id = look_up(&self.table, &batch[k], &slot)
                if id < 0:
                    if not self.grow:
                        continue
                    token = sequence_item(sequence, items, i + k)
                    id = self.new_word(<object>token, &batch[k], slot)
                self.write(id if self.grow else self.final[id])
            i += words
            if words < BATCH and i < n:
                id = self.other(<object>sequence_item(sequence, items, i))
                if id >= 0:
                    self.write(id)
                i += 1
        return 0

    cdef int encode_few(self, object tokens, Py_ssize_t n) except -1:
        """Encode a list or tuple of n tokens with the mapping itself."""
        cdef PyObject *sequence = <PyObject *>tokens
        cdef Py_ssize_t i
        cdef object token, found
        for i in range(n):
            if sequence_size(sequence) < n:     # a token's __hash__ may do that
                raise RuntimeError("a sentence became shorter while it was read")
            token = <object>sequence_item(sequence, sequence_items(sequence), i)
            if isinstance(token, str) and not PyUnicode_CheckExact(<PyObject *>token):
                token = self.check_key(token, self.sentences)
            try:
                found = dict_get(self.mapping, token)
            except TypeError:
                self.check_key(token, self.sentences)
                raise
            if found is None and not PyUnicode_CheckExact(<PyObject *>token):
                found = dict_get(self.mapping, self.check_key(token, self.sentences))
            if found is not None:
                self.write(found)
        return 0

    cdef inline void write(self, int32_t id) noexcept:
        """Add an id; make_room() was called."""
        if self.grow:
            self.table.counts[id] += 1
        self.ids[self.n_ids] = id
        self.n_ids += 1

    cdef int32_t new_word(self, object key, const Word *word, uint64_t slot) except -1:
        cdef int32_t id = add(&self.table, word, slot)
        check(id)
        self.known_keys.append(key)
        return id

    cdef int32_t other(self, object token) except -2:
        """The id of a token that is not an exact str; -1: it is not in the vocabulary."""
        cdef object held = token        # its __hash__ may remove it from its sentence
        cdef PyObject *found
        cdef Word word
        cdef uint64_t slot
        cdef int32_t id
        try:
            found = PyDict_GetItemWithError(self.others, held)
        except TypeError:
            self.check_key(held, self.sentences)
            raise
        if found != NULL:
            return <object>found
        key = self.check_key(held, self.sentences)
        if as_word(<PyObject *>key, &word):
            # A subclass of str: it gets the id of the exact str that it equals.
            id = look_up(&self.table, &word, &slot)
            if id >= 0:
                return id if self.grow else self.final[id]
            return self.new_word(key, &word, slot) if self.grow else -1
        if not self.grow:
            return -1
        id = append(&self.table, NULL, 0, 0)
        check(id)
        PyDict_SetItem(self.others, key, id)
        self.known_keys.append(key)
        return id

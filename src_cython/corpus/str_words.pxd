"""Words that are str, and lists of them, as CPython stores them.

In the map: below sentences.pyx and phrases/joining.pyx; above word_table.pxd.
"""

from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint32_t

from word_table cimport MAX_WORD, Word, describe

cdef extern from *:
    """
    /* A str's characters as CPython stores them. Equal strings have equal kinds and bytes.
       NULL where the layout is out of reach (the stable ABI, PyPy): a dict is used instead. */
    static inline const uint8_t *nw_characters(PyObject *text, size_t *size,
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

    /* The items of a list or tuple, as CPython stores them; out of reach in the same cases, where
       each is asked for by its number. */
    #if defined(Py_LIMITED_API) || defined(PYPY_VERSION)
    #define nw_sequence_items(sequence) NULL
    #define nw_sequence_size(sequence) PySequence_Size(sequence)
    static inline PyObject *nw_sequence_item(PyObject *sequence, PyObject **items,
                                                       Py_ssize_t i) {
        (void)items;
        return PyList_Check(sequence) ? PyList_GetItem(sequence, i) : PyTuple_GetItem(sequence, i);
    }
    #else
    #define nw_sequence_items(sequence) PySequence_Fast_ITEMS(sequence)
    #define nw_sequence_size(sequence) PySequence_Fast_GET_SIZE(sequence)
    #define nw_sequence_item(sequence, items, i) ((void)(sequence), (items)[i])
    #endif

    /* Without the GIL, other threads may change a list while it is read; for the stable ABI the
       loop calls functions of Python's, which may let them in. */
    #if defined(Py_GIL_DISABLED) || defined(Py_LIMITED_API)
    #define NW_LISTS_CHANGE 1
    #else
    #define NW_LISTS_CHANGE 0
    #endif
    """
    const bint LISTS_CHANGE "NW_LISTS_CHANGE"
    const uint8_t *characters "nw_characters"(
        PyObject *text, size_t *size, uint32_t *kind) noexcept
    PyObject **sequence_items "nw_sequence_items"(PyObject *sequence) noexcept
    Py_ssize_t sequence_size "nw_sequence_size"(PyObject *sequence) noexcept
    PyObject *sequence_item "nw_sequence_item"(
        PyObject *sequence, PyObject **items, Py_ssize_t i) noexcept

cdef extern from "Python.h":
    bint PyUnicode_CheckExact(PyObject *o) noexcept


cdef inline bint as_word(PyObject *key, Word *word) noexcept:
    """Whether the key is a str whose characters can be looked up in a table."""
    cdef uint32_t kind = 0
    if not PyUnicode_CheckExact(key):
        return False
    word.start = characters(key, &word.size, &kind)
    if word.start == NULL or word.size >= MAX_WORD:
        return False
    describe(word, True, kind >> 1)
    return True

"""Fills the alias table of negative samples; random.pxd draws from it.

In the map: compiled once, for any processor, into negw2v.kernels._sampling, which
negw2v/kernels/random.py calls.
"""

from libc.stdint cimport uint32_t

import numpy as np


def build_alias_table(const double[::1] probabilities, uint32_t[:, ::1] table):
    """Walker's alias table by Vose's method (1991).

    Parameters
    ----------
    probabilities
        float64 (V,), they add up to 1.
    table
        uint32 (V, 2), filled with each slot's threshold and alias.
    """
    cdef Py_ssize_t n = probabilities.shape[0]
    cdef double[::1] scaled
    cdef Py_ssize_t[::1] small, large
    cdef Py_ssize_t smalls = 0, larges = 0, i, less, more
    cdef Py_ssize_t likeliest = np.argmax(probabilities)

    scaled = np.multiply(probabilities, n)
    small = np.empty(n, dtype=np.intp)
    large = np.empty(n, dtype=np.intp)
    with nogil:
        for i in range(n):
            if scaled[i] < 1.0:
                small[smalls] = i
                smalls += 1
            else:
                large[larges] = i
                larges += 1
        while smalls > 0 and larges > 0:
            smalls -= 1
            less = small[smalls]
            more = large[larges - 1]
            table[less, 0] = <uint32_t>(scaled[less] * 4294967296.0)
            table[less, 1] = <uint32_t>more
            scaled[more] -= 1.0 - scaled[less]
            if scaled[more] < 1.0:
                larges -= 1
                small[smalls] = more
                smalls += 1
        # What is left has probability 1 but for rounding: its slot gives itself, unless that
        # would make an impossible outcome possible.
        for i in range(smalls):
            less = small[i]
            table[less, 0] = 0xFFFFFFFF if probabilities[less] > 0.0 else 0
            table[less, 1] = <uint32_t>(less if probabilities[less] > 0.0 else likeliest)
        for i in range(larges):
            table[large[i], 0] = 0xFFFFFFFF
            table[large[i], 1] = <uint32_t>large[i]

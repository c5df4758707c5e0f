"""The loops of the Huffman tree.

In the map: compiled once, for any processor, into negw2v.corpus._huffman, which
negw2v/corpus/huffman.py calls.
"""

from libc.stdint cimport int8_t, int32_t, int64_t


def merge_lightest(double[::1] weights, int32_t[::1] parents, int8_t[::1] signs):
    """Build a Huffman tree over leaves in ascending order of weight.

    Two queues suffice, because merged nodes come out in ascending order too: the two
    lightest nodes are always among the heads (van Leeuwen 1976). Of equal weights the
    leaf goes first, which keeps the tree flat. Nodes 0..n-1 are the leaves, then come the
    inner ones in the order of merging; the last one is the root.

    Parameters
    ----------
    weights
        float64 (2n - 1,): the leaves' weights, ascending; the rest receives the sums.
    parents, signs
        int32 and int8 (2n - 1,): receive each node's parent, and +1 for the lighter
        child of a node, -1 for the heavier. The root's are not written.
    """
    cdef Py_ssize_t nodes = weights.shape[0], n = (nodes + 1) // 2
    cdef Py_ssize_t leaf = 0, inner = n, node, child
    cdef int side
    with nogil:
        for node in range(n, nodes):
            weights[node] = 0.0
            for side in range(2):
                if leaf < n and (inner == node or weights[leaf] <= weights[inner]):
                    child = leaf
                    leaf += 1
                else:
                    child = inner
                    inner += 1
                weights[node] += weights[child]
                parents[child] = <int32_t>node
                signs[child] = -1 if side else 1


def measure_depths(const int32_t[::1] parents, int32_t[::1] depths):
    """Write every node's distance from the root, the last node."""
    cdef Py_ssize_t node
    with nogil:
        depths[depths.shape[0] - 1] = 0
        for node in range(depths.shape[0] - 2, -1, -1):
            depths[node] = depths[parents[node]] + 1


def write_paths(const int32_t[::1] parents, const int8_t[::1] signs, const int64_t[::1] leaves,
                const int64_t[::1] starts, int32_t[::1] path_nodes, int8_t[::1] path_signs):
    """Write every word's path from the root.

    Parameters
    ----------
    parents, signs
        As :func:`merge_lightest` made them.
    leaves
        int64 (n,): the leaf that each word is.
    starts
        int64 (n + 1,): where each word's path begins.
    path_nodes, path_signs
        Receive the inner nodes, numbered from 0, and the signs of the branches taken there.
    """
    cdef Py_ssize_t n = leaves.shape[0], root = 2 * n - 2, word
    cdef int64_t place
    cdef int32_t node
    with nogil:
        for word in range(n):
            node = <int32_t>leaves[word]
            place = starts[word + 1]
            while node != root:
                place -= 1
                path_signs[place] = signs[node]
                node = parents[node]
                path_nodes[place] = node - <int32_t>n

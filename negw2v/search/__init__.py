"""Search for the rows of a matrix that are most similar to a query. It knows no model.

What calls what, for each kind of search. ``_cosine_scan_*`` and ``_topk_*`` are compiled, one for
each instruction set::

    one query, exact
      cosine_scan              scan(): room for the results, threads that help
        _cosine_scan_*         one scan of the rows, or of their int8 copies first

    many queries, exact
      nearest                  nearest(): chooses between two ways that find the same rows
        cosine_scan            scan_batches(), with int8 copies: threads share the queries
          _cosine_scan_*
        topk                   else heaps of the k best for blocks of queries x rows (BLAS)
          _topk_*              offers a block of scores to the heaps

    analogy questions
      nearest                  analogies(): as without int8 copies, for the words of the questions

    all cosines
      cosine                   cosines(), 3CosMul, and norms; single pairs of vectors
        _cosine_scan_*         scores of all rows

    approximate
      approximate              a graph of near neighbours (usearch), for large vocabularies
        cosine                 exact cosines of what the graph finds

    below these
      search_space             what is searched: a matrix, its norms, which rows may be found
      int8_rows                the int8 copy of a matrix: when it pays, how it is made
      compiled                 chooses the compiled modules for this processor

    on their own
      transport                Word Mover's Distance, by POT
      spelling                 keys that are spelled like one that was not found

Threads come from :mod:`negw2v.parallel`. The compiled sources are in ``src_cython/search/``.
"""

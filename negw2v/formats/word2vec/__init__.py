"""The text and binary formats of word2vec.c, and GloVe's.

    reading     files to records: the header, then rows
      rows      one thread reads blocks and finds where rows end, others parse them
      layouts   how rows lie in both formats, and what can be wrong with them
      sinks     where rows go
    writing     keys and vectors to files

Memory is taken as the bytes that were read justify it, whatever a header says.
"""

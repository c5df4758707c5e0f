"""From text, lists and arrays to a vocabulary and a stream of token ids.

Training opens any kind of corpus with :func:`~negw2v.corpus.encoding.open_corpus`. It counts
the words (:meth:`~negw2v.corpus.base.Corpus.scan`); then each pass yields blocks of ids::

    encoding       open_corpus(): looks at its argument, and chooses one of
      files          FileCorpus: text files, read by several threads (compiled: _tokenizer)
        text_files   opens a file of a corpus, converts its encoding; errors while it is read
      columns        ColumnCorpus: rows of columns and arrays (compiled: _rows), whose sources are
        arrow        objects with columns, through Arrow's C data interface (compiled: _arrow)
        tables       files of Parquet and Arrow
        walks        arrays of whole numbers, and files of them
      sentences      ListCorpus, StreamCorpus: Python objects (compiled: _sentences)
        texts        texts that a tokenizer of Python's splits
        tokenizers   those that have names
      storage        token ids between reading and training, in memory or temporary files
      options        how to read it: column=, tokenizer=, encoding=, ...
      paths          the files of a folder or a pattern
        base         Corpus, the interface of all of them; CorpusCounts, TokenBlock

    mistakes       likely mistakes in a corpus: markup, punctuation, one giant line, ...

    readers        LineSentence, NumberLines, Text8Corpus, ..., for users
    preprocessing  text to words as gensim.utils does it, for users
    vocabulary     from counts to the kept words and their tables
      trimming     trimming rules, and how they combine with min_count
    huffman        the tree of hierarchical softmax (compiled: _huffman)
"""

"""From text, lists and arrays to a vocabulary and a stream of token ids.

Training opens any kind of corpus with :func:`~negw2v.corpus.encoding.open_corpus`. It counts
the words (:meth:`~negw2v.corpus.base.Corpus.scan`); then each pass yields blocks of ids::

    encoding       open_corpus(): looks at its argument, and chooses one of
      files          FileCorpus: text files, read by several threads (compiled: _tokenizer)
        text_files   opens a file of a corpus; errors while it is read
      sentences      ListCorpus, StreamCorpus: Python objects (compiled: _sentences)
        storage      token ids between reading and training, in memory or temporary files
          base       Corpus, the interface of all of them; CorpusCounts, TokenBlock

    mistakes       likely mistakes in a corpus: markup, punctuation, one giant line, ...

    readers        LineSentence, PathLineSentences, Text8Corpus, BrownCorpus, for users
    preprocessing  text to words as gensim.utils does it, for users
    vocabulary     from counts to the kept words and their tables
      trimming     trimming rules, and how they combine with min_count
    huffman        the tree of hierarchical softmax (compiled: _huffman)
"""

"""From text, lists and arrays to a vocabulary and a stream of token ids.

- :mod:`~negw2v.corpus.readers`: sentences out of files (``LineSentence`` and others);
- :mod:`~negw2v.corpus.text_files`: text files, opened and unpacked, and their errors;
- :mod:`~negw2v.corpus.encoding`: :func:`~negw2v.corpus.encoding.open_corpus`, the one door
  through which training reads any kind of corpus;
- :mod:`~negw2v.corpus.vocabulary`: counts to a trimmed vocabulary with its tables;
- :mod:`~negw2v.corpus.huffman`: the tree of hierarchical softmax.
"""

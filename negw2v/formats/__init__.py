"""Files of vectors and models: readers return records, writers take them.

    opening        files of any kind that load() knows, recognised by their first bytes
    saving         what every save() does
      native       the native file: a record as one safetensors file
      gensim       files and objects of gensim
      word2vec     text and binary files of word2vec.c, and GloVe's
    tables         files of other programs: .npy, Arrow, Parquet
      atlas          what Embedding Atlas needs in a table
      projector      the two files of TensorBoard's projector
    pretrained     a folder that model2vec and sentence-transformers load, too
      model_card     its README.md
    book           the book's cbow_params.pkl
      npy          NumPy's own files
      pickles      pickles, read without running them
    records        what a file holds, as plain data: the one thing that all formats share
      values       keys and other texts as arrays of bytes
      fitting      what must hold between the parts of a record
      finite       NaN and infinity
      flooding     keys from files that would keep a dict busy for hours

A reader knows no KeyedVectors and no Word2Vec: they are made from records, and turned into
records, in one place each. Bytes are read and written by negw2v.io.
"""

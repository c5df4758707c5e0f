"""Files of vectors and models: readers return records, writers take them.

    opening   files of any kind that load() knows, recognised by their first bytes
    saving    what every save() does
      native    the native file: a record as one safetensors file
        tensors   the container: arrays and a header
        values    keys and other texts as arrays of bytes
    tables    files of other programs: TensorBoard, .npy, Arrow, Parquet
    records   what a file holds, as plain data: the one thing that all formats share
    atomic    a file that is either written whole or not at all

A reader knows no KeyedVectors and no Word2Vec: they are made from records, and turned into
them, in one place each (negw2v/keyedvectors/records.py, negw2v/persistence.py).
"""

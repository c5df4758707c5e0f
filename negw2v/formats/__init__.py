"""Files of vectors and models: readers return records, writers take them.

    records   what a file holds, as plain data: the one thing that all formats share
    atomic    a file that is either written whole or not at all

A reader knows no KeyedVectors and no Word2Vec: they are made from records, and turned into
them, in one place each (negw2v/keyedvectors/records.py, negw2v/persistence.py).
"""

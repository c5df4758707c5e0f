"""What the native format calls things, for its reader and its writer (docs/model_format.md)."""

from __future__ import annotations

from negw2v.formats.records import ModelRecord, VectorsRecord

__all__ = [
    "ARRAYS",
    "EXTENDED",
    "FORMAT",
    "KINDS",
    "NUMBERS",
    "PHRASES",
    "PLAIN",
    "VALUES",
    "VERSIONS",
    "Record",
]

FORMAT = "negw2v"
#: The plain format, and the one with what the plain one cannot hold: see docs/model_format.md.
PLAIN, EXTENDED = VERSIONS = ("1", "1.1")
KINDS = {VectorsRecord: "KeyedVectors", ModelRecord: "Word2Vec"}
#: Files of phrases, which have other arrays: their counts, or phrases that were found.
PHRASES = ("Phrases", "FrozenPhrases")

#: How the values of an attribute are stored.
NUMBERS, ARRAYS, VALUES = "numbers", "arrays", "values"

Record = VectorsRecord | ModelRecord

"""Algorithms on arrays of vectors: norms, cosines, nearest rows. They know no model."""

"""How well vectors agree with people: analogy questions and judgements of similarity.

Functions on rows of a vocabulary; they know no model and no vectors.
"""

"""The base of gensim's topic models, for programs that ask whether a model is one."""

from __future__ import annotations

__all__ = ["BaseTopicModel"]


class BaseTopicModel:
    """No model of negw2v's is a topic model: ``isinstance`` is false for all of them."""

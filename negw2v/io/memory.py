"""Memory that readers fill."""

from __future__ import annotations

__all__ = ["PrivateBytes"]


class PrivateBytes(bytearray):
    """Bytes that a reader filled for one array, and to which nobody else has a reference."""

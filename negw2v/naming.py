"""Methods under the name of the class that users know."""

from __future__ import annotations

from types import FunctionType

__all__ = ["name_methods"]


def name_methods(public: type) -> None:
    """Let errors of Python, such as that of a missing argument, name a public class.

    A class may be put together from others that nobody knows. Methods that it inherits from
    them are called ``Public.method``; just ``method`` where they serve several public classes.

    Parameters
    ----------
    public
        The class, whose bases in this package are internal.
    """
    for base in public.__mro__[1:]:
        if not base.__module__.startswith("negw2v."):
            continue
        for name, attribute in vars(base).items():
            method = getattr(attribute, "__func__", attribute)
            while isinstance(method, FunctionType) and method.__name__ == name:
                if method.__qualname__ == f"{base.__qualname__}.{name}":
                    method.__qualname__ = f"{public.__qualname__}.{name}"
                    method.__module__ = public.__module__
                elif method.__qualname__ != f"{public.__qualname__}.{name}":
                    method.__qualname__ = name
                method = getattr(method, "__wrapped__", None)  # what a decorator calls

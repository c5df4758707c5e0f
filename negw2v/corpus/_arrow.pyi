from typing import Any

class Field:
    name: str
    format: str
    children: list[Field]
    dictionary: Field | None

def schema_of(capsule: Any) -> Field: ...

class Batch:
    address: int
    length: int
    def __init__(self, capsule: Any = None) -> None: ...

class Stream:
    def __init__(self, capsule: Any) -> None: ...
    def schema(self) -> Field: ...
    def next(self) -> Batch | None: ...

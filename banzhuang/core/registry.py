"""Registries: apps declare, the frame collects.

An app registers in its AppConfig.ready() with one explicit list per file, e.g.
`indicators.registry.register(*INDICATORS)`. Order of registration is the order of display.
"""

from collections.abc import Iterator
from typing import Generic, TypeVar

Declaration = TypeVar("Declaration")


class Registry(Generic[Declaration]):
    """Declarations of one type, keyed by one of their attributes; a key may be registered once."""

    def __init__(self, key: str = "code"):
        self._key = key
        self._items: dict[str, Declaration] = {}

    def register(self, *declarations: Declaration) -> None:
        for declaration in declarations:
            key = getattr(declaration, self._key)
            if key in self._items:
                raise ValueError(f"{type(declaration).__name__} {key!r} is registered twice")
            self._items[key] = declaration

    def __iter__(self) -> Iterator[Declaration]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: str) -> bool:
        return key in self._items

    def __getitem__(self, key: str) -> Declaration:
        return self._items[key]

    def get(self, key: str) -> Declaration | None:
        return self._items.get(key)

    def of(self, **attributes) -> list[Declaration]:
        """Declarations whose attributes all have these values: `registry.of(mechanism="M1")`."""
        return [item for item in self if all(getattr(item, k) == v for k, v in attributes.items())]

"""Sentences of the report that the portal writes from its own figures."""

from dataclasses import dataclass

from banzhuang.core.registry import Registry
from banzhuang.indicators.indicator import Indicator


@dataclass(frozen=True)
class Phrase:
    """`text` is the report's sentence with the short name of each figure in braces; `figures` maps names to indicators."""

    code: str
    mechanism: str
    text: str
    figures: dict[str, Indicator]

    def write(self, figures, day) -> str:
        """The sentence with the values of `day` out of computed `Figures`."""
        return self.text.format(**{name: figures.value(ind, day) for name, ind in self.figures.items()})


registry: Registry[Phrase] = Registry()

"""Cells that hold several words: 低保、残疾补贴."""

import re
from collections.abc import Mapping
from typing import Any

from banzhuang.core.text import normalise

from .parsers import WARNING, Choice, Parsed, Parser, Problem, as_text

BETWEEN = re.compile(r"[、,，;；/／|+\s]+|(?<=.)[和及](?=.)")


class Several(Parser):
    """Any of the words that a column knows, as the list of their values in the order written, each once.

    words: {label or synonym: value}, as of a Choice. A word that is not known is named in a warning; the others
    are taken.
    """

    def __init__(self, words: Mapping[str, Any]):
        self.choice = Choice(words)

    def read(self, value, context):
        found, unknown = [], []
        for word in BETWEEN.split(normalise(as_text(value))):
            parsed = self.choice.parse(word)
            if parsed.problem is not None:
                unknown.append(word)
            elif parsed.value is not None and parsed.value not in found:
                found.append(parsed.value)
        if not unknown:
            return Parsed(found or None)
        words = "、".join(unknown)
        remedy = f"能写的有{self.choice.listed()}。"
        return Parsed(
            found or None,
            Problem(WARNING, f"“{words}”不是这一列可选的内容，没有导入，其余照常。", remedy),
        )

    def together(self, own, around):
        values = list(dict.fromkeys([*(around.value or []), *(own.value or [])]))
        return Parsed(values or None, own.problem or around.problem)

    def label(self, value: Any) -> str:
        """The word that stands for one value."""
        return self.choice.label(value)

"""Families of a ledger: with one person a row, the row of 户主 opens a family and the rows below belong to it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from banzhuang.ledgers.ledger import Fact

from .words import HEAD


@dataclass
class Family:
    """A household of the file. head: the fact of its head, None when the file has none.

    size: rows of it; known: its household in the register, found judging the head; household: that, or the Write
    that makes it, once the head's row is planned.
    """

    name: str | None
    head: Fact | None = None
    size: int = 0
    known: Any = None
    household: Any = None


class Families:
    """The families of a file, and to which each row belongs. A row that does not name its 户主 belongs to the one above."""

    def __init__(self):
        self.by_row: dict[tuple[str, int], Family] = {}
        self.by_head: dict[tuple, list[Family]] = defaultdict(list)
        self.person_a_row = False

    def read(self, facts) -> None:
        """Put the rows in families, and into rows of members the head that a blank cell stands for."""
        above: dict[str, Family] = {}
        for fact in facts:
            if is_head(fact):
                family = above[fact.sheet] = Family(fact.values.get("name"), fact)
                self.by_head[fact.values.get("village"), family.name].append(family)
            else:
                self.person_a_row = True
                family = self.of_member(fact, above.get(fact.sheet))
                if family.name:
                    fact.values["head"] = family.name
            family.size += 1
            self.by_row[fact.sheet, fact.number] = family

    def of_member(self, fact, nearest: Family | None) -> Family:
        head, village = fact.values.get("head"), fact.values.get("village")
        if nearest and nearest.head.values.get("village") == village and head in {None, nearest.name}:
            return nearest
        families = self.by_head[village, head]
        if not families:
            families.append(Family(head))
        return families[-1]

    def namesake(self, fact) -> bool:
        """Whether another row of the village has this head's name, and a number that tells them apart."""
        families = self.by_head[fact.values.get("village"), fact.values.get("name")]
        heads = [family.head for family in families if family.head not in (None, fact)]
        return any(head.values.get("id_number") for head in heads)

    def of(self, fact) -> Family:
        return self.by_row[fact.sheet, fact.number]


def is_head(fact) -> bool:
    """户主 by the relation; where that is blank, whoever stands in both columns or is the only one named."""
    relation = fact.values.get("relation")
    if relation is not None or fact.raw.get("relation"):  # a word that is not understood is no 户主
        return relation == HEAD
    return fact.values.get("head") in {None, fact.values.get("name")}

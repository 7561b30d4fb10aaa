"""Tables spread over columns: villages × months hold a fact in every cell, not in every row. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from banzhuang.core.text import compact

from .village_names import VILLAGE_ENDINGS

NO_VILLAGE = {"村", "行政村", "所在村", "全村", "各村", "自然村", "社区", "村委会", "居委会"}


@dataclass(frozen=True)
class Spread:
    """What the columns of such a table are.

    over: key of the column that a header stands for (month); value: key of the column that the cells below it are
    of (tonnes); reads: parts of a header, without unit and name of the value → what it says of `over`, "" when it
    says nothing of it: periods.month_header, village_header.
    The same ledger takes the long form too: a table with a column `over` is not spread.
    """

    over: str
    value: str
    reads: Callable[[tuple[str, ...]], str]


def village_header(parts: tuple[str, ...]) -> str:
    """The village that a header names in full, in a table with a column for each."""
    name = compact(parts[-1])
    return name if name.endswith(VILLAGE_ENDINGS) and name not in NO_VILLAGE else ""

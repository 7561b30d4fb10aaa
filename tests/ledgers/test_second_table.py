"""Two tables below each other on one sheet: the second is read by its own header, or not at all, and said so."""

import pytest

from banzhuang.ledgers.body import ANOTHER_TABLE, BELOW_ANOTHER
from banzhuang.ledgers.grid import SheetGrid, WorkbookGrid
from banzhuang.ledgers.header import find_table
from banzhuang.ledgers.ledger import Column
from banzhuang.ledgers.parsers import Integer, Phone, YesNo
from banzhuang.ledgers.surroundings import surroundings
from banzhuang.ledgers.village_names import VillageName

COLUMNS = (
    Column("village", "村", VillageName(), ("村名",), required=True),
    Column("population", "人口", Integer(), ("人口数",)),
    Column("households", "户数", Integer()),
    Column("weak", "经济薄弱村", YesNo()),
    Column("phone", "联系电话", Phone(), ("电话",)),
)
FIRST = [["村", "人口", "户数"], ["西响石村", 1200, 400]]


def of(*below):
    return find_table(SheetGrid("表", [*FIRST, *below]), COLUMNS)


def read(table):
    return [(row.number, row.values["population"]) for row in table.rows]


@pytest.mark.parametrize(
    "header",
    [["村", "户数", "人口"], ["村", "经济薄弱村", "联系电话"], ["人口", "村", "户数"], ["村名", "户数"]],
)
def test_with_columns_of_its_own_it_is_not_read_by_the_first_header(header):
    table = of([], ["附：移民村情况"], header, ["太平村", 300, 900], ["马圩村", 310, 910], ["合计", 610])
    assert read(table) == [(2, 1200)]
    assert [(dropped.row, dropped.reason) for dropped in table.dropped] == [
        (4, "重复的标题"),
        (5, ANOTHER_TABLE),
        (6, BELOW_ANOTHER),
        (7, BELOW_ANOTHER),
        (8, "合计行"),
    ]


def test_the_preview_says_from_which_row_on():
    table = of(["村", "户数", "人口"], ["太平村", 300, 900])
    [note] = surroundings(WorkbookGrid([table.grid], "xlsx"), [table])["notes"]
    assert note == "第 3 行起是列不同的另一张表，没有读；把它放到单独的工作表再导入。"


def test_the_same_columns_in_other_words_go_on():
    table = of(["村名", "人口数", "户数"], ["太平村", 900, 300])
    assert read(table) == [(2, 1200), (4, 900)]
    assert [dropped.reason for dropped in table.dropped] == ["重复的表头"]


def test_the_first_header_again_below_another_table_goes_on():
    table = of(["村", "户数", "人口"], ["太平村", 300, 900], FIRST[0], ["马圩村", 910, 310])
    assert read(table) == [(2, 1200), (6, 910)]

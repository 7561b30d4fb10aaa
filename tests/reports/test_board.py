"""44村总表: villages × indicators, flags that stay numbers, the town below."""

from banzhuang.reports.board import board_entry, board_table
from banzhuang.reports.tables import Flag

from .examples import JUNE_END, StandIn, edition, written

VACANT = StandIn(
    "m1.vacant", label="书记空缺", unit="个", board_label="空缺", states={1: "bad", None: "none"}
)
ENDING = StandIn("m1.ending", label="任期将满", states={2: "near"})
WASTE = StandIn(
    "m15.waste", label="清运", unit="吨/千人", office="村建环卫办", mechanism="M15", number_format="0.0"
)
CELLS = {
    ("m1.vacant", JUNE_END): {"320707109201": 1, "320707109216": None},
    ("m1.ending", JUNE_END): {"320707109200": 2},
    ("m15.waste", JUNE_END): {"320707109200": 22.4, "320707109201": 13.9, "320707109216": 0},
}


def figures_with_town(cells):
    made = edition(cells)
    made.figures.value = lambda indicator, day: 7
    return made


def test_cells():
    table = board_table(figures_with_town(CELLS), [VACANT, ENDING])
    assert table.title == "班庄镇3村情况总表"
    assert [list(row) for row in table.rows] == [
        [1, "班庄", 0, Flag(2, "near")],
        [2, "曹顶", Flag(1, "bad"), 0],
        [3, "西响石", Flag("未报", "none"), 0],
    ]


def test_offices_stand_together_over_their_indicators():
    table = board_table(figures_with_town(CELLS), [VACANT, WASTE, ENDING])
    assert [(column.group, column.label) for column in table.columns[2:]] == [
        ("组织办", "空缺\n（个）"),
        ("组织办", "任期将满\n（人）"),
        ("村建环卫办", "清运\n（吨/千人）"),
    ]


def test_contents_line_counts_the_flags():
    entry = board_entry(figures_with_town(CELLS), [VACANT, ENDING])
    assert (entry.name, entry.office, entry.state) == ("3村总表", "党建办", "")
    assert entry.highlight == "3 村 × 2 项，不达标 1 格、关注 1 格"


def test_as_written():
    sheet = written(board_table(figures_with_town(CELLS), [VACANT, WASTE]))
    assert (sheet["C6"].value, sheet["C6"].number_format) == (1, '"■"* 0_ ')
    assert sheet["A8"].value == "全镇"
    assert (sheet["C8"].value, sheet["D8"].number_format) == (7, "0.0_ ")
    assert sheet["B5"].font.sz == 11.5
    assert sheet.page_setup.orientation == "portrait"
    assert sheet["A9"].value.startswith("注：■ 不达标")


def test_a_districts_villages_take_several_pages():
    village = edition().villages[0]
    many = edition(CELLS, villages=(village,) * 80)
    many.figures.value = lambda indicator, day: 0
    assert board_table(many, [VACANT]).layout.one_page is False

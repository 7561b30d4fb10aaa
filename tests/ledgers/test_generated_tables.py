"""Whole tables drawn at random from a known truth, as offices would draw them: the finder gives exactly that truth."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from banzhuang.ledgers.grid import SheetGrid, WorkbookGrid
from banzhuang.ledgers.header import find_table, recognise

from .columns import LEDGERS, SECRETARIES

LEAVES = {
    "name": ["姓名", "名字", "姓 名", "*姓名", "姓名（必填）"],
    "sex": ["性别", "性 别"],
    "born": ["出生年月", "出生日期", "出生\n年月"],
    "joined_party": ["入党时间"],
    "started_work": ["参加工作时间", "参加工作\n时间"],
    "start": ["任现职时间", "任现职 时间"],
    "both": ["是否一肩挑"],
    "selection": ["产生方式"],
    "id_number": ["身份证号", "身份证号码", "公民身份号码"],
    "phone": ["联系电话", "手机", "电话"],
    "note": ["备注"],
}
VALUES = {
    "village": ["班庄", "西响石村", "古城村委会"], "name": ["王海英", "张三", "合生", "小计平"], "sex": ["男", "女"],
    "born": ["1970.05", 2013.05, "1968年8月"], "joined_party": ["1999.7.1", 20010701], "started_work": ["1990年", None],
    "education": ["高中", "大专"], "in_service_education": ["无", None, "大学"], "start": ["2018.08", 2018.1],
    "both": ["是", "√", None], "selection": ["两推一选", "下派"], "id_number": ["710000197911109437", None],
    "phone": ["13900001062", 13900001062, "139/138"], "note": [None, "合计见附表", "2018年调整"],
}  # fmt: skip
NOISE = ["绰号", "爱好", "血型", "家庭住址", "鞋码", "车牌", "2020年", 2021]
GROUPS = ["基本情况", "任职情况", "其他情况", "本人情况"]
NOTHING = object()


@dataclass
class Node:
    """A leaf of a header (key None: not of the ledger) or a group of such."""

    text: object
    key: str | None = None
    children: list["Node"] = field(default_factory=list)

    @property
    def depth(self):
        return 1 + max((child.depth for child in self.children), default=0)

    @property
    def leaves(self):
        return [leaf for child in self.children for leaf in child.leaves] if self.children else [self]


@st.composite
def trees(draw):
    """The header as nodes from left to right: 村 (in no group) and 姓名 at least, at most three deep."""
    some = st.lists(st.sampled_from([key for key in LEAVES if key != "name"]), min_size=2, unique=True)
    nodes = [Node(draw(st.sampled_from(LEAVES[key])), key) for key in ["name", *draw(some)]]
    nodes += [Node(text) for text in draw(st.lists(st.sampled_from(NOISE[:-2]), max_size=3, unique=True))]
    nodes.append(Node(draw(st.sampled_from(["村", "村名", "所在村", "行政村"])), "village"))
    if draw(st.booleans()):
        parts = {"全日制": "education", "在职": "in_service_education"}
        nodes.append(Node("文化程度", children=[Node(text, key) for text, key in parts.items()]))
    nodes = draw(st.permutations(nodes))
    for group in draw(st.lists(st.sampled_from(GROUPS), max_size=2, unique=True)):
        first = draw(st.integers(0, len(nodes) - 2))
        chosen = nodes[first : first + draw(st.integers(2, 4))]
        width, whole = (sum(len(node.leaves) for node in part) for part in (chosen, nodes))
        deep = max(node.depth for node in chosen) > 2 or "情况" in str(chosen) or "village" in str(chosen)
        if len(chosen) >= 2 and not deep and width < 0.8 * whole:  # wider it would be a title
            nodes = [*nodes[:first], Node(group, children=chosen), *nodes[first + len(chosen) :]]
    return [Node("序号"), *nodes] if draw(st.booleans()) else nodes


@dataclass
class Drawn:
    """A sheet under construction, and the truth about it."""

    rows: list = field(default_factory=list)
    merged: list = field(default_factory=list)
    columns: list = field(default_factory=list)
    data: list = field(default_factory=list)
    dropped: list = field(default_factory=list)
    header_rows: list = field(default_factory=list)


def draw_header(drawn: Drawn, nodes, merging, left: int) -> None:
    """Lay the nodes out; merging(): whether the next cell is merged as it should be.

    A row of nothing but groups is: unmerged it could as well be a line above the table.
    """
    only_groups = all(node.children for node in nodes)
    top, depth = len(drawn.rows), max(node.depth for node in nodes)
    width = left + sum(len(node.leaves) for node in nodes)
    drawn.rows += [[None] * width for _ in range(depth)]
    drawn.header_rows = list(range(top + 1, top + depth + 1))

    def place(node, row, column, above):
        drawn.rows[row][column] = node.text
        parts = [*above, node.text]
        if not node.children:
            drawn.columns.append((column, node.key))
            if row < top + depth - 1 and merging():
                drawn.merged.append((row, column, top + depth - 1, column))
            return column + 1
        right = column + len(node.leaves) - 1
        if right > column and (merging() or (only_groups and not above)):
            drawn.merged.append((row, column, row, right))
        for child in node.children:
            column = place(child, row + 1, column, parts)
        return column

    column = left
    for node in nodes:
        column = place(node, top, column, [])


LINES = [
    ["填报单位：班庄镇  填报日期：2022年3月31日"],
    ["填报单位：", "班庄镇", None, "填报人：张三"],
    [],
    ["（单位：人）"],
    [None, None, "单位：万元、亩"],
    ["附件1"],
]
BETWEEN = [
    (["小计", None, "3人"], "total"),
    (["合 计", None, None, 12], "total"),
    (["注：以身份证为准"], "note"),
    (["填表须知：1.如实填写；2.每月五日前报送"], "note"),
]
BELOW = [
    ["单位负责人：      审核人：       填表人："],
    ["单位负责人：", None, "审核人：", None, "填表人：", "张三"],
    ["注：空白表示没有。"],
    ["合计", None, "44人"],
]


@st.composite
def tables(draw):
    """A sheet and the truth about it."""
    drawn, left = Drawn(), draw(st.integers(0, 2))
    title = draw(st.sampled_from([[], [["班庄镇村党组织书记信息表"]], [["附件2"], ["村书记花名册"]]]))
    for line in [*title, *draw(st.lists(st.sampled_from(LINES), max_size=3, unique_by=str))]:
        drawn.rows.append([None] * left + line if line else [])
    nodes = draw(trees())
    draw_header(drawn, nodes, lambda: draw(st.booleans()), left)
    width = len(drawn.rows[-1])
    drawn.merged += [
        (number, left, number, width - 1)
        for number, row in enumerate(drawn.rows[: drawn.header_rows[0] - 1])
        if len([value for value in row if value]) == 1 and row[left:][0] and draw(st.booleans())
    ]
    for number in range(draw(st.integers(1, 5))):
        draw_row(draw, drawn, number + 1, left)
        if draw(st.integers(0, 3)) == 0:
            line, _ = draw(st.sampled_from(BETWEEN))
            drawn.rows.append([None] * left + line)
            drawn.dropped.append(len(drawn.rows))
    for line in draw(st.lists(st.sampled_from(BELOW), max_size=3, unique_by=str)):
        if draw(st.booleans()):
            drawn.rows.append([])
        drawn.rows.append([None] * left + line)
        drawn.dropped.append(len(drawn.rows))
    return drawn


def draw_row(draw, drawn: Drawn, number: int, left: int) -> None:
    cells, truth = {}, {}
    for column, key in drawn.columns:
        if key is None:
            cells[column] = number if column == left else draw(st.sampled_from([None, "甲", "其他", 3]))
            continue
        truth[key] = cells[column] = draw(st.sampled_from(VALUES[key]))
        if key == "village" and drawn.data and draw(st.integers(0, 3)) == 0:
            cells[column], truth[key] = "同上", drawn.data[-1][1]["village"]
    drawn.rows.append([cells.get(column) for column in range(max(cells) + 1)])
    drawn.data.append((len(drawn.rows), truth))


@settings(max_examples=100, deadline=None)
@given(tables())
def test_the_finder_gives_the_truth(drawn):
    table = find_table(SheetGrid("表", drawn.rows, merged=drawn.merged), SECRETARIES)
    assert table is not None
    assert table.header_rows == drawn.header_rows
    assert [(column.index, column.key) for column in table.columns] == drawn.columns
    assert [(row.number, row.values) for row in table.rows] == drawn.data
    assert [entry.row for entry in table.dropped] == drawn.dropped


@settings(max_examples=25, deadline=None)
@given(tables())
def test_the_kind_is_found_among_others(drawn):
    book = WorkbookGrid([SheetGrid("村书记", drawn.rows, merged=drawn.merged)], "xlsx")
    [(ledger, _, table)] = recognise(book, LEDGERS)
    assert (ledger.kind, table.header_rows) == ("secretaries", drawn.header_rows)

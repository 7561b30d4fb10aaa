"""Headers as a hundred offices would draw them: the columns found are always the same."""

from hypothesis import given, settings
from hypothesis import strategies as st

from banzhuang.ledgers.grid import SheetGrid
from banzhuang.ledgers.header import find_table

from .columns import SECRETARIES

LEAVES = {
    "村名": "village", "姓名": "name", "性别": "sex", "民族": "ethnic_group", "出生年月": "born", "入党时间": "joined_party",
    "参加工作时间": "started_work", "任现职时间": "start", "是否一肩挑": "both", "产生方式": "selection", "身份证号": "id_number",
    "手机": "phone", "备注": "note",
}  # fmt: skip
GROUPS = {
    "文化程度": {"全日制": "education", "在职": "in_service_education"},
    "工作经历": {"参加工作时间": "started_work", "原身份": "origin"},
    "联系方式": {"手机": "phone", "住址": None},
}
DATA = [
    1,
    "班庄村",
    "王海英",
    "男",
    "汉族",
    2013.05,
    "1979-11-10",
    "返乡",
    "710000197911109437",
    13900001062,
    "两推一选",
    "√",
]
SPACES = st.sampled_from(["", "", " ", "\n", "　", "\r\n"])


@st.composite
def spaced(draw, text):
    return "".join(character + draw(SPACES) for character in text)


@st.composite
def deep_sheets(draw):
    """A sheet with a header of two rows drawn at random, and what must be found in it."""
    groups = draw(st.lists(st.sampled_from(list(GROUPS)), min_size=1, max_size=3, unique=True))
    inside = {leaf for group in groups for leaf in GROUPS[group]}
    leaves = draw(
        st.lists(st.sampled_from([leaf for leaf in LEAVES if leaf not in inside]), min_size=3, unique=True)
    )
    upper, lower, merged, expected = [], [], [], []
    top = draw(st.integers(0, 4))
    for entry in draw(st.permutations(["序号", *leaves, *groups])):
        column = len(upper)
        if entry in GROUPS:
            children = GROUPS[entry]
            upper += [draw(spaced(entry)), *[None] * (len(children) - 1)]
            for child, key in children.items():
                lower.append(draw(spaced(child)))
                expected.append((f"{entry}/{child}", key))
            if draw(st.booleans()):
                merged.append((top, column, top, column + len(children) - 1))
        else:
            upper.append(draw(spaced(entry)))
            lower.append(None)
            expected.append((entry, LEAVES.get(entry)))
            if draw(st.booleans()):
                merged.append((top, column, top + 1, column))
    width = len(upper)
    lines = [["班庄镇村党组织书记信息表"], ["填报单位：班庄镇  填报日期：2022年3月31日"], [], ["单位：人"]][
        :top
    ]
    merged += [
        (number, 0, number, width - 1) for number, line in enumerate(lines) if line and draw(st.booleans())
    ]
    data = [
        [number, *draw(st.permutations(DATA))][:width] for number in range(1, draw(st.integers(1, 5)) + 1)
    ]
    return SheetGrid("表", [*lines, upper, lower, *data], merged=merged), top, expected, len(data)


@settings(max_examples=150, deadline=None)
@given(deep_sheets())
def test_deep_headers(drawn):
    sheet, top, expected, count = drawn
    table = find_table(sheet, SECRETARIES)
    assert table.header_rows == [top + 1, top + 2]
    assert [(column.header, column.key) for column in table.columns] == expected
    assert len(table.rows) == count


@st.composite
def flat_sheets(draw):
    leaves = draw(st.lists(st.sampled_from(list(LEAVES)), min_size=3, unique=True))
    header = [
        draw(st.one_of(spaced(leaf), st.just(f"*{leaf}"), st.just(f"{leaf}（如有）"))) for leaf in leaves
    ]
    lines = draw(
        st.lists(
            st.sampled_from([["附件1"], ["花名册"], [], ["填报人：张三", None, "日期：2022年3月"]]),
            max_size=4,
        )
    )
    hint = draw(
        st.sampled_from([[], [["必填", "选填", "必填"]], [[str(n) for n in range(1, len(leaves) + 1)]]])
    )
    left = draw(st.integers(0, 3))
    data = [draw(st.permutations(DATA))[: len(leaves)] for _ in range(draw(st.integers(0, 4)))]
    rows = [[None] * left + list(row) if row else [] for row in [*lines, header, *hint, *data]]
    return SheetGrid("表", rows), len(lines), [LEAVES[leaf] for leaf in leaves], len(hint), len(data)


@settings(max_examples=150, deadline=None)
@given(flat_sheets())
def test_flat_headers(drawn):
    sheet, above, keys, hints, count = drawn
    table = find_table(sheet, SECRETARIES)
    assert table.header_rows == [above + 1]
    assert [column.key for column in table.columns] == keys
    assert len(table.rows) == count
    assert len(table.dropped) == hints


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(
            st.one_of(st.none(), st.text(max_size=8), st.integers(), st.sampled_from(list(LEAVES))),
            max_size=6,
        ),
        max_size=12,
    ),
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(0, 9), st.integers(0, 5)), max_size=5
    ),
)
def test_any_sheet_at_all(rows, corners):
    merged = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in corners]
    table = find_table(SheetGrid("表", rows, merged=merged), SECRETARIES)
    if table is not None:
        numbers = [row.number for row in table.rows]
        assert numbers == sorted(set(numbers))
        assert all(number > table.header_rows[-1] for number in numbers)
        found = [column.key for column in table.columns if column.key]
        assert len(found) == len(set(found)) >= 2

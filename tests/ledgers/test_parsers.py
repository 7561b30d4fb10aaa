"""Cells into values; every failure in words that help."""

import datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banzhuang.core.dates import PartialDate
from banzhuang.ledgers.parsers import (
    Amount,
    Choice,
    IdNumber,
    Integer,
    Parsed,
    PartialDateParser,
    PersonName,
    Phone,
    Problem,
    Text,
    Uscc,
    YesNo,
)
from banzhuang.ledgers.village_names import VillageName

CONTEXT = SimpleNamespace(
    villages={
        "西响石": "320707109216", "西响石村": "320707109216", "响石西": "320707109216",
        "班庄村": "320707109200", "班庄": "320707109200", "石沟社区": "320707109222", "前闫庄村": "320707109203",
    },
    townships={"班庄镇"},
)  # fmt: skip
ALL = [
    Text(),
    PersonName(),
    Integer(),
    Amount(),
    Choice({"男": 1}),
    YesNo(),
    PartialDateParser(),
    IdNumber(),
    Uscc(),
    Phone(),
    VillageName(),
]


def value(parser, cell):
    parsed = parser.parse(cell, CONTEXT)
    assert parsed.problem is None, parsed.problem
    return parsed.value


def problem(parser, cell) -> Problem:
    parsed = parser.parse(cell, CONTEXT)
    assert parsed.value is None
    return parsed.problem


def message(parser, cell) -> str:
    found = problem(parser, cell)
    assert found.severity == "error"
    assert found.remedy.endswith("。")
    return found.message


@pytest.mark.parametrize("parser", ALL, ids=lambda parser: type(parser).__name__)
@pytest.mark.parametrize("cell", [None, "", "  ", "——", "－", "/", "—"])
def test_cells_that_hold_nothing(parser, cell):
    assert parser.parse(cell, CONTEXT) == Parsed(None)


@pytest.mark.parametrize("parser", ALL, ids=lambda parser: type(parser).__name__)
def test_errors_of_excel(parser):
    assert message(parser, "#DIV/0!") == "公式出错，结果是 #DIV/0!。"


@pytest.mark.parametrize("parser", ALL, ids=lambda parser: type(parser).__name__)
@given(
    cell=st.one_of(
        st.text(max_size=20),
        st.integers(),
        st.floats(),
        st.booleans(),
        st.dates(),
        st.datetimes(),
        st.decimals(),
    )
)
def test_any_cell_at_all(parser, cell):
    parsed = parser.parse(cell, CONTEXT)
    if parsed.problem:
        assert parsed.problem.message.endswith("。") and parsed.problem.remedy.endswith("。")
        assert not {"！", "请您", "抱歉"} & {*parsed.problem.message, parsed.problem.remedy}


def test_text():
    assert value(Text(), " 房屋漏雨，\n已修 ") == "房屋漏雨，\n已修"
    assert value(Text(), "=房屋漏雨") == "=房屋漏雨"
    assert value(Text(), "无") == "无"
    assert value(Text(), 2018.0) == "2018"
    assert value(Text(), 0.1 + 0.2) == "0.3"
    assert value(Text(), datetime.date(2018, 8, 5)) == "2018-08-05"
    assert message(Text(3), "一二三四") == "有 4 个字，最多 3 个字。"


def test_person_names():
    assert value(PersonName(), "张　三 ") == "张三"
    assert value(PersonName(), "无") is None
    assert message(PersonName(), 44) == "姓名是数字或日期。"


@pytest.mark.parametrize("cell", ["空缺", "（空缺）", "待定", "暂缺", "待选"])
def test_a_post_that_nobody_holds_makes_no_person(cell):
    assert value(PersonName(), cell) is None


@pytest.mark.parametrize("cell", ["1.张三", "２、张三", "张三/李四", "张*三", "张三*"])
def test_more_than_a_name_is_no_name(cell):
    assert message(PersonName(), cell) == "姓名里有编号、斜线或星号。"


@pytest.mark.parametrize("cell", ["阿布都·热合曼", "张三1", "𠮷田", "John Smith", "缺建国"])
def test_names_that_are_unusual(cell):
    assert value(PersonName(), cell) == cell


@pytest.mark.parametrize(
    ("cell", "number"), [(4, 4), (4.0, 4), ("4", 4), (" ４ 人", 4), ("1,234户", 1234), ("0", 0), ("无", None)]
)
def test_integers(cell, number):
    assert value(Integer(), cell) == number


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("四", "不是数字。"),
        ("4人5", "不是数字。"),
        (4.5, "4.5 不是整数。"),
        (-1, "-1 不在 0–20 之间。"),
        (21, "21 不在 0–20 之间。"),
        (True, "不是数字。"),
        (datetime.date(2018, 8, 5), "不是数字。"),
    ],
)
def test_wrong_integers(cell, words):
    assert message(Integer(0, 20), cell) == words


@pytest.mark.parametrize(
    ("unit", "cell", "yuan"),
    [
        ("元", 12.5, "12.50"),
        ("元", "1,234.56元", "1234.56"),
        ("万元", 8990, "89900000.00"),
        ("万元", "8990元", "8990.00"),
        ("万元", "1.5亿元", "150000000.00"),
        ("千元", 2106, "2106000.00"),
        ("万元", 0.1 + 0.2, "3000.00"),
        ("元", "五", None),
        ("元", "12吨", None),
        ("元", "1.234", None),
        ("元", -5, None),
    ],
)
def test_amounts_of_money_come_in_yuan(unit, cell, yuan):
    parsed = Amount(unit).parse(cell)
    assert parsed.value == (None if yuan is None else Decimal(yuan))
    assert (parsed.problem is None) == (yuan is not None)


def test_other_amounts_stay_in_their_unit():
    assert value(Amount("吨"), 49.7) == Decimal("49.70")
    assert value(Amount("吨"), "49.7吨") == Decimal("49.70")
    assert message(Amount("吨"), "49.7万元") == "数字后面的“万元”不是这一列的单位。"
    assert value(Amount("元", negative=True), "−3") == Decimal(-3)


def test_the_unit_of_the_table_reaches_the_parser():
    assert value(Amount("万元").in_unit("千元"), 1) == Decimal(1000)
    assert value(Amount("元").in_unit("万元、亩"), 1) == Decimal(10_000)
    assert value(Amount("亩").in_unit("万元、亩"), 1) == Decimal(1)
    assert value(Amount("万元").in_unit(""), 1) == Decimal(10_000)
    assert isinstance(Text().in_unit("万元"), Text)


SEX = Choice({"男": "male", "女": "female", "男性": "male"})


def test_choices_take_labels_and_synonyms():
    assert value(SEX, "男 ") == value(SEX, "男性") == "male"
    assert SEX.label("male") == "男"
    assert value(Choice({"无": "none", "低保": "low"}), "无") == "none"
    assert value(Choice({"Ａ级": "a"}), "a级") == "a"


def test_choices_never_take_numbers():
    for cell in (1, 2.0, "1", "０１"):
        assert message(SEX, cell) == "填的是数字代码。"
    assert problem(SEX, 1).remedy == "填写文字：男、女。"


def test_a_wrong_choice_lists_at_most_eight():
    assert problem(SEX, "其他").message == "不是这一列可选的内容。"
    assert problem(SEX, "其他").remedy == "填写男、女。"
    many = Choice({f"第{number}种": number for number in range(12)})
    assert (
        problem(many, "其他").remedy
        == "填写第0种、第1种、第2种、第3种、第4种、第5种、第6种、第7种等 12 种之一。"
    )


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("是", True),
        ("√", True),
        ("Y", True),
        ("yes", True),
        (True, True),
        ("否", False),
        ("×", False),
        ("n", False),
        (False, False),
        ("无", False),
    ],
)
def test_yes_and_no(cell, expected):
    assert value(YesNo(), cell) is expected
    assert YesNo().label(expected) == ("是" if expected else "否")


def test_yes_or_no_is_not_a_number():
    assert problem(YesNo(), 1).remedy == "填写文字：是或否（√、× 也可以）。"


def test_dates():
    assert value(PartialDateParser(), "2018年8月") == PartialDate(datetime.date(2018, 8, 1), "month")
    assert value(PartialDateParser(), "无") is None
    assert message(PartialDateParser(), "1965.13.6") == "月份是 13，应在 1–12 之间。"
    assert message(PartialDateParser("day"), "2018.8") == "只写到2018年8月。"
    assert message(PartialDateParser("month"), 2018) == "只写到2018年。"
    assert value(PartialDateParser("month"), "2018.8").iso() == "2018-08"


def test_an_ambiguous_date_is_a_warning_without_value():
    found = problem(PartialDateParser(), 2018.1)
    assert found == Problem(
        "warning",
        "数字 2018.1 可能是2018年1月，也可能是2018年10月。",
        "这一格不导入，其余照常；要导入，在表里写成文字 2018-01 或 2018-10。",
    )


def test_identity_numbers():
    assert value(IdNumber(), "'71000019800322635x ") == "71000019800322635X"
    found = problem(IdNumber(), "710000198111089351")
    assert found.message == "身份证号末位校验不符，号码里至少有一位写错。"
    assert found.remedy == "请对照身份证原件逐位核对后改正，不要只改末位。"
    assert message(IdNumber(), 710000195510238976) == "身份证号以数字保存，末几位已丢失。"
    assert message(IdNumber(), datetime.date(2018, 8, 5)) == "不是号码。"


def test_credit_codes_and_phones():
    assert value(Uscc(), "91320707ma0000001f") == "91320707MA0000001F"
    assert value(Phone(), 13900001062) == "13900001062"
    assert value(Phone(), "13900001062/0518-87651234") == "13900001062、051887651234"
    assert message(Phone(), "1390000106") == "手机号应为 11 位，这里是 10 位。"


@pytest.mark.parametrize(
    "cell",
    [
        "西响石",
        "西响石村",
        "西响石村委会",
        "西响石村民委员会",
        "西响石村委",
        " 西响石 村",
        "响石西",
        "班庄镇西响石村",
        "320707109216",
        320707109216,
    ],
)
def test_a_village_by_any_of_its_names(cell):
    assert value(VillageName(), cell) == "320707109216"


def test_a_village_whose_name_begins_with_that_of_the_township():
    assert value(VillageName(), "班庄") == value(VillageName(), "班庄镇班庄村") == "320707109200"
    assert value(VillageName(), "石沟") == value(VillageName(), "石沟村") == "320707109222"


@pytest.mark.parametrize("cell", ["赣榆区班庄镇西响石村", "江苏省连云港市赣榆区班庄镇西响石"])
def test_a_village_with_all_that_it_lies_in(cell):
    assert value(VillageName(), cell) == "320707109216"


@pytest.mark.parametrize("cell", ["城头镇西响石村", "赣榆区城头镇西响石村", "某某乡西响石"])
def test_a_village_of_another_township_that_has_the_name_of_one_of_ours(cell):
    assert message(VillageName(), cell) == "没有这个村，或不在账号的范围内。"


def test_of_names_within_what_is_written_the_longest_is_offered():
    assert problem(VillageName(), "西响石村(社区)").remedy == "是不是西响石村？按村名改正。"


def test_an_unknown_village():
    assert message(VillageName(), "东响石") == "没有这个村，或不在账号的范围内。"
    assert problem(VillageName(), "前闫庄村一组").remedy == "是不是前闫庄村？按村名改正。"
    assert problem(VillageName(), "320707109999").severity == "error"

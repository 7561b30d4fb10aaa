"""Lines above a table."""

import datetime

import pytest

from banzhuang.ledgers.grid import SheetGrid
from banzhuang.ledgers.metadata import is_metadata, read_metadata


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            ["填报单位（盖章）：中共班庄镇委员会      填报日期：2022年3月31日"],
            {"填报单位": "中共班庄镇委员会", "填报日期": "2022年3月31日"},
        ),
        (["填报单位：班庄镇填报人：张三"], {"填报单位": "班庄镇", "填报人": "张三"}),
        (["填 报 单 位：班庄镇", None, "填报时间: 2022.3"], {"填报单位": "班庄镇", "填报日期": "2022.3"}),
        (
            ["填报单位：", "班庄镇", None, "填报日期：", datetime.date(2022, 3, 31)],
            {"填报单位": "班庄镇", "填报日期": "2022-03-31"},
        ),
        (["填报人：          联系电话："], {}),
        (["填报人：      联系电话：0518-87651234"], {"联系电话": "051******1234"}),
        (["单位：万元"], {"单位": "万元"}),
        (["计量单位：千元"], {"单位": "千元"}),
        (["（单位：吨）"], {"单位": "吨"}),
        (["单位 万元"], {"单位": "万元"}),
        (
            ["截止日期：2022年5月31日", None, "单位：万元、亩"],
            {"截止日期": "2022年5月31日", "单位": "万元、亩"},
        ),
        (["单位（盖章）：班庄镇人民政府"], {"填报单位": "班庄镇人民政府"}),
        (["单位：班庄镇"], {"填报单位": "班庄镇"}),
        (["报告期：2022年4月"], {"期间": "2022年4月"}),
        (["制表：赵六  复核：钱七"], {"制表": "赵六 复核：钱七"}),
        (["文号：班办发〔2022〕5号"], {"文号": "班办发〔2022〕5号"}),
        (["没有冒号的一行", "又一格"], {}),
    ],
)
def test_lines(cells, expected):
    assert read_metadata(SheetGrid("表", [cells]), 1) == ("", expected)


@pytest.mark.parametrize(
    ("title", "period"),
    [
        ("班庄镇2022年1—5月村级垃圾清运总量通报表", "2022年1—5月"),
        ("规模以上工业企业主要经济指标（2022年4月）", "2022年4月"),
        ("2022年一季度考核表", "2022年一季度"),
        ("2022年上半年小结", "2022年上半年"),
        ("班庄镇2022年度工作表", "2022年度"),
        ("班庄镇 2022 年名册", "2022年"),
        ("村党组织书记信息表", None),
    ],
)
def test_the_title_and_its_period(title, period):
    rows = [["附件2"], [], [title], ["表头"]]
    found, metadata = read_metadata(SheetGrid("表", rows), 3)
    assert found.startswith(title[:4].replace(" ", ""))
    assert metadata.get("期间") == period


def test_a_line_names_the_period_before_the_title():
    rows = [["2022年通报"], ["统计期间：2022年1—5月"]]
    assert read_metadata(SheetGrid("表", rows), 2)[1] == {"期间": "2022年1—5月"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("填报单位：班庄镇", True),
        ("填报日期：", True),
        ("单位：万元", True),
        ("姓名", False),
        ("姓名：", False),
        ("投资额（单位：万元）", False),
        ("单位", False),
    ],
)
def test_a_header_is_no_such_line(text, expected):
    assert is_metadata(text) is expected


def test_the_period_may_stand_below_the_title():
    rows = [["村级垃圾清运总量通报表"], ["（2022年1—5月）"], ["2021年"]]
    assert read_metadata(SheetGrid("表", rows), 3) == ("村级垃圾清运总量通报表", {"期间": "2022年1—5月"})

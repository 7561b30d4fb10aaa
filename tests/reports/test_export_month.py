"""manage.py export_month: a file, or one Chinese sentence and status 2."""

import datetime

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from banzhuang.reports.making import make_month, publish
from banzhuang.reports.models import MonthlyWorkbook
from cadres.models import Post

from .conftest import TOWNSHIP

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("township", "july")]


def export(*arguments):
    call_command("export_month", *map(str, arguments))


def refused(capsys, *arguments) -> str:
    with pytest.raises(SystemExit) as stopped:
        export(*arguments)
    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err.strip()


def test_writes_the_month_and_leaves_the_archive_alone(office, tmp_path, capsys):
    target = tmp_path / "六月.xlsx"
    export("2026-06", "--out", target)
    assert load_workbook(target).sheetnames[0] == "封面"
    assert not MonthlyWorkbook.objects.exists()
    assert "未发布" in capsys.readouterr().out


def test_a_published_month_comes_out_as_it_was_published(office, tmp_path, capsys):
    publish(make_month(TOWNSHIP, datetime.date(2026, 6, 1), office), office)
    Post.objects.update(selection=Post.Selection.ELECTION)
    export("2026-06", "--out", tmp_path / "a.xlsx", "--township", TOWNSHIP)
    published = MonthlyWorkbook.objects.get()
    with published.file.open("rb") as kept:
        assert (tmp_path / "a.xlsx").read_bytes() == kept.read()
    assert "发布后有" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["2026-13"], "月份“2026-13”看不懂，应写成 2026-06 这样的形式。"),
        (["六月"], "月份“六月”看不懂，应写成 2026-06 这样的形式。"),
        (["2027-01"], "2027年1月还没有到，不能生成月报。"),
        (
            ["2026-06", "--township", "320707999"],
            "没有代码为 320707999 的镇，镇的区划代码是 9 位数字，如 320707109。",
        ),
    ],
)
def test_refusals(office, tmp_path, capsys, arguments, sentence):
    target = tmp_path / "x.xlsx"
    assert refused(capsys, *arguments, "--out", target) == sentence
    assert not target.exists()


def test_a_folder_that_is_not_there(office, tmp_path, capsys):
    sentence = refused(capsys, "2026-06", "--out", tmp_path / "没有" / "x.xlsx")
    assert sentence == f"文件写不到 {tmp_path / '没有'}。换一个已有的、可以写入的文件夹。"


def test_without_users_the_township_must_be_named(tmp_path, capsys):
    assert refused(capsys, "2026-06", "--out", tmp_path / "x.xlsx").startswith(
        "还没有任何镇的账号，用 --township"
    )


def test_with_two_townships_they_are_listed(office, outsider, tmp_path, capsys):
    from villages.models import Township

    Township.objects.create(code="320707100", name="青口镇")
    sentence = refused(capsys, "2026-06", "--out", tmp_path / "x.xlsx")
    assert sentence == "有多个镇，用 --township 写明是哪一个：320707100 青口镇、320707109 班庄镇。"

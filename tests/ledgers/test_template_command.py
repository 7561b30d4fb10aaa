"""manage.py ledger_template, as the contract says."""

import openpyxl
import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def test_writes_the_template_with_the_villages_of_the_township(villages, tmp_path, capsys):
    call_command("ledger_template", "secretaries", out=str(tmp_path / "模板.xlsx"))
    sheet = openpyxl.load_workbook(tmp_path / "模板.xlsx").worksheets[0]
    assert [cell.value for cell in sheet[3]][:3] == ["*村", "*姓名", "性别"]
    rule = next(rule for rule in sheet.data_validations.dataValidation if "A4:" in str(rule.sqref))
    assert rule.formula1 == '"西响石村,李小湾村"'
    assert "村党组织书记的模板" in capsys.readouterr().out


def test_an_unknown_kind_is_one_sentence(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("ledger_template", "nonsense", out=str(tmp_path / "模板.xlsx"))
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("没有“nonsense”这种台账，能用的有：villages（村庄基本情况）")
    assert len(said.err.splitlines()) == 1
    assert not (tmp_path / "模板.xlsx").exists()


def test_where_it_cannot_be_written_is_one_sentence(villages, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("ledger_template", "visits", out=str(tmp_path / "没有" / "模板.xlsx"))
    assert ended.value.code == 2
    assert "没有这个文件夹" in capsys.readouterr().err

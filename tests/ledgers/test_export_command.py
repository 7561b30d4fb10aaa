"""`manage.py export_ledger`: the file, or one sentence and status 2."""

import openpyxl
import pytest
from django.core.management import call_command

from banzhuang.accounts.models import AuditEvent
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def run(capsys, *arguments):
    """→ (exit status, stdout, stderr)."""
    status = 0
    try:
        call_command("export_ledger", *map(str, arguments))
    except SystemExit as ended:
        status = ended.code
    said = capsys.readouterr()
    return status, said.out, said.err


def test_the_register_as_the_system_sees_it(villages, tmp_path, capsys):
    path = tmp_path / "村庄.xlsx"
    status, out, err = run(capsys, "villages", "--out", path)
    assert (status, err) == (0, "")
    assert "村庄基本情况 2 行" in out
    assert openpyxl.load_workbook(path).active.max_row == 5
    (event,) = AuditEvent.objects.filter(action="export")
    assert (event.detail["kind"], event.detail["rows"]) == ("villages", 2)


def test_as_a_user(village_cadre, tmp_path, capsys):
    path = tmp_path / "村庄.xlsx"
    assert run(capsys, "villages", "--out", path, "--user", village_cadre.username)[0] == 0
    assert openpyxl.load_workbook(path).active["A4"].value == "西响石村"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing", "--out", "a.xlsx"], "没有“nothing”这种台账"),
        (["cadres", "--out", "missing/a.xlsx"], "文件写不到 missing"),
        (["cadres", "--out", "a.xlsx", "--user", "nobody"], "没有用户“nobody”"),
        (["households", "--out", "a.xlsx", "--user", "jingfa"], "没有导出“困难户台账”的权限"),
    ],
)
def test_a_refusal_is_one_sentence(arguments, words, villages, tmp_path, capsys, monkeypatch):
    UserFactory(username="jingfa", role="economy")
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert words in err
    assert list(tmp_path.iterdir()) == []

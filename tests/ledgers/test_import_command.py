"""The commands, as the contract says: one JSON object, exit status, nothing left behind."""

import json
import tempfile
from io import StringIO

import pytest
from django.core.management import call_command

from banzhuang.ledgers.models import ImportBatch
from cadres.models import Cadre, Post
from tests import factories
from tests.factories import id_number

from .secretaries_book import person, register, roster

pytestmark = pytest.mark.django_db


def import_ledger(path, *options):
    out = StringIO()
    call_command("import_ledger", str(path), "--json", *options, stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def book(villages, tmp_path):
    Post.objects.all().delete()
    rows = [
        person(1, both="√"),
        person(2, village="李小湾村委会", start=2018.1, both="是"),
        person(3, village="李小湾村", number=id_number(3)[:-1] + "?"),
    ]
    return register(tmp_path / "村党组织书记信息表.xlsx", rows)


def test_what_it_prints(book):
    found = import_ledger(book)
    assert found["kind"] == "secretaries"
    assert (found["sheets"], found["header_rows"]) == (["村书记"], {"村书记": [3, 4]})
    assert found["columns"]["文化程度/全日制"] == "education"
    assert found["columns"]["任现职时间"] == "start"
    assert found["unmatched"] == ["序号", "近三年考核"]
    assert found["metadata"] == {"填报单位": "中共班庄镇委员会", "填报日期": "2022年3月31日"}
    assert {name: found[name] for name in ("rows", "new", "changed", "same", "invalid")} == {
        "rows": 3, "new": 2, "changed": 0, "same": 0, "invalid": 1,
    }  # fmt: skip
    assert [(row["row"], row["sheet"]) for row in found["dropped"]] == [(8, "村书记"), (10, "村书记")]
    assert found["batch"] is None
    assert found["seconds"] >= 0


def test_errors_and_warnings_have_their_cell(book):
    found = import_ledger(book)
    (warning,) = found["warnings"]
    assert (warning["cell"], warning["row"], warning["column"], warning["value"]) == (
        "L6",
        6,
        "任现职时间",
        "2018.1",
    )
    error = next(error for error in found["errors"] if error["cell"] == "O7")
    assert error["value"].startswith("7100*****")
    assert "身份证号" in error["message"]


def test_the_sample_masks_and_keeps_precision(book):
    first, second = import_ledger(book)["sample"]
    assert first["village"] == "320707109216"
    assert (first["name"], first["sex"], first["born"], first["start"]) == (
        "张建乙",
        "男",
        "1975-03",
        "2019-02",
    )
    assert (first["selection"], first["origin"], first["education"]) == ("两推一选", "返乡", "高中")
    assert first["id_number"].startswith("7100****")
    assert first["phone"] == "139****0001"
    assert "start" not in second


def test_without_commit_nothing_is_written(book):
    import_ledger(book)
    assert not Post.objects.exists()
    assert not ImportBatch.objects.exists()


def test_commit_same_again_undo(book):
    batch = import_ledger(book, "--commit")["batch"]
    assert Post.objects.secretaries().count() == 2
    again = import_ledger(book)
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 2)
    call_command("undo_import", str(batch), stdout=StringIO())
    assert not Post.objects.exists()


@pytest.fixture
def refused(capsys):
    """refused(command, *arguments) → the one sentence on stderr of a command that ends with status 2."""

    def refusing(command, *arguments):
        with pytest.raises(SystemExit) as ended:
            call_command(command, *map(str, arguments))
        out, sentence = capsys.readouterr()
        assert (ended.value.code, out) == (2, "")
        assert sentence.endswith("。\n") and sentence.count("\n") == 1
        assert not ImportBatch.objects.exists()
        return sentence.strip()

    return refusing


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--kind", "无此种"], "没有“无此种”这种台账。"),
        (["--sheet", "无此表"], "文件里没有工作表“无此表”，只有：村书记。"),
        (["--user", "nobody"], "没有用户“nobody”，或已停用。"),
    ],
)
def test_refused_with_one_sentence_and_status_2(book, refused, options, sentence):
    assert refused("import_ledger", book, "--json", "--commit", *options) == sentence
    assert not Post.objects.exists()


def test_a_disabled_user_is_refused(book, refused, organisation_office):
    organisation_office.is_active = False
    organisation_office.save()
    assert "已停用" in refused("import_ledger", book, "--user", "zuzhi")


def test_all_or_nothing_with_an_error_writes_nothing_and_says_so(book):
    found = import_ledger(book, "--commit", "--all-or-nothing")
    assert (found["batch"], found["new"], found["invalid"]) == (None, 2, 1)
    assert not Post.objects.exists()
    assert not ImportBatch.objects.exists()
    out = StringIO()
    call_command("import_ledger", str(book), "--commit", "--all-or-nothing", stdout=out)
    assert out.getvalue().endswith("没有写入。\n")


def test_all_or_nothing_without_an_error_writes_all(villages, tmp_path):
    Post.objects.all().delete()
    path = register(tmp_path / "书记.xlsx", [person(1), person(2, village="李小湾村")])
    assert import_ledger(path, "--commit", "--all-or-nothing")["batch"]
    assert Post.objects.count() == 2


def test_kind_and_sheet_can_be_said(book):
    found = import_ledger(book, "--kind", "secretaries", "--sheet", "村书记")
    assert (found["kind"], found["sheets"]) == ("secretaries", ["村书记"])


def test_in_words(book):
    out = StringIO()
    call_command("import_ledger", str(book), "--commit", stdout=out)
    first, *problems, last = out.getvalue().splitlines()
    assert first == "村党组织书记：3 行，新增 2，修改 0，不变 0，错误 1。"
    assert [line.split()[0] for line in problems] == ["B7", "O7", "L6"] or problems[0].startswith("  ")
    assert last == f"已写入，批次号 {ImportBatch.objects.get().pk}。"


def test_unreadable_file_leaves_nothing_behind(tmp_path, villages, refused, monkeypatch):
    path, scratch = tmp_path / "其实是文档.xlsx", tmp_path / "scratch"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    assert "文件已损坏" in refused("import_ledger", path, "--commit")
    assert list(scratch.iterdir()) == []


def test_missing_file(tmp_path, villages, refused):
    sentence = refused("import_ledger", tmp_path / "没有.xlsx")
    assert sentence == "打不开文件 没有.xlsx：没有这个文件，或没有读取的权限。"


def test_undo_of_an_unknown_batch(villages, refused):
    assert refused("undo_import", 99) == "不能撤销：没有批次 99。"


def test_undo_twice(book, capsys):
    batch = import_ledger(book, "--commit")["batch"]
    call_command("undo_import", str(batch), stdout=StringIO())
    with pytest.raises(SystemExit, match="2"):
        call_command("undo_import", str(batch))
    assert capsys.readouterr().err == "不能撤销：这一批的状态是“已撤销”，只有已提交的能撤销。\n"


def test_in_the_name_of_a_user_the_scope_holds(book, outsider):
    found = import_ledger(book, "--user", "waizhen")
    assert found["invalid"] == found["rows"] == 3


def test_a_user_without_the_right_is_refused(book, village_cadre, refused):
    assert refused("import_ledger", book, "--user", "cunganbu") == "没有导入这种台账的权限。"


def test_the_roster_of_leaders(villages, tmp_path):
    people = [("朱英", "党委书记", id_number(61)), ("胡燕", "镇长", id_number(62))]
    found = import_ledger(roster(tmp_path / "名册.xlsx", people), "--commit")
    assert (found["kind"], found["header_rows"], found["new"]) == ("cadres", {"Sheet": [2]}, 2)
    cadre = Cadre.objects.get(name="朱英")
    assert (cadre.category, cadre.position, cadre.scope_code) == ("leader", "党委书记", "320707109")


def test_two_with_one_number_in_a_roster(villages, tmp_path):
    people = [("朱英", "党委书记", id_number(61)), ("朱瑛", "镇长", id_number(61))]
    found = import_ledger(roster(tmp_path / "名册.xlsx", people))
    assert (found["new"], found["invalid"]) == (1, 1)
    assert "与第 3 行重复" in found["errors"][0]["message"]


def test_a_villages_own_user_cannot_bring_a_roster(tmp_path):
    villages = factories.township_with(1)
    user = factories.UserFactory(scope=villages[0].code, role="organisation")
    found = import_ledger(
        roster(tmp_path / "名册.xlsx", [("朱英", "党委书记", id_number(61))]), "--user", user.username
    )
    assert found["invalid"] == 1

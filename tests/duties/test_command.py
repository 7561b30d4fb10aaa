"""`manage.py duties`: of a day, of whom, as JSON and in words; what it refuses."""

import json

import pytest
from django.core.management import call_command

from banzhuang.duties.duty import State
from cadres.models import Post
from tests.factories import UserFactory

from .rules import add_rule

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]


@pytest.fixture
def listed(capsys):
    """listed("--user", "zuzhi") → the parsed JSON."""

    def calling(*options):
        call_command("duties", *options, "--json")
        return json.loads(capsys.readouterr().out)

    return calling


@pytest.fixture
def vacancy(villages):
    """西响石村 without a secretary since 1 March."""
    Post.objects.filter(organisation__village=villages[0]).update(end="2026-03-01", end_reason="age")
    return Post.objects.get(organisation__village=villages[0], title="secretary").organisation


def test_an_entry(listed, vacancy):
    assert listed() == [
        {
            "rule": "m1.vacancy",
            "words": "选准带头人……产生村党组织书记",
            "owes": "组织办",
            "owes_user": None,
            "about": "西响石村党组织选任书记",
            "due": "2026-04-30",
            "state": "逾期",
            "url": f"/cadres/secretaries/{vacancy.pk}/succession/",
        }
    ]


def test_of_an_earlier_day(listed, vacancy):
    assert listed("--on", "2026-02-28") == []
    assert [item["state"] for item in listed("--on", "2026-04-30")] == ["临近"]
    assert [item["state"] for item in listed("--on", "2026-05-01")] == ["逾期"]


def test_what_a_user_owes_and_what_is_seen(listed, vacancy, organisation_office, leader, outsider):
    assert len(listed("--user", "zuzhi")) == 1
    assert listed("--user", leader.username) == []
    assert len(listed("--seen-by", leader.username)) == 1
    assert listed("--seen-by", "waizhen") == []


def test_a_village_owes_and_sees_its_own(listed, villages, village_cadre, monkeypatch):
    add_rule(monkeypatch, owes="village")
    assert [item["owes"] for item in listed()] == ["西响石村", "李小湾村"]
    for option in ("--user", "--seen-by"):
        assert [item["owes"] for item in listed(option, "cunganbu")] == ["西响石村"]


def test_a_persons_duty_names_the_account(listed, villages, monkeypatch):
    staff = UserFactory(username="sunjg", name="孙建国", role="staff")
    add_rule(monkeypatch, owner=staff)
    found = listed("--user", "sunjg")
    assert [(item["owes"], item["owes_user"], item["due"]) for item in found] == [
        ("孙建国", "sunjg", "2026-07-12")
    ] * 2


def test_all_states_are_said(listed, villages, monkeypatch):
    for count, state in enumerate(State):
        add_rule(monkeypatch, state=state, due=None, code=f"m14.test{count}")
    found = listed()
    assert [item["state"] for item in found][::2] == ["逾期", "临近", "正常", "已完成", "免除"]
    assert {item["due"] for item in found} == {None}


def test_in_words(capsys, vacancy, monkeypatch):
    add_rule(monkeypatch, owes="village", state=State.DONE)
    call_command("duties")
    assert capsys.readouterr().out.splitlines() == [
        "2026-07-15 待办 3 项：逾期 1，已完成 2。",
        "逾期    2026-04-30  组织办    党组织无书记  西响石村党组织选任书记（组织办 · 3月1日起空缺 · 超 76 天）",
        "已完成  2026-07-12  西响石村  每周走访      西响石村走访（本周 0 次）",
        "已完成  2026-07-12  李小湾村  每周走访      李小湾村走访（本周 0 次）",
    ]


def test_nothing_in_words(capsys, villages):
    call_command("duties")
    assert capsys.readouterr().out == "2026-07-15 待办 0 项。\n"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--user", "meiyou"], "没有用户“meiyou”，或已停用。"),
        (["--seen-by", "tingyong"], "没有用户“tingyong”，或已停用。"),
        (["--on", "2026-13-01"], "日期“2026-13-01”看不懂，应写成 2026-07-01 这样的形式。"),
        (["--on", "0001-01-01"], "日期“0001-01-01”看不懂，应写成 2026-07-01 这样的形式。"),
        (["--user", "a", "--seen-by", "b"], "--user 和 --seen-by 只能写一个。"),
    ],
)
def test_refusals(capsys, options, sentence):
    UserFactory(username="tingyong", is_active=False)
    with pytest.raises(SystemExit) as stopped:
        call_command("duties", *options, "--json")
    said = capsys.readouterr()
    assert (stopped.value.code, said.out, said.err) == (2, "", f"{sentence}\n")

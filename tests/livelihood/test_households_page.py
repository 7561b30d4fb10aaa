"""困难户名册: filters, order, the day, and what each account is shown of it."""

import datetime

import pytest

from livelihood.models import HouseholdLabel, HouseholdYear
from tests.factories import (
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    NeedFactory,
    TownshipFactory,
    UserFactory,
    VillageFactory,
    VisitFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
URL = "/livelihood/households/"
DAY = datetime.date(2026, 7, 15)


@pytest.fixture
def register(client, leader, villages):
    """register(user=leader, **query) → the response."""

    def opening(user=leader, **query):
        client.force_login(user)
        return client.get(URL, query)

    return opening


@pytest.fixture
def zhang(villages, leading_cadre):
    """张福永 of 西响石村: 低保, ill, looked after by 马强, seen 5 days ago, with an open need."""
    household = HouseholdFactory(village=villages[0], head="张福永", number="XS-017")
    ContactFactory(household=household, cadre=leading_cadre)
    HouseholdLabel.objects.create(household=household, kind="minimum", start=datetime.date(2024, 1, 1))
    HouseholdYear.objects.create(household=household, year=2024, members=5, cause="disaster")
    HouseholdYear.objects.create(household=household, year=2025, members=4, cause="illness")
    VisitFactory(household=household, visitor=leading_cadre, date=datetime.date(2026, 7, 10))
    NeedFactory(household=household, raised_on=datetime.date(2026, 7, 10), due=datetime.date(2026, 7, 17))
    return household


@pytest.fixture
def sun(villages):
    """孙燕生 of 李小湾村: 特困 until last year, without a contact, never seen."""
    household = HouseholdFactory(village=villages[1], head="孙燕生")
    HouseholdLabel.objects.create(
        household=household,
        kind="destitute",
        start=datetime.date(2020, 1, 1),
        end=datetime.date(2025, 7, 1),
    )
    return household


@pytest.fixture
def chen(villages):
    """陈梅新 of 西响石村, looked after by 林桂, seen 31 days ago."""
    household = HouseholdFactory(village=villages[0], head="陈梅新")
    contact = ContactFactory(household=household, cadre=LeaderFactory(name="林桂"))
    VisitFactory(household=household, visitor=contact.cadre, date=datetime.date(2026, 6, 14))
    return household


@pytest.fixture
def three(zhang, sun, chen):
    return zhang, sun, chen


def heads(response):
    return [row["cells"][0]["text"] for row in response.context["table"]["rows"]]


def line(response, head):
    table = response.context["table"]
    labels = [column["label"] for column in table["columns"]]
    row = next(row for row in table["rows"] if row["cells"][0]["text"] == head)
    return dict(zip(labels, [(cell["text"], cell.get("state", "")) for cell in row["cells"]], strict=True))


def test_what_stands_in_a_line(register, three):
    found = line(register(), "张福永")
    assert found == {
        "户主": ("张福永", ""),
        "村": ("西响石", ""),
        "组": ("3组", ""),
        "类别": ("低保", ""),
        "人口": ("4", ""),
        "致贫原因": ("因病", ""),
        "联系领导": ("马强", ""),
        "上次走访": ("2026-07-10，5 天前", ""),
        "诉求": ("1 件", "near"),
    }
    assert line(register(), "孙燕生")["联系领导"] == ("未结对", "bad")
    assert line(register(), "孙燕生")["上次走访"] == ("没有走访过", "")
    assert line(register(), "陈梅新")["上次走访"] == ("2026-06-14，31 天前", "bad")


def test_the_order_is_by_village_then_initials(register, three):
    assert heads(register()) == ["陈梅新", "张福永", "孙燕生"]


def test_sorted_by_the_last_visit_both_ways(register, three):
    assert heads(register(order="visited")) == ["孙燕生", "陈梅新", "张福永"]
    assert heads(register(order="-visited")) == ["张福永", "陈梅新", "孙燕生"]
    assert 'aria-sort="ascending"' in register(order="visited").content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "福永"}, ["张福永"]),
        ({"q": "ZFY"}, ["张福永"]),
        ({"q": "XS-0"}, ["张福永"]),
        ({"q": "乌有"}, []),
        ({"label": "minimum"}, ["张福永"]),
        ({"label": "destitute"}, []),
        ({"label": "destitute", "on": "2025-06-30"}, ["孙燕生"]),
        ({"cause": "illness"}, ["张福永"]),
        ({"cause": "disaster"}, []),
        ({"cause": "disaster", "on": "2024-12-31"}, ["张福永"]),
        ({"state": "unseen"}, ["陈梅新"]),
        ({"state": "uncontacted"}, ["孙燕生"]),
        ({"state": "needs"}, ["张福永"]),
        ({"state": "needs", "on": "2026-07-09"}, []),
        ({"state": "unseen", "q": "梅新"}, ["陈梅新"]),
    ],
)
def test_filters(register, three, query, found):
    assert heads(register(**query)) == found


def test_by_village_and_by_leader(register, three, villages, leading_cadre):
    assert heads(register(village=villages[1].code)) == ["孙燕生"]
    assert heads(register(**{"in": villages[1].code})) == ["孙燕生"]
    assert heads(register(leader=leading_cadre.pk)) == ["张福永"]


@pytest.mark.parametrize(
    "query", [{"label": "x"}, {"leader": "0"}, {"state": "'"}, {"page": "x"}, {"order": "head"}]
)
def test_an_unknown_value_counts_as_none(register, three, query):
    assert len(heads(register(**query))) == 3
    assert not register(**query).context["filter"].active


def test_filters_keep_the_day_and_the_order(register, three):
    page = register(on="2026-07-14", order="visited", q="张")
    assert page.context["filter"].kept == [("on", "2026-07-14"), ("order", "visited")]
    assert "on=2026-07-14" in page.context["filter"].link(state="needs")


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2022-01-01", ["陈梅新", "张福永", "孙燕生"]),
        ("2021-12-31", []),
        ("2026-06-30", ["陈梅新", "张福永", "孙燕生"]),
        ("2026-07-01", ["陈梅新", "张福永"]),
    ],
)
def test_the_register_of_the_day(register, three, day, found):
    sun = three[1]
    sun.removed_on, sun.removal_reason = datetime.date(2026, 7, 1), "moved"
    sun.save()
    assert heads(register(on=day)) == found


def test_what_is_empty_says_what_to_do(register, villages):
    assert "把现有的台账原样导入" in register().content.decode()
    assert "去掉一个筛选条件再看。" in register(q="乌有").content.decode()


def test_a_village_sees_its_own(register, three, village_cadre):
    assert heads(register(village_cadre)) == ["陈梅新", "张福永"]


def test_a_cadre_of_the_offices_sees_the_own_ones(register, three, villages):
    user = UserFactory(role="staff", name="赵干事")
    mine = HouseholdFactory(village=villages[1], head="吴老")
    ContactFactory(household=mine, cadre=LeaderFactory(name="赵干事", user=user))
    page = register(user)
    assert heads(page) == ["吴老"]
    assert "只列由您联系" in page.content.decode()
    assert [field["name"] for field in page.context["filter"].fields] == [
        "village",
        "label",
        "cause",
        "state",
    ]


def test_an_office_sees_those_whose_need_it_answers_and_no_more_of_them(register, three, villages):
    works = UserFactory(role="works")
    assert heads(register(works)) == []
    need = NeedFactory(household=three[1], handler="works", due=datetime.date(2026, 8, 1))
    assert list(line(register(works), "孙燕生")) == ["户主", "村", "组", "诉求"]
    need.closed_on, need.outcome, need.reply = DAY, "solved", "已经修好"
    need.save()
    assert heads(register(works)) == []


def test_who_has_no_business_there_is_refused(register, three, outsider):
    for role in ("auditor", "admin"):
        assert register(UserFactory(role=role)).status_code == 403
    assert heads(register(outsider)) == []


def test_no_number_and_no_health_in_the_list(register, zhang):
    zhang.phone, zhang.health = "13900001062", "disabled"
    zhang.save()
    text = register().content.decode()
    assert zhang.id_number not in text and "13900001062" not in text and "残疾" not in text.split("<tbody")[1]


def test_asks_as_often_for_44_villages(register, count_queries, zhang, leading_cadre):
    register()
    two = count_queries(register)
    for number in range(42):
        village = VillageFactory(township=TownshipFactory(), name=f"{number}号村")
        household = HouseholdFactory(village=village)
        ContactFactory(household=household, cadre=leading_cadre)
        VisitFactory(household=household, visitor=leading_cadre)
        NeedFactory(household=household)
    assert count_queries(register) == two
    assert len(heads(register())) == 43

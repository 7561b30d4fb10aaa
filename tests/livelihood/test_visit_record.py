"""Recording a visit: who may, for whom, which days, what is refused, and what it does to needs."""

import datetime

import pytest
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent
from banzhuang.core.dates import PartialDate
from livelihood.models import Visit, VisitPhoto
from tests.core import pictures
from tests.factories import (
    CadreFactory,
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    NeedFactory,
    UserFactory,
    VisitFactory,
)

from .visit_forms import address, errors, filled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]

MESSAGE = "已记 张福永户 的走访，本周走访 1 次。"


# --- Who, and for whom ----------------------------------------------------------------------------------


def test_a_leader_records_a_visit(ma_qiang, household, leading_cadre):
    answer = ma_qiang.post(address(household), filled(), follow=True)
    visit = Visit.objects.get()
    assert (visit.visitor, visit.household, visit.date) == (
        leading_cadre,
        household,
        datetime.date(2026, 7, 15),
    )
    assert (visit.topics, visit.heard, visit.result) == (["housing"], "东屋后坡漏雨", "solved")
    assert visit.scope_code == household.village.code and visit.in_log and visit.need is None
    assert answer.redirect_chain == [(reverse("visit_plan"), 302)]
    assert MESSAGE in answer.content.decode()


def test_one_event_of_the_trail(ma_qiang, household, leader):
    ma_qiang.post(address(household), filled())
    event = AuditEvent.objects.get(action="add")
    assert (event.user, event.subject) == (leader, "走访记录 2026-07-15 马强走访张福永户")


def test_the_form_says_who_is_visited_and_what_the_visit_brings(ma_qiang, household):
    page = ma_qiang.get(address(household)).content.decode()
    assert "张福永" in page and "西响石村 3组" in page
    assert "提交后本周走访 1 次，任务完成" in page
    assert 'value="2026-07-15"' in page


def test_the_visitor_is_oneself_whatever_is_sent(ma_qiang, household, leading_cadre):
    other = LeaderFactory(name="林桂")
    ma_qiang.post(address(household), filled(visitor=other.pk))
    assert Visit.objects.get().visitor == leading_cadre


def test_a_leader_records_a_visit_to_another_leaders_household(ma_qiang, villages, leading_cadre):
    other = ContactFactory(household=HouseholdFactory(village=villages[1]))
    page = ma_qiang.get(address(other.household)).content.decode()
    assert "这户不由马强联系，不计入马强的本周走访" in page
    ma_qiang.post(address(other.household), filled())
    assert Visit.objects.get().visitor == leading_cadre


def test_the_welfare_office_names_the_visitor(client, welfare_office, household, leading_cadre):
    client.force_login(welfare_office)
    form = client.get(address(household)).context["form"]
    assert form["visitor"].value() == leading_cadre.pk
    assert errors(client.post(address(household), filled()))["visitor"] == ["走访干部还没有选。"]
    client.post(address(household), filled(visitor=leading_cadre.pk))
    assert Visit.objects.get().visitor == leading_cadre


def test_only_who_may_visit_can_be_named(client, welfare_office, household, villages):
    client.force_login(welfare_office)
    clerk = CadreFactory(village=villages[0])
    abroad = UserFactory(scope="320707100")
    assert "visitor" in errors(client.post(address(household), filled(visitor=clerk.pk)))
    assert "visitor" in errors(client.post(address(household), filled(visitor=abroad.pk + 1000)))


def staff_with(villages, **household):
    user = UserFactory(role="staff", name="陆海")
    cadre = LeaderFactory(name="陆海", user=user, category="clerk")
    contact = ContactFactory(household=HouseholdFactory(village=villages[0], **household), cadre=cadre)
    return user, contact.household


def test_staff_record_for_their_own_households_alone(client, household, villages):
    user, own = staff_with(villages)
    client.force_login(user)
    assert client.get(address(household)).status_code == 404
    assert client.post(address(household), filled()).status_code == 404
    assert client.post(address(own), filled()).status_code == 302
    assert Visit.objects.get().visitor.user == user


def test_a_reader_is_refused_and_an_outsider_finds_nothing(client, village_cadre, outsider, household):
    client.force_login(village_cadre)
    assert client.get(address(household)).status_code == 403
    assert client.post(address(household), filled()).status_code == 403
    client.force_login(outsider)
    assert client.get(address(household)).status_code == 404
    assert not Visit.objects.exists()


def test_a_leader_who_is_no_cadre_cannot_record(client, household):
    client.force_login(UserFactory(role="leader"))
    assert client.get(address(household)).status_code == 403


# --- Which day ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "wrong"),
    [
        ("2026-07-14", None),
        ("2026-07-15", None),
        ("2026-07-16", "走访日期不能晚于今天（2026-07-15）。改成实际走访的日期。"),
        ("", "走访日期还没有写。"),
        ("七月", "日期看不懂，应写成 2026-07-01。"),
    ],
)
def test_not_after_today(ma_qiang, household, day, wrong):
    answer = ma_qiang.post(address(household), filled(date=day))
    assert (errors(answer)["date"] == [wrong]) if wrong else answer.status_code == 302


@pytest.mark.parametrize(("day", "status"), [("2026-03-09", 422), ("2026-03-10", 302), ("2026-03-11", 302)])
def test_not_before_the_household_was_registered(ma_qiang, household, day, status):
    household.registered = PartialDate(datetime.date(2026, 3, 10), "day")
    household.save()
    assert ma_qiang.post(address(household), filled(date=day)).status_code == status


@pytest.mark.parametrize(("day", "status"), [("2026-03-09", 302), ("2026-03-10", 422), ("2026-03-11", 422)])
def test_not_after_it_left_the_register(ma_qiang, household, day, status):
    household.removed = PartialDate(datetime.date(2026, 3, 10), "day")
    household.removal_reason = "moved"
    household.save()
    assert ma_qiang.post(address(household), filled(date=day)).status_code == status


# --- What was heard -------------------------------------------------------------------------------------


def test_nothing_heard_has_to_be_said(ma_qiang, household):
    answer = ma_qiang.post(address(household), filled(heard=" ", topics=None))
    assert errors(answer)["heard"] == ["反映情况还没有写。写户里反映的情况；没有反映的，点“没有”。"]
    assert "还有 1 处要改，改好就能提交。" in answer.content.decode()
    answer = ma_qiang.post(address(household), filled(heard="", topics=["nothing"], result="none"))
    assert answer.status_code == 302
    assert Visit.objects.get().topics == []


def test_nothing_and_something_contradict(ma_qiang, household):
    answer = ma_qiang.post(address(household), filled(topics=["nothing", "water"]))
    assert errors(answer)["topics"] == ["选了“没有”，又选了其他类别，去掉一边。"]


def test_nothing_typed_is_lost(ma_qiang, household):
    answer = ma_qiang.post(address(household), filled(date="2026-07-25", topics=["water", "work"]))
    page = answer.content.decode()
    assert "联系施工队本周到户查看" in page and 'value="2026-07-25"' in page
    assert page.count("checked") == 5  # two topics, half day, result, log


def test_line_breaks_count_once(ma_qiang, household):
    text = "\r\n".join(["一" * 99] * 5)
    assert len(text.replace("\r\n", "\n")) == 499
    assert ma_qiang.post(address(household), filled(heard=text)).status_code == 302
    assert Visit.objects.get().heard == text.replace("\r\n", "\n")


# --- Photos ---------------------------------------------------------------------------------------------


def test_photos_are_attached(ma_qiang, household, leader):
    ma_qiang.post(address(household), filled(photos=[pictures.photo(), pictures.photo(width=600)]))
    photos = VisitPhoto.objects.all()
    assert len(photos) == 2 and {photo.uploaded_by for photo in photos} == {leader}
    assert photos[0].scope_code == household.village.code and photos[0].longitude is None


def test_a_place_is_kept_where_the_setting_says_so(ma_qiang, household):
    from banzhuang.core.models import ParameterValue

    ParameterValue.objects.create(
        key="livelihood.keep_position", value="是", valid_from=datetime.date(2026, 1, 1)
    )
    tags = pictures.exif(place=pictures.PLACE)
    file = pictures.upload(pictures.encode(pictures.picture(), exif=tags))
    page = ma_qiang.get(address(household)).content.decode()
    assert "并去掉位置信息" not in page and 'data-whole="yes"' in page
    ma_qiang.post(address(household), filled(photos=[file]))
    assert float(VisitPhoto.objects.get().longitude) == pytest.approx(pictures.PLACE[0], abs=1e-4)


def test_what_is_no_photo_is_refused_and_the_good_one_waits(ma_qiang, household):
    bad = pictures.upload(b"not a picture", "说明.txt")
    answer = ma_qiang.post(address(household), filled(photos=[pictures.photo(), bad]))
    assert errors(answer)["photos"][0].startswith("第 2 张“说明.txt”")
    note = answer.content.decode().split('name="photos-waiting" value="')[1].split('"')[0]
    ma_qiang.post(address(household), filled(**{"photos-waiting": note}))
    assert VisitPhoto.objects.count() == 1


def test_seven_photos_are_one_too_many(ma_qiang, household):
    many = [pictures.photo(width=100 + number) for number in range(7)]
    assert (
        "最多 6 张照片，选了 7 张"
        in errors(ma_qiang.post(address(household), filled(photos=many)))["photos"][0]
    )


# --- By a script ----------------------------------------------------------------------------------------


def test_a_script_is_told_where_to_go(ma_qiang, household):
    answer = ma_qiang.post(address(household), filled(), headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"], answer["Visit-Saved"]) == (
        200,
        reverse("visit_plan"),
        "yes",
    )
    assert "已记 张福永户 的走访" in ma_qiang.get(reverse("visit_plan")).content.decode()


def test_a_script_gets_the_form_alone_with_its_errors(ma_qiang, household):
    answer = ma_qiang.post(address(household), filled(date=""), headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "<html" not in answer.content.decode() and "走访日期还没有写。" in answer.content.decode()


def test_after_the_session_a_script_is_sent_to_the_login(client, household):
    answer = client.post(address(household), filled(), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith(reverse("login")) and "Visit-Saved" not in answer


def test_it_asks_as_often_whatever_the_township_holds(
    ma_qiang, household, villages, leading_cadre, count_queries
):
    VisitFactory(household=household)
    NeedFactory(household=household)
    few = count_queries(lambda: ma_qiang.get(address(household)))
    for number in range(42):
        ContactFactory(household=HouseholdFactory(village=villages[1]), cadre=leading_cadre)
        VisitFactory(household=household, date=datetime.date(2026, 5, 1) + datetime.timedelta(number))
        NeedFactory(household=household)
    assert count_queries(lambda: ma_qiang.get(address(household))) == few

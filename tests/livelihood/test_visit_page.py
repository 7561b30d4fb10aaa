"""One visit: read with its photos, need and history; corrected by who made it; ten at once are one."""

import datetime
import threading

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent
from livelihood.models import Need, Visit, VisitPhoto
from tests.core import pictures
from tests.factories import (
    LeaderFactory,
    NeedFactory,
    UserFactory,
    VisitFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]


@pytest.fixture
def visit(household, leading_cadre):
    """马强 was with 张福永 on 14 July."""
    return VisitFactory(
        household=household,
        visitor=leading_cadre,
        date=datetime.date(2026, 7, 14),
        half_day="morning",
        topics=["water"],
    )


def edit(visit):
    return reverse("edit_visit", args=[visit.pk])


def filled(visit, **changes):
    body = {
        "read_version": visit.version,
        "date": visit.date.isoformat(),
        "half_day": visit.half_day,
        "topics": visit.topics or ["nothing"],
        "heard": visit.heard,
        "measures": visit.measures,
        "result": visit.result,
        "joins": visit.need_id or "",
    }
    return body | changes


# --- Reading --------------------------------------------------------------------------------------------


def test_all_of_the_visit_is_read(ma_qiang, visit):
    page = ma_qiang.get(visit.get_absolute_url()).content.decode()
    for text in ["张福永", "马强", "2026年7月14日 上午", "饮水", "饮水不便", "联系水务站", "当场解决"]:
        assert text in page
    assert edit(visit) in page


@pytest.mark.parametrize(("days", "late"), [(7, False), (8, True)])
def test_what_was_entered_late_is_marked(ma_qiang, visit, days, late):
    visit.date = datetime.date(2026, 7, 15) - datetime.timedelta(days)
    visit.save()
    page = ma_qiang.get(visit.get_absolute_url()).content.decode()
    assert ("补录" in page) == late


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "未答复，期限 7月21日"),
        ({"due": datetime.date(2026, 7, 14)}, "未答复，超 1 天"),
        ({"taken_on": datetime.date(2026, 7, 15)}, "办理中，期限 7月21日"),
        ({"closed_on": datetime.date(2026, 7, 15), "outcome": "solved", "reply": "已修好"}, "已解决"),
    ],
)
def test_its_need_is_said_with_its_state(ma_qiang, visit, facts, words):
    dates = {"raised_on": datetime.date(2026, 7, 14), "due": datetime.date(2026, 7, 21)}
    visit.need = NeedFactory(household=visit.household, **(dates | facts))
    visit.result = "pending"
    visit.save()
    page = ma_qiang.get(visit.get_absolute_url()).content.decode()
    assert "东屋漏雨" in page and words in page


def test_who_wrote_and_who_changed_it(ma_qiang, visit):
    ma_qiang.post(edit(visit), filled(visit, heard="水压不足"))
    page = ma_qiang.get(visit.get_absolute_url()).content.decode()
    assert "系统录入" in page and "马强改反映情况" in page


def test_a_reader_reads_and_does_not_change(client, village_cadre, visit):
    client.force_login(village_cadre)
    page = client.get(visit.get_absolute_url())
    assert page.status_code == 200 and edit(visit) not in page.content.decode()
    assert client.get(edit(visit)).status_code == 403
    assert client.post(edit(visit), filled(visit, heard="别的")).status_code == 403


def test_an_outsider_finds_nothing(client, outsider, visit):
    client.force_login(outsider)
    assert client.get(visit.get_absolute_url()).status_code == 404
    assert client.get(edit(visit)).status_code == 404


def test_staff_see_their_own_visits_alone(client, visit, household):
    user = UserFactory(role="staff")
    own = VisitFactory(household=household, visitor=LeaderFactory(user=user, category="clerk"))
    client.force_login(user)
    assert client.get(own.get_absolute_url()).status_code == 200
    assert client.get(visit.get_absolute_url()).status_code == 404


# --- Correcting -----------------------------------------------------------------------------------------


def test_ones_own_visit_is_corrected(ma_qiang, visit):
    answer = ma_qiang.post(edit(visit), filled(visit, heard="水压不足", date="2026-07-13"))
    assert answer.url == visit.get_absolute_url()
    visit.refresh_from_db()
    assert (visit.heard, visit.date, visit.version) == ("水压不足", datetime.date(2026, 7, 13), 2)
    event = AuditEvent.objects.get(action="change")
    assert event.detail == {"changes": {"走访日期": ["2026-07-14", "2026-07-13"]}, "fields": ["反映情况"]}


def test_anothers_visit_is_not(ma_qiang, household):
    other = VisitFactory(household=household, visitor__name="林桂")
    assert ma_qiang.get(other.get_absolute_url()).status_code == 200
    assert ma_qiang.post(edit(other), filled(other)).status_code == 403


def test_the_welfare_office_corrects_all(client, welfare_office, visit):
    client.force_login(welfare_office)
    assert client.post(edit(visit), filled(visit, heard="水压不足")).status_code == 302


def test_who_comes_second_is_shown_what_stands_there(ma_qiang, visit):
    read = filled(visit, topics=["housing"], heard="我写的")
    visit.heard = "别人写的"
    visit.save()
    answer = ma_qiang.post(edit(visit), read)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "反映情况现为“别人写的”" in page and "反映类别现为“饮水”" in page and "我写的" in page


def test_a_visit_is_not_moved_onto_another(ma_qiang, visit, household, leading_cadre):
    VisitFactory(household=household, visitor=leading_cadre, date=datetime.date(2026, 7, 13))
    answer = ma_qiang.post(edit(visit), filled(visit, date="2026-07-13"))
    assert "马强这一天走访这一户已记过" in answer.content.decode()
    assert answer.status_code == 422


def test_what_has_raised_a_need_stays_pending(ma_qiang, visit):
    ma_qiang.post(edit(visit), filled(visit, result="pending", handler="works", due="2026-07-22"))
    visit.refresh_from_db()
    need = visit.need
    assert need.raised_on == visit.date
    answer = ma_qiang.post(edit(visit), filled(visit, result="none"))
    assert "诉求怎样了结，在诉求里答复" in str(answer.context["form"].errors["result"])
    ma_qiang.post(edit(visit), filled(visit, heard="水压还是不足"))
    visit.refresh_from_db()
    assert visit.need == need and Need.objects.count() == 1


def test_a_visit_that_joined_a_need_may_leave_it(ma_qiang, visit, household):
    need = NeedFactory(household=household)
    VisitFactory(household=household, need=need, result="pending")
    visit.need, visit.result = need, "pending"
    visit.save()
    assert ma_qiang.post(edit(visit), filled(visit, result="none")).status_code == 302
    visit.refresh_from_db()
    assert visit.need is None


def test_nothing_heard_is_shown_as_nothing(ma_qiang, visit):
    visit.topics, visit.heard = [], ""
    visit.save()
    assert ma_qiang.get(edit(visit)).context["form"]["topics"].value() == ["nothing"]


# --- Photos ---------------------------------------------------------------------------------------------


@pytest.fixture
def with_photos(ma_qiang, visit, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    files = [pictures.photo(width=600 + number) for number in range(5)]
    ma_qiang.post(edit(visit), filled(visit, photos=files))
    visit.refresh_from_db()
    return visit


def address(photo, size="photo"):
    return reverse("visit_photo", args=[photo.pk, size])


def test_photos_are_shown_to_who_sees_the_visit(client, ma_qiang, with_photos, village_cadre, outsider):
    photo = with_photos.photos.first()
    page = ma_qiang.get(with_photos.get_absolute_url()).content.decode()
    assert address(photo, "thumbnail") in page and address(photo) in page
    assert ma_qiang.get(address(photo))["Content-Type"] == "image/jpeg"
    client.force_login(village_cadre)
    assert client.get(address(photo, "thumbnail")).status_code == 200
    client.force_login(outsider)
    assert client.get(address(photo)).status_code == 404


def test_photos_are_taken_away_and_added(ma_qiang, with_photos):
    first, *_ = VisitPhoto.objects.all()
    body = filled(with_photos, dropped=[first.pk], photos=[pictures.photo(width=500)])
    ma_qiang.post(edit(with_photos), body)
    kept = set(VisitPhoto.objects.values_list("pk", flat=True))
    assert len(kept) == 5 and first.pk not in kept


def test_six_photos_are_the_most(ma_qiang, with_photos):
    two = [pictures.photo(width=500), pictures.photo(width=501)]
    answer = ma_qiang.post(edit(with_photos), filled(with_photos, photos=two))
    assert "一次走访最多 6 张照片，现在是 7 张；去掉 1 张。" in answer.content.decode()


def test_photos_of_another_visit_are_not_taken_away(ma_qiang, with_photos, household):
    other = VisitFactory(household=household, visitor=with_photos.visitor, date=datetime.date(2026, 7, 1))
    photo = with_photos.photos.first()
    answer = ma_qiang.post(edit(other), filled(other, dropped=[photo.pk]))
    assert answer.status_code == 422 and VisitPhoto.objects.filter(pk=photo.pk).exists()


# --- At once --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_ten_submits_at_once_are_one_visit(household, leader):
    body = {
        "date": "2026-07-15",
        "topics": ["housing"],
        "heard": "东屋后坡漏雨",
        "result": "pending",
        "handler": "works",
        "due": "2026-07-22",
    }
    answers = []

    def submit():
        client = Client()
        client.force_login(leader)
        answers.append(client.post(reverse("record_visit", args=[household.pk]), body).status_code)
        connections.close_all()

    threads = [threading.Thread(target=submit) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302] * 10
    assert (Visit.objects.count(), Need.objects.count()) == (1, 1)
    assert AuditEvent.objects.filter(action="add").count() == 1

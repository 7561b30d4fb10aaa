"""任职 in the admin: scope, dates with their precision, one live secretary, two editors, one event for each act."""

import datetime

import pytest

from banzhuang.accounts.models import AuditEvent
from cadres.models import Post
from tests.factories import (
    OTHER_TOWNSHIP,
    CadreFactory,
    PostFactory,
    TownshipFactory,
    VillageFactory,
    id_number,
)

from .test_cadre_admin import errors, filled

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/cadres/post/", "/admin/cadres/post/add/"


@pytest.fixture
def office(client, organisation_office):
    client.force_login(organisation_office)
    return client


@pytest.fixture
def post(villages):
    post = Post.objects.get(organisation__village=villages[0])
    post.cadre.name = "李玉永"
    post.cadre.save()
    return post


@pytest.fixture
def foreign(db):
    village = VillageFactory(township=TownshipFactory(code=OTHER_TOWNSHIP, name="外镇"), name="外村")
    return PostFactory(organisation__village=village, cadre__name="外镇人")


def change(row):
    return f"{LIST}{row.pk}/change/"


def acts():
    return list(AuditEvent.objects.exclude(action="login").values_list("action", "subject"))


def test_the_list_is_of_the_scope_and_initials_find(office, post, foreign):
    rows = office.get(LIST).context["cl"].result_list
    assert [row.scope_code for row in rows] == [post.scope_code, "320707109217"]
    assert list(office.get(LIST, {"q": "lyy"}).context["cl"].result_list) == [post]


def test_added_with_the_precision_written_and_one_event(office, post, villages):
    deputy = CadreFactory(name="赵新", village=villages[0])
    sent = filled(
        office.get(ADD), cadre=deputy.pk, organisation=post.organisation_id, title="deputy_secretary",
        started="2026-03", term_ends="2031",
    )  # fmt: skip
    assert office.post(ADD, sent).status_code == 302
    added = Post.objects.get(cadre=deputy)
    assert (added.started.iso(), added.term_ends.iso(), added.ended) == ("2026-03", "2031", None)
    assert acts() == [("add", "任职 赵新 西响石村副书记")]


def test_changed_with_one_event(office, post):
    sent = filled(
        office.get(change(post)), ended="2026-06-10", end_reason="age", end_document="班委〔2026〕3号"
    )
    assert office.post(change(post), sent).status_code == 302
    post.refresh_from_db()
    assert (post.ended.iso(), post.end_reason, post.version) == ("2026-06-10", "age", 2)
    assert acts() == [("change", "任职 李玉永 西响石村书记")]


def test_a_second_secretary_is_refused_with_the_way_to_do_it(office, post, villages):
    sent = filled(
        office.get(ADD), cadre=CadreFactory(village=villages[0]).pk, organisation=post.organisation_id,
        title="secretary", started="2026-03",
    )  # fmt: skip
    page = office.post(ADD, sent)
    assert "换人用“书记接任”，前任会同时离任。" in page.content.decode()
    assert acts() == []


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"ended": "2022-02-28", "end_reason": "age"},
            "ended",
            "任职止 2022-02-28 早于任职起 2022-03-01，核对两个日期。",
        ),
        ({"ended": "2026-06-10"}, "end_reason", "写了任职止，也要选离任原因。"),
        ({"started": "三月"}, "started", None),
    ],
)
def test_errors_stand_at_their_fields(office, post, changes, field, sentence):
    page = office.post(change(post), filled(office.get(change(post)), **changes))
    found = errors(page)
    assert field in found
    if sentence:
        assert sentence in found[field]
    post.refresh_from_db()
    assert post.version == 1


@pytest.mark.parametrize(
    ("start", "end", "refused"),
    [
        ("2021-01-01", "2022-03-01", False),
        ("2021-01-01", "2022-03-02", True),
        ("2026-06-30", "2026-08-01", False),
        ("2026-06-29", "2026-08-01", True),
    ],
)
def test_a_post_written_later_overlaps_no_other(office, post, start, end, refused):
    Post.objects.filter(pk=post.pk).update(end="2026-06-30", end_reason="age")
    sent = filled(
        office.get(ADD),
        cadre=CadreFactory(name="赵新").pk,
        organisation=post.organisation_id,
        title="secretary",
        started=start,
        ended=end,
        end_reason="age",
    )
    page = office.post(ADD, sent)
    assert Post.objects.filter(cadre__name="赵新").exists() != refused
    if refused:
        sentence = (
            "与李玉永的任职（2022-03-01 至 2026-06-30）重叠，一个党组织同一天只有一名书记。核对两人的起止。"
        )
        assert errors(page) == {"started": [sentence]}


def test_another_title_overlaps_as_it_likes(office, post):
    page = office.get(change(post))
    assert office.post(change(post), filled(page, title="deputy_secretary")).status_code == 302
    sent = filled(
        office.get(ADD),
        cadre=CadreFactory(name="赵新").pk,
        organisation=post.organisation_id,
        title="deputy_secretary",
        started="2023-01",
        ended="2024-01",
        end_reason="age",
    )
    assert office.post(ADD, sent).status_code == 302


@pytest.mark.parametrize("field", ["cadre", "organisation"])
def test_a_forged_row_of_another_township_is_refused(office, post, foreign, field):
    page = office.post(
        change(post), filled(office.get(change(post)), **{field: getattr(foreign, f"{field}_id")})
    )
    assert list(errors(page)) == [field]
    assert "外镇人" not in page.content.decode()
    assert "外村" not in page.content.decode()


def test_rows_of_another_township_are_not_there(office, foreign):
    for url in (change(foreign), f"{LIST}{foreign.pk}/history/", f"{LIST}{foreign.pk}/delete/"):
        assert "外镇人" not in office.get(url, follow=True).content.decode()


@pytest.mark.parametrize("field", ["cadre", "organisation"])
def test_what_can_be_chosen_is_of_the_scope(office, post, foreign, field):
    query = {"app_label": "cadres", "model_name": "post", "field_name": field, "term": ""}
    texts = str(office.get("/admin/autocomplete/", query).json())
    assert "外" not in texts
    assert ("李玉永" in texts) == (field == "cadre")


def test_the_second_editor_is_told_and_nothing_is_lost(office, post):
    second = filled(office.get(change(post)), note="第二人", term_ends="2027-03")
    office.post(change(post), filled(office.get(change(post)), term_ends="2028-03"))
    page = office.post(change(post), second)
    assert "届满现为“2028-03”" in page.content.decode()
    assert 'value="第二人"' in page.content.decode()
    assert 'value="2027-03"' in page.content.decode()
    post.refresh_from_db()
    assert (post.term_ends.iso(), post.note) == ("2028-03", "")
    assert [action for action, _ in acts()] == ["change"]


def test_no_plain_number_in_any_page(office, post):
    number = post.cadre.id_number
    for url in (LIST, change(post), f"{LIST}{post.pk}/history/", ADD):
        assert number not in office.get(url).content.decode()


def test_the_list_says_unknown_and_in_post(office, post):
    Post.objects.filter(pk=post.pk).update(start=None)
    text = office.get(LIST).content.decode()
    assert "不详" in text
    assert "在任" in text


def test_queries_of_the_list_are_the_same_for_10_and_50_rows(office, villages, count_queries):
    def more(count, year):
        for number in range(count):
            number = id_number(number, birth=datetime.date(year, 1, 1))
            PostFactory(cadre__id_number=number)

    more(8, 1970)
    office.get(LIST)
    ten = count_queries(lambda: office.get(LIST))
    more(40, 1971)
    assert count_queries(lambda: office.get(LIST)) == ten
    assert len(office.get(LIST).context["cl"].result_list) == 50

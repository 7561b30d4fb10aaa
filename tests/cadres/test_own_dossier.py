"""Own facts are entered by somebody else: one's own cadre row, posts and leaves are read, and written by nobody of oneself."""

import datetime

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from banzhuang.accounts.models import AuditEvent, Role
from banzhuang.accounts.scoped_admin import RowInline
from cadres import rules
from cadres.models import Cadre, Leave, Post
from tests.factories import CadreFactory, ContactFactory, HouseholdFactory, LeaderFactory, UserFactory
from villages.models import Organisation

from .test_cadre_admin import filled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
ASK = "请本办公室的其他同事办理"
START, END = datetime.date(2026, 5, 6), datetime.date(2026, 5, 9)


@pytest.fixture
def office(client, organisation_office):
    client.force_login(organisation_office)
    return client


@pytest.fixture
def colleague(client):
    """赵明, who sits in the same office."""
    client.force_login(UserFactory(username="zuzhi2", name="赵明", role="organisation", is_staff=True))
    return client


@pytest.fixture
def own(villages, organisation_office):
    """周敏 of 组织办 as a cadre, secretary of 西响石村, on leave."""
    post = Post.objects.get(organisation__village=villages[0])
    post.cadre.name, post.cadre.user = "周敏", organisation_office
    post.cadre.save()
    Leave.objects.create(cadre=post.cadre, kind="annual", start=END)
    return post.cadre


@pytest.fixture
def rows(own):
    """What is one's own, each with a field that may be changed."""
    return [(own, "note"), (own.posts.get(), "note"), (own.leaves.get(), "reason")]


@pytest.fixture
def others(villages):
    """The same of 李小湾村's secretary."""
    post = Post.objects.get(organisation__village=villages[1])
    leave = Leave.objects.create(cadre=post.cadre, kind="annual", start=START, end=END)
    return [(post.cadre, "note"), (post, "note"), (leave, "reason")]


def address(row, act):
    options = row._meta
    return reverse(
        f"admin:{options.app_label}_{options.model_name}_{act}", args=[] if act in LISTS else [row.pk]
    )


LISTS = {"add", "changelist"}


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def state():
    return [list(model.objects.order_by("pk").values()) for model in (Cadre, Post, Leave)]


# --- The rule -----------------------------------------------------------------------------------------------------
@given(subject=st.none() | st.integers(1, 9), user=st.none() | st.integers(1, 9))
def test_nobody_but_the_subject_is_refused(subject, user):
    assert bool(rules.written_by_another(subject, user)) == (subject is not None and subject == user)


# --- The admin ----------------------------------------------------------------------------------------------------
def test_own_rows_are_read_and_say_who_writes_them(office, rows):
    for row, field in rows:
        page = office.get(address(row, "change"))
        assert page.status_code == 200
        assert not page.context["has_change_permission"] and not page.context["has_delete_permission"]
        assert any(ASK in said for said in messages_of(page))
        assert f'name="{field}"' not in page.content.decode()


def test_own_rows_are_not_changed_by_a_post(office, rows):
    before = state()
    for row, field in rows:
        answer = office.post(address(row, "change"), {field: "改过"}, follow=True)
        assert answer.status_code == 200 and any(ASK in said for said in messages_of(answer))
    assert state() == before
    assert not AuditEvent.objects.filter(action="change").exists()


def test_own_rows_are_not_deleted_alone_or_among_others(office, rows, others):
    before = state()
    for (row, _), (other, _) in zip(rows, others, strict=True):
        answer = office.post(address(row, "delete"), {"post": "yes"}, follow=True)
        assert any(ASK in said for said in messages_of(answer))
        bulk = {"action": "delete_selected", "_selected_action": [row.pk, other.pk], "post": "yes"}
        answer = office.post(address(row, "changelist"), bulk, follow=True)
        assert any("没有执行" in said and ASK in said for said in messages_of(answer))
    assert state() == before


def test_others_rows_are_written_as_before(office, own, others):
    for row, field in others:
        page = office.get(address(row, "change"))
        assert office.post(address(row, "change"), filled(page, **{field: "改过"})).status_code == 302
        row.refresh_from_db()
        assert getattr(row, field) == "改过"


def test_a_colleague_writes_them(colleague, rows):
    for row, field in rows:
        page = colleague.get(address(row, "change"))
        assert colleague.post(address(row, "change"), filled(page, **{field: "改过"})).status_code == 302


def test_no_post_and_no_leave_of_oneself_is_added(office, own, villages):
    before = state()
    committee = Organisation.objects.get(village=villages[1], kind="village_committee")
    post = {"cadre": own.pk, "organisation": committee.pk, "title": "director"}
    leave = {"cadre": own.pk, "kind": "sick", "start": "2026-03-01", "end": "2026-03-03"}
    for model, fields in ((Post, post), (Leave, leave)):
        page = office.get(address(model, "add"))
        answer = office.post(address(model, "add"), filled(page, **fields))
        assert answer.status_code == 200 and ASK in answer.content.decode()
    assert state() == before


def test_nothing_of_anothers_is_turned_to_oneself(office, own, others, organisation_office):
    before = state()
    (cadre, _), (post, _), (leave, _) = others
    for row in (post, leave):
        page = office.get(address(row, "change"))
        answer = office.post(address(row, "change"), filled(page, cadre=own.pk))
        assert ASK in answer.content.decode() and answer.context["has_change_permission"]
    organisation_office.groups.add(Role.objects.get(code="admin"))  # who sees accounts too
    Cadre.objects.filter(pk=own.pk).update(user=None)
    page = office.get(address(cadre, "change"))
    answer = office.post(address(cadre, "change"), filled(page, user=organisation_office.pk))
    assert ASK in answer.content.decode()
    Cadre.objects.filter(pk=own.pk).update(user=organisation_office)
    assert state() == before


class PostInline(RowInline):
    """As a later page may show posts below their organisation."""

    model, fields = Post, ["cadre", "title", "note", "read_version"]


def test_rows_below_another_row_are_refused_as_well(own, others, organisation_office):
    post = own.posts.get()
    request = RequestFactory().get("/")
    request.user = organisation_office
    formset_class = PostInline(Organisation, admin.site).get_formset(request, post.organisation)
    for row, allowed in ((post, False), (others[1][0], True)):
        sent = {"posts-TOTAL_FORMS": 1, "posts-INITIAL_FORMS": 1, "posts-0-id": row.pk, "posts-0-note": "改过",
                "posts-0-organisation": row.organisation_id, "posts-0-cadre": row.cadre_id,
                "posts-0-title": row.title, "posts-0-read_version": row.version}  # fmt: skip
        formset = formset_class(sent, instance=row.organisation)
        assert formset.is_valid() == allowed
        assert allowed or ASK in str(formset.non_form_errors())
        deleted = formset_class(sent | {"posts-0-DELETE": "on"}, instance=row.organisation)
        assert deleted.is_valid() == allowed


# --- The portal's pages -------------------------------------------------------------------------------------------
def succession(organisation, former, cadre):
    read = f"{former.pk}:{former.version}"
    return reverse("succession", args=[organisation.pk]), {
        "cadre": cadre.pk, "started": "2026-07-01", "selection": "election", "origin": "villager",
        "end_reason": "age", "former_read": read,
    }  # fmt: skip


def test_nobody_appoints_or_ends_oneself(office, own, others, villages):
    before = state()
    for former, cadre in ((own.posts.get(), CadreFactory(village=villages[0])), (others[1][0], own)):
        before = state()
        answer = office.post(*succession(former.organisation, former, cadre))
        assert answer.status_code == 200 and ASK in answer.content.decode()
        assert state() == before


def test_who_only_adds_or_only_changes_appoints_nobody(client, others, villages):
    from tests.ledgers.test_rights import give, take_away

    former, cadre = others[1][0], CadreFactory(village=villages[1])
    for right in ("add_post", "change_post"):
        take_away("organisation", right)
        client.force_login(UserFactory(role="organisation"))
        assert client.post(*succession(former.organisation, former, cadre)).status_code == 403
        give("organisation", right)


def test_ones_own_leaving_is_not_registered_with_a_handover(client, welfare_office, villages):
    cadre = LeaderFactory(name="吴燕", user=welfare_office)
    contact = ContactFactory(household=HouseholdFactory(village=villages[0]), cadre=cadre)
    client.force_login(welfare_office)
    sent = {"to": LeaderFactory().pk, "on": "2026-07-10", "contacts": [contact.pk], "leaves": "on"}
    answer = client.post(f"{reverse('handover')}?from={cadre.pk}", sent)
    assert answer.status_code == 422 and ASK in answer.content.decode()
    cadre.refresh_from_db()
    assert cadre.left is None
    del sent["leaves"]
    assert client.post(f"{reverse('handover')}?from={cadre.pk}", sent).status_code == 302

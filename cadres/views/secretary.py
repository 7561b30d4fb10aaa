"""选准带头人: the register of secretaries as of a day, and succession in one act."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from banzhuang.accounts.audit import Action, record
from banzhuang.core.access import may
from banzhuang.dashboards.scope import chosen_scope
from banzhuang.indicators.indicator import Period
from banzhuang.ledgers.listing import export_url
from villages.models import Organisation

from ..forms import SuccessionForm
from ..indicators import serving, vacant
from ..models import Post
from ..panels import may_appoint, sees_posts


def secretaries(request):
    """Secretaries in post on the day; filters by way chosen, origin, name or initials."""
    if not may(request.user, "view", Post):
        raise PermissionDenied
    period, scope = Period.to_date(request.as_of), chosen_scope(request)
    rows, choice = listed(request)
    rows = rows.select_related("cadre", "organisation__village__area").order_by("scope_code")
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    vacancies = Organisation.objects.for_user(request.user).filter(vacant(period)).select_related("village")
    directors = directors_among(page, request)
    may_succeed = may_appoint(request.user)
    table = secretary_table(page, directors, request.as_of)
    if may_succeed and not request.as_of_chosen:
        add_succession(table, page)
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "cadres/secretaries.html",
        {
            "page": page,
            "table": table,
            "filter": choice,
            "query": f"{query.urlencode()}&" if query else "",
            "vacancies": vacancies if scope.within is None else vacancies.within(scope.within),
            "may_succeed": may_succeed,
            "own_only": not sees_posts(request.user),
            "export_url": export_url(request, "secretaries"),
        },
    )


def listed(request):
    """The posts that the list shows under its filters, and these. request: or what stands for one."""
    rows = Post.objects.for_user(request.user).filter(serving(Period.to_date(request.as_of)))
    scope, choice = chosen_scope(request), Filter(request.GET)
    return choice.apply(rows if scope.within is None else rows.within(scope.within)), choice


class Filter:
    """The list's filters from the address; an unknown value counts as none."""

    def __init__(self, query):
        self.text = query.get("q", "").strip()[:20]
        self.selection = query.get("selection") if query.get("selection") in Post.Selection.values else ""
        self.origin = query.get("origin") if query.get("origin") in Post.Origin.values else ""
        self.selections, self.origins = Post.Selection.choices, Post.Origin.choices

    def apply(self, rows):
        if self.text:
            rows = rows.filter(
                Q(cadre__name__contains=self.text)
                | Q(cadre__initials__startswith=self.text.lower())
                | Q(organisation__village__name__contains=self.text)
                | Q(organisation__village__initials__startswith=self.text.lower())
            )
        if self.selection:
            rows = rows.filter(selection=self.selection)
        return rows.filter(origin=self.origin) if self.origin else rows

    @property
    def active(self):
        return bool(self.text or self.selection or self.origin)

    @property
    def words(self) -> list[str]:
        """What it narrows to, as people say it."""
        said = [f"姓名或村有“{self.text}”"] if self.text else []
        said += [f"产生方式：{label}" for value, label in self.selections if value == self.selection]
        return said + [f"原身份：{label}" for value, label in self.origins if value == self.origin]


def directors_among(posts, request):
    """Those of the page's secretaries who are 村委会主任 of the same village too: {(cadre, village)}."""
    held = (
        Post.objects.for_user(request.user)
        .live(request.as_of)
        .filter(title=Post.Title.DIRECTOR, cadre__in=[post.cadre_id for post in posts])
    )
    return set(held.values_list("cadre", "organisation__village"))


def secretary_table(posts, directors, day):
    rows = []
    for post in posts:
        cadre, village = post.cadre, post.organisation.village
        ends = post.term_ends
        rows.append(
            {
                "cells": [
                    {"text": village.short_name, "url": village.get_absolute_url()},
                    {"text": cadre.name, "url": cadre.get_absolute_url()},
                    {"text": cadre.get_sex_display()},
                    {"text": cadre.born.iso() if cadre.born else ""},
                    {"text": cadre.get_in_service_education_display() or cadre.get_education_display()},
                    {"text": post.get_selection_display()},
                    {"text": post.get_origin_display()},
                    {
                        "text": post.started.iso() if post.started else "不详",
                        "state": "" if post.started else "none",
                    },
                    {"text": ends.iso() if ends else "未登记", "state": term_state(post, day)},
                    {"text": "是" if (cadre.pk, village.pk) in directors else "否"},
                ]
            }
        )
    labels = ["村", "姓名", "性别", "出生", "学历", "产生方式", "原身份", "任职起", "届满", "一肩挑"]
    return {"columns": [{"label": label} for label in labels], "rows": rows, "caption": "在任村党组织书记"}


def add_succession(table, posts):
    """A last column with the way to 书记接任, for whom may."""
    table["columns"].append({"label": "办理"})
    for row, post in zip(table["rows"], posts, strict=True):
        row["cells"].append({"text": "书记接任", "url": reverse("succession", args=[post.organisation_id])})


def term_state(post, day):
    """A term known to the month is over when the month is."""
    if post.term_end is None:
        return "none"
    return "bad" if post.term_ends.last < day else ""


def succession(request, organisation):
    """书记接任: the successor's start ends the former's post."""
    row = get_object_or_404(
        Organisation.objects.for_user(request.user).of_party().select_related("village"), pk=organisation
    )
    if not may_appoint(request.user):
        raise PermissionDenied
    former = (
        Post.objects.filter(organisation=row, end__isnull=True).secretaries().select_related("cadre").first()
    )
    form = SuccessionForm(request.POST or None, user=request.user, organisation=row, former=former)
    if request.method == "POST" and form.is_valid() and (post := succeed(request, row, form)):
        messages.success(request, f"{post.cadre.name}任{row.place}书记，自{post.started.chinese()}起。")
        return redirect(post.cadre)
    return render(request, "cadres/succession.html", {"form": form, "organisation": row, "former": former})


@transaction.atomic
def succeed(request, organisation, form):
    """The new post with its event; None when another was quicker."""
    post = form.save()
    if post:
        subject = f"{organisation.place}书记由{post.cadre.name}接任"
        changes = {"书记": [form.former.cadre.name if form.former else "", post.cadre.name]}
        record(Action.CHANGE, subject, request=request, scope_code=organisation.scope_code, changes=changes)
    return post

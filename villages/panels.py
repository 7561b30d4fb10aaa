"""What the villages app puts on the portal's pages, and the places it provides to the frame."""

import re
from dataclasses import replace

from django.db.models import Q
from stdnum import numdb

from banzhuang.core.places import Place, PlaceProvider
from banzhuang.core.templatetags.portal import number, ten_thousands
from banzhuang.dashboards.panels import HeadFact, Hit, Page, SearchSource, Section, View, facts_of

from .models import Area, OrganisationYear, Township, Village


def villages(user, day):
    rows = Village.objects.for_user(user).as_of(day).select_related("area").order_by("code")
    return [
        Place(
            village.code,
            village.name,
            village.short_name,
            village.area.name if village.area else "",
            village.get_absolute_url(),
        )
        for village in rows
    ]


def township_name(code):
    return Township.objects.filter(code=code).values_list("name", flat=True).first() or ""


def place_names():
    """With the province, the city and the district in which the townships lie, as GB/T 2260 has them."""
    divisions = numdb.get("cn/loc")
    within = {
        code for own in Township.objects.values_list("code", flat=True) for code in (own[:6], f"{own[:4]}00")
    }
    written = [text for code in within for _, names in divisions.info(code) for text in names.values()]
    villages = Village.objects.values_list("name", "aliases")
    return [
        *sorted(set(re.findall("[一-鿿]+", " ".join(written)))),
        *(name for table in (Township, Area) for name in table.objects.values_list("name", flat=True)),
        *(name for own, aliases in villages for name in (own, *aliases)),
    ]


PLACES = PlaceProvider(villages=villages, township_name=township_name, names=place_names)


def year_of(view: View):
    """The latest yearly row of the page's village up to the day; read once for all facts."""
    village = view.subject
    if not hasattr(village, "_year"):
        village._year = village.years.filter(year__lte=view.day.year).order_by("-year").first()
    return village._year


def population(view: View):
    year = year_of(view)
    return (f"{number(year.population)} 人", "") if year and year.population is not None else None


def households(view: View):
    year = year_of(view)
    return (f"{number(year.households)} 户", "") if year and year.households is not None else None


def party_members(view: View):
    row = (
        OrganisationYear.objects.for_user(view.user)
        .filter(organisation__village=view.subject, year__lte=view.day.year)
        .order_by("-year")
        .first()
    )
    return (f"{row.members} 人", "") if row else None


def collective_income(view: View):
    year = year_of(view)
    if not year or year.collective_income is None:
        return None
    return f"{year.year} 年 {ten_thousands(year.collective_income)} 万元", ""


def village_years(view: View):
    """历年数据: population, households, members by year up to the day."""
    years = view.subject.years.filter(year__lte=view.day.year).order_by("-year")[:6]
    return {"years": years} if years else None


def own_village(view: View):
    """本村 on the home page of those whose scope is one village."""
    if len(view.user.scope) != 12:
        return None
    village = Village.objects.for_user(view.user).filter(code=view.user.scope).first()
    if village is None:
        return None
    return {"village": village, "facts": facts_of(Page.VILLAGE, replace(view, subject=village))}


def find_villages(user, text):
    found = Village.objects.for_user(user).filter(
        Q(name__contains=text) | Q(initials__startswith=text.lower())
    )
    return [Hit(village.name, village.code, village.get_absolute_url()) for village in found[:20]]


HEAD_FACTS = [
    HeadFact("villages.population", Page.VILLAGE, "人口", population),
    HeadFact("villages.households", Page.VILLAGE, "户数", households),
    HeadFact("villages.members", Page.VILLAGE, "党员", party_members),
    HeadFact("villages.income", Page.VILLAGE, "村集体收入", collective_income),
]
SECTIONS = [
    Section("villages.own", Page.HOME, "villages/_own.html", own_village, column=0, order=10),
    Section("villages.years", Page.VILLAGE, "villages/_years.html", village_years, column=1, order=90),
]
SEARCH_SOURCES = [SearchSource("villages", "村", find_villages)]

"""What the villages app puts on the portal's pages, and the places it provides to the frame."""

from django.db.models import Q

from banzhuang.core.places import Place, PlaceProvider
from banzhuang.dashboards.panels import Hit, Page, SearchSource, Section, View

from .models import Township, Village


def villages(user, day):
    rows = Village.objects.for_user(user).as_of(day).select_related("area").order_by("code")
    return [
        Place(village.code, village.name, village.short_name, village.area.name if village.area else "", village.get_absolute_url())
        for village in rows
    ]


def township_name(code):
    return Township.objects.filter(code=code).values_list("name", flat=True).first() or ""


PLACES = PlaceProvider(villages=villages, township_name=township_name)


def village_years(view: View):
    """历年数据: population, households, members by year up to the day."""
    years = view.subject.years.filter(year__lte=view.day.year).order_by("-year")[:6]
    return {"years": years} if years else None


def find_villages(user, text):
    found = Village.objects.for_user(user).filter(Q(name__contains=text) | Q(initials__startswith=text.lower()))
    return [Hit(village.name, village.code, village.get_absolute_url()) for village in found[:20]]


SECTIONS = [Section("villages.years", Page.VILLAGE, "villages/_years.html", village_years, column=1, order=90)]
SEARCH_SOURCES = [SearchSource("villages", "村", find_villages)]

"""What apps declare for the portal's pages: figures, sections, navigation, timeline, search."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from banzhuang.core.registry import Registry
from banzhuang.indicators.indicator import Indicator


class Page(StrEnum):
    """Pages that apps add sections to."""

    HOME = "home"
    TOWNSHIP = "township"
    VILLAGE = "village"
    CADRE = "cadre"


@dataclass(frozen=True)
class View:
    """Who looks, at which day, at what: the village or cadre of the page, None on home and township.

    `within` are the division code prefixes chosen in the header, None for all in scope; `chosen` is the choice as it
    stands in the address, an area's name.
    """

    user: object
    day: datetime.date
    subject: object = None
    within: list[str] | None = None
    chosen: str = ""


@dataclass(frozen=True)
class Figure:
    """A figure of the strip on 总览: one indicator, and others named in its note: (("机关", indicator), …)."""

    code: str
    indicator: Indicator
    label: str = ""
    beside: tuple[tuple[str, Indicator], ...] = ()


@dataclass(frozen=True)
class Section:
    """A panel of a page. `context(view)` → the template's context, or None when there is nothing to show.

    column: 0 left, 1 middle, 2 right; within a column by `order`.
    """

    code: str
    page: Page
    template: str
    context: Callable[[View], dict | None]
    column: int = 0
    order: int = 0


@dataclass(frozen=True)
class HeadFact:
    """One fact in the line under a page's title: 书记 李玉永（机关选派）. `find(view)` → (text, url), None when unknown."""

    code: str
    page: Page
    label: str
    find: Callable[[View], tuple[str, str] | None]
    order: int = 0


@dataclass(frozen=True)
class NavigationItem:
    """The list page of a mechanism; `visible(user)` says whether it is shown."""

    mechanism: str
    url_name: str
    visible: Callable[[object], bool]


@dataclass(frozen=True)
class Place:
    """A place of its own beside 首页, on phones in the tab bar; `icon` is one of {% icon %}, `visible(user)` as above."""

    label: str
    url_name: str
    icon: str
    visible: Callable[[object], bool]


@dataclass(frozen=True)
class Event:
    """Something that happened, for a timeline. `precision` of the day as in PartialDate."""

    day: datetime.date
    day_text: str
    text: str
    source: str
    url: str = ""
    state: str = ""


@dataclass(frozen=True)
class Timeline:
    """`events(view)` → the events of the page's subject up to the view's day; None for whom does not see them all."""

    code: str
    page: Page
    events: Callable[[View], Iterable[Event] | None]


@dataclass(frozen=True)
class Hit:
    title: str
    note: str
    url: str


@dataclass(frozen=True)
class SearchSource:
    """`find(user, text)` → at most 20 hits that `user` may see, for Chinese text or pinyin initials."""

    code: str
    label: str
    find: Callable[[object, str], list[Hit]]


figures: Registry[Figure] = Registry()
sections: Registry[Section] = Registry()
head_facts: Registry[HeadFact] = Registry()
navigation: Registry[NavigationItem] = Registry("mechanism")
places: Registry[Place] = Registry("url_name")
timelines: Registry[Timeline] = Registry()
search_sources: Registry[SearchSource] = Registry()


def sections_of(page: Page, view: View) -> list[list[tuple[str, dict]]]:
    """Three columns of (template, context) for a page."""
    columns: list[list[tuple[str, dict]]] = [[], [], []]
    for section in sorted(sections.of(page=page), key=lambda section: section.order):
        context = section.context(view)
        if context is not None:
            columns[section.column].append((section.template, context))
    return columns


def facts_of(page: Page, view: View) -> list[dict]:
    """The known facts under a page's title, in their order."""
    declared = sorted(head_facts.of(page=page), key=lambda fact: fact.order)
    found = [(fact.label, fact.find(view)) for fact in declared]
    return [{"label": label, "text": known[0], "url": known[1]} for label, known in found if known]


def events_of(page: Page, view: View, limit: int = 30) -> list[Event] | None:
    """The newest events first; None when the user sees none of the page's timelines."""
    seen = [found for timeline in timelines.of(page=page) if (found := timeline.events(view)) is not None]
    if not seen:
        return None
    events = [event for found in seen for event in found]
    return sorted(events, key=lambda event: event.day, reverse=True)[:limit]

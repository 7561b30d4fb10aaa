"""What the lists of households, visits and needs share: filters and order from the address, and the pager's query."""

from dataclasses import dataclass

from banzhuang.dashboards.scope import seen_places
from cadres.models import Cadre

from ..models import Contact


@dataclass(frozen=True)
class Choice:
    """One filter: its name in the address, its label, and [(value, label)] beside 全部."""

    name: str
    label: str
    options: list[tuple[str, str]]


class Filter:
    """The filters of a list from the address; an unknown value counts as none. `text` is searched for."""

    def __init__(self, request, choices: list[Choice], text_label: str):
        self.request, self.text_label = request, text_label
        self.text = request.GET.get("q", "").strip()[:20]
        self.fields, self.values = [], {}
        for choice in choices:
            given = request.GET.get(choice.name, "")
            value = given if given in {value for value, _ in choice.options} else ""
            self.values[choice.name] = value
            self.fields.append(
                {"name": choice.name, "label": choice.label, "value": value, "options": choice.options}
            )

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    @property
    def active(self) -> bool:
        return bool(self.text or any(self.values.values()))

    @property
    def words(self) -> list[str]:
        """What it narrows to, as people say it: 村：西响石村."""
        said = [f"{self.text_label}有“{self.text}”"] if self.text else []
        for item in self.fields:
            said += [
                f"{item['label']}：{label}" for value, label in item["options"] if value == item["value"]
            ]
        return said

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What else stands in the address and stays there when the filters are sent: the day, the area, the order."""
        own = {"q", "page", *self.values}
        return [(name, value) for name, value in self.request.GET.items() if name not in own]

    @property
    def page_query(self) -> str:
        """What comes before page= in the pager's links."""
        return self.link(page="").removeprefix("?") + "&" if len(self.link(page="")) > 1 else ""

    def link(self, **changes: str) -> str:
        """The same list with some of the address changed, from its first page on."""
        query = self.request.GET.copy()
        for name, value in {"page": "", **changes}.items():
            query.pop(name, None)
            if value:
                query[name] = value
        return f"?{query.urlencode()}"


def villages_seen(request) -> Choice:
    return Choice("village", "村", [(place.code, place.name) for place in seen_places(request)])


def leaders_seen(request) -> Choice:
    """Cadres who are, or were, the contact of a household in sight."""
    contacts = Contact.objects.for_user(request.user).order_by().values("cadre")
    leaders = Cadre.objects.filter(pk__in=contacts).order_by("initials").values_list("pk", "name")
    return Choice("leader", "联系领导", [(str(pk), name) for pk, name in leaders])


def sorted_column(filter: Filter, label: str, name: str, **column) -> dict:
    """A table's head that sorts by `name`, and turns round when it already does."""
    order = filter.request.GET.get("order", "")
    turned = f"-{name}" if order == name else name
    state = {name: "asc", f"-{name}": "desc"}.get(order, "")
    return {"label": label, "sort_url": filter.link(order=turned), "sorted": state, **column}

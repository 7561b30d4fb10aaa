"""What every page of the portal is given: names, the as-of date, navigation, the count of duties."""

from django.urls import reverse

from banzhuang.core.access import Sight, may, sight
from banzhuang.core.clock import today
from banzhuang.core.mechanisms import MECHANISMS
from banzhuang.core.models import Pulse
from banzhuang.core.months import month_end, month_of, shift_month
from banzhuang.core.parameters import names
from banzhuang.duties.duty import State, by_mechanism, duties_seen_by, owed_by, pressing
from banzhuang.duties.duty import registry as rules
from banzhuang.indicators.indicator import visible

from . import panels
from .scope import chosen_scope, seen_places


def portal(request):
    """Context processor. Without a logged-in user only the names."""
    heading = names(today())
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or request.path.startswith("/admin/"):
        return heading
    return heading | as_of_context(request) | scope_context(request) | navigation_context(request)


def as_of_context(request):
    """The month stepper of the header; the running month has no next."""
    month = month_of(request.as_of)
    following = month_end(shift_month(month, 1))
    return {
        "as_of": request.as_of,
        "as_of_chosen": request.as_of_chosen,
        "as_of_query": f"?on={request.as_of.isoformat()}" if request.as_of_chosen else "",
        "as_of_previous": month_end(shift_month(month, -1)),
        "as_of_next": min(following, today()) if month < month_of(today()) else None,
    }


def scope_context(request):
    """The choice of area; nothing for whom no business row is shown."""
    if not sees_business(request.user):
        return {}
    scope = chosen_scope(request)
    return {"scope_label": scope.label, "scopes": scope.choices}


def navigation_context(request):
    """Places and mechanisms the user may open, with what is pressing in each."""
    user, path = request.user, request.path
    duties = all_duties(request)
    grouped = by_mechanism(pressing(duties))
    offices = {}
    for item in panels.navigation:
        if not item.visible(user):
            continue
        mechanism = MECHANISMS[item.mechanism]
        url = reverse(item.url_name)
        states = [duty.state for duty in grouped.get(item.mechanism, [])]
        offices.setdefault(mechanism.office, []).append(
            {
                "label": mechanism.title,
                "url": url,
                "active": path.startswith(url),
                "overdue": states.count(State.OVERDUE),
                "near": states.count(State.NEAR),
            }
        )
    return {
        "places": places_of(user, path),
        "navigation": [{"office": office, "items": items} for office, items in offices.items()],
        "user_label": " · ".join(filter(None, [user.name, user.job_title or user.role_names()])),
        **(ways_to_business(user, duties) if sees_business(user) else {}),
    }


def ways_to_business(user, duties):
    """Search and duties in the bar; the three administrators, and who has no role yet, have no use for them."""
    return {
        "duty_count": len(pressing(owed_by(user, duties))),
        "duties_url": reverse("duties"),
        "search_url": reverse("search"),
    }


def places_of(user, path):
    """The fixed places of the portal, each only for those who may open it."""
    from banzhuang.ledgers.views.imports import may_import
    from banzhuang.reports.models import MonthlyWorkbook

    ways = [
        ("首页", "home", "home", True),
        *((place.label, place.url_name, place.icon, place.visible(user)) for place in panels.places),
        ("总览", "overview", "overview", sees_overview(user)),
        ("村情", "villages", "village", sees_business(user)),
        ("报表", "reports", "report", may(user, "view", MonthlyWorkbook)),
        ("导入", "imports", "import", may_import(user)),
        ("审计", "audit_trail", "list", user.has_perm("accounts.view_auditevent")),
        ("运行情况", "running", "report", may(user, "view", Pulse)),
    ]
    shown = []
    for label, name, icon, open_to_user in ways:
        if not open_to_user:
            continue
        url = reverse(name)
        active = path == url if url == "/" else path.startswith(url)
        shown.append({"label": label, "url": url, "icon": icon, "active": active})
    if user.is_staff:
        shown.append({"label": "数据管理", "url": reverse("admin:index"), "icon": "list", "active": False})
    return shown


def sees_business(user) -> bool:
    """Whether the user sees business rows at all; the three administrators do not."""
    return user.has_perm("villages.view_village")


def sees_overview(user) -> bool:
    """Whether there is anything to show at a glance: a figure that the user sees whole."""
    return sees_business(user) and bool(visible(user))


def seen_whole(request) -> set[str]:
    """Codes of the duty rules of whose rows the user sees all of the scope, in a mechanism whose figures are shown."""
    user, day = request.user, request.as_of
    mechanisms = {indicator.mechanism for indicator in visible(user)}
    return {
        rule.code
        for rule in rules
        if rule.mechanism in mechanisms and sight(user, rule.rows(day).model) == Sight.SCOPE
    }


def sees_all_duties(request) -> bool:
    """Whether “nothing is owed” may be said as it is: no rule is there of whose rows the user sees the own alone."""
    return len(seen_whole(request)) == len(rules)


def for_reader(request, duties):
    """Duties as `request.user` may act on them: what others owe is looked at, not done."""
    mine = {id(duty) for duty in owed_by(request.user, duties)}
    urls = {place.code: place.url for place in seen_places(request)}
    return [
        duty if id(duty) in mine else duty.seen_at(urls.get(duty.scope_code, reverse("overview")))
        for duty in duties
    ]


def all_duties(request):
    """The duties the user may see on the request's day; made once a request."""
    if not hasattr(request, "_duties"):
        request._duties = duties_seen_by(request.user, request.as_of)
    return request._duties

"""The pages of 助贫帮困 beside each other: one row of links on the head of each."""

from django.urls import reverse

from banzhuang.core.access import may

from .models import Contact, Household, Need, Visit
from .quota import sees_weeks

# (label, address, who sees it)
PAGES = [
    ("走访计划", "visit_plan", lambda user: may(user, "view", Contact)),
    ("走访完成情况", "visit_quota", sees_weeks),
    ("走访记录", "visits", lambda user: may(user, "view", Visit)),
    ("困难户", "households", lambda user: may(user, "view", Household)),
    ("诉求", "needs", lambda user: may(user, "view", Need)),
]


def pages(request, active: str) -> list[dict]:
    """Choices for {% segmented %}: those the user may open; the day travels along."""
    query = f"?on={request.as_of.isoformat()}" if request.as_of_chosen else ""
    return [
        {"label": label, "url": f"{reverse(name)}{query}", "active": name == active}
        for label, name, visible in PAGES
        if visible(request.user)
    ]

"""What speaks for a cadre in the year-end list out of M14: weeks fulfilled and visits made. Weeks missed are no veto."""

import datetime

from django.urls import reverse

from banzhuang.core.months import year_start
from banzhuang.core.workdays import week_of
from banzhuang.duties.merit import Evidence, Merit
from cadres.models import Leave

from .models import Contact, Visit
from .quota import load_from, sees_weeks
from .weeks import WEEK, Week, WeekState

FULFILLED = {WeekState.MET, WeekState.MADE_UP}


def visited_this_year(cadre, day, user) -> list[Evidence]:
    """For who sees all of a cadre's visits: of a part the number would be a false one."""
    if not sees_weeks(user) and cadre.user_id != user.pk:
        return []
    visits = Visit.objects.for_user(user).filter(visitor=cadre, date__gte=year_start(day), date__lte=day)
    last = visits.select_related("household__village").order_by("-date", "-pk").first()
    if last is None:
        return []
    where = f"{last.date.month}月{last.date.day}日到{last.household.village.name}{last.household.head}户"
    made = Evidence(f"本年走访 {visits.count()} 次，最近一次是{where}", last.get_absolute_url())
    url = reverse("visit_quota") if sees_weeks(user) else last.get_absolute_url()
    return [made, *[Evidence(text, url) for text in week_words(weeks_of_year(cadre, day, user))]]


def weeks_of_year(cadre, day: datetime.date, user) -> list[Week]:
    """The cadre's weeks that ended in the year of `day`, up to `day`."""
    first = week_of(year_start(day))[0]
    mondays = [first + count * WEEK for count in range(((day - first).days + 1) // 7)]
    if not mondays:
        return []
    contacts = Contact.objects.for_user(user).filter(cadre=cadre)
    leaves = Leave.objects.for_user(user).filter(cadre=cadre)
    return load_from(contacts, leaves, mondays, day).get(cadre.pk, [])


def week_words(weeks: list[Week]) -> list[str]:
    """应走访 44 周，完成 43 周（其中补访 1 周），漏访 1 周; nothing when no week was fulfilled."""
    states = [week.state for week in weeks]
    fulfilled = sum(state in FULFILLED for state in states)
    short, made_up = states.count(WeekState.SHORT), states.count(WeekState.MADE_UP)
    if not fulfilled:
        return []
    text = f"本年应走访 {fulfilled + short} 周，完成 {fulfilled} 周"
    text += f"（其中补访 {made_up} 周）" if made_up else ""
    return [text + (f"，漏访 {short} 周" if short else "")]


MERITS = [
    Merit(
        code="m14.visited",
        mechanism="M14",
        label="助贫走访",
        words="每个领导干部至少联系20个贫困户，每周至少走访一次",
        veto=False,
        find=visited_this_year,
    )
]

"""What 首页 shows to who looks after households: those that wait for a visit."""

from banzhuang.core.access import may
from banzhuang.dashboards.panels import View

from .models import Contact
from .plan import by_village, lines_of, may_record, own_cadre, plan_of

# So many stand on 首页; all of them in the plan.
SHOWN = 12


def my_households(view: View):
    """该走访的户 of the user, by village; nothing for who looks after none."""
    cadre = own_cadre(view.user)
    if cadre is None or not may(view.user, "view", Contact):
        return None
    plan = plan_of(view.user, view.day, cadre)
    if not plan.dues:
        return None
    lines = lines_of(view.user, plan.waiting[:SHOWN], view.day)
    return {
        "plan": plan,
        "groups": by_village(lines),
        "left": len(plan.waiting) - len(lines),
        "may_record": may_record(view.user),
    }

"""The table role × model: who sees which rows, who writes, who may reveal. The only such table.

`-` nothing · `own` what I owe, what is assigned to me, what is me · `town` what is published to all of the township ·
`scope` all rows in my scope · `+` may also write · `*` may enter and correct what is one's own through the portal's pages,
without deleting or importing · `!` may reveal identity numbers (with a reason, recorded).
A model that is not here is seen by nobody. What groups are granted at first follows from this table
(accounts.roles); an administrator may take single permissions away or add them, never widen the rows.
"""

from enum import IntEnum
from typing import NamedTuple

# Role codes in column order; their Chinese names stand in accounts.roles.
ROLES = (
    "admin",
    "security",
    "auditor",
    "leader",
    "organisation",
    "economy",
    "welfare",
    "works",
    "staff",
    "village",
)

TABLE = """
model                     admin   security auditor leader   organisation economy welfare works  staff  village
accounts.User             scope+  scope+   -       -        -            -       -       -      -      -
accounts.Role             scope   scope+   -       -        -            -       -       -      -      -
accounts.Assignment       scope   scope+   -       -        -            -       -       -      -      -
accounts.AuditEvent       -       -        scope   -        -            -       -       -      -      -
core.ParameterValue       scope+  scope+   -       -        scope+       -       -       -      -      -
core.CalendarDay          scope+  -        -       -        scope+       -       -       -      -      -
core.Pulse                scope   -       -        -       -            -       -       -      -      -
core.Job                  own     own      own     own      own          own     own     own    own    own
duties.Notice             -       own      -       own      own          own     own     own    own    own
ledgers.ImportBatch       -       -        -       -        own          own     own     own    -      -
ledgers.FormMatch         -       -        -       -        scope        scope   scope   scope  -      -
reports.MonthlyWorkbook   -       -        -       scope    scope+       town    town    town   town   -
villages.Township         -       -        -       scope    scope        scope   scope   scope  scope  scope
villages.Area             -       -        -       scope    scope+       scope   scope   scope  scope  scope
villages.Village          -       -        -       scope    scope+       scope   scope   scope  scope  scope
villages.VillageYear      -       -        -       scope    scope+       scope   scope   scope  scope  scope
villages.Organisation     -       -        -       scope    scope+       scope   scope   scope  scope  scope
villages.OrganisationYear -       -        -       scope    scope+       scope   scope   scope  scope  scope
cadres.Cadre              -       -        -       scope!   scope+!      scope   scope   scope  own    scope
cadres.Post               -       -        -       scope    scope+       scope   scope   scope  own    scope
cadres.Leave              -       -        -       scope    scope+       -       scope   -      own    scope
livelihood.Household      -       -        -       scope    own          own     scope+! own    own    scope
livelihood.HouseholdYear  -       -        -       scope    -            -       scope+  -      own    scope
livelihood.HouseholdLabel -       -        -       scope    -            -       scope+  -      own    scope
livelihood.Member         -       -        -       scope    -            -       scope+! -      own    scope
livelihood.Contact        -       -        -       scope    -            -       scope+  -      own    scope
livelihood.Visit          -       -        -       scope*   -            -       scope+  -      own*   scope
livelihood.VisitPhoto     -       -        -       scope*   -            -       scope+  -      own*   scope
livelihood.Need           -       -        -       scope*   own*         own*    scope+  own*   own*   scope*
"""


class Sight(IntEnum):
    """How far one sees, narrow to wide; the widest of one's roles counts."""

    NONE = 0
    OWN = 1
    TOWNSHIP = 2
    SCOPE = 3


class Cell(NamedTuple):
    """What a role is given in a table."""

    sight: Sight
    writes: bool = False
    reveals: bool = False
    enters: bool = False


_WORDS = {"-": Sight.NONE, "own": Sight.OWN, "town": Sight.TOWNSHIP, "scope": Sight.SCOPE}


def _read(table: str) -> dict[str, dict[str, Cell]]:
    header, *lines = [line.split() for line in table.strip().splitlines()]
    if tuple(header[1:]) != ROLES:
        raise ValueError("the columns of the access table are not the roles")
    parsed = {}
    for label, *cells in lines:
        if len(cells) != len(ROLES):
            raise ValueError(f"the access table has {len(cells)} cells for {label}")
        parsed[label.lower()] = {
            role: Cell(_WORDS[cell.rstrip("+!*")], "+" in cell, "!" in cell, "*" in cell)
            for role, cell in zip(ROLES, cells, strict=True)
        }
    return parsed


ACCESS = _read(TABLE)
_NOTHING = Cell(Sight.NONE)


def cell(role: str, model) -> Cell:
    """What a role code is given, for a model class or a lower-case label."""
    label = model if isinstance(model, str) else model._meta.concrete_model._meta.label_lower
    return ACCESS.get(label, {}).get(role, _NOTHING)


def sight(user, model) -> Sight:
    """How far `user` sees in `model`; the system user of commands sees its scope everywhere."""
    if user is None or not user.is_authenticated or not user.is_active:
        return Sight.NONE
    if user.is_system:
        return Sight.SCOPE
    return max((cell(role, model)[0] for role in user.role_codes()), default=Sight.NONE)


def writes(user, model) -> bool:
    """Whether a role of `user` writes all that it sees in `model`, and not only enters what is its own."""
    return user.is_system or any(cell(role, model).writes for role in user.role_codes())


def enters_only(user, model) -> bool:
    """Whether a role of `user` enters what is its own in `model`, and none writes all that it sees."""
    return not writes(user, model) and any(cell(role, model).enters for role in user.role_codes())


def may(user, act: str, model) -> bool:
    """Whether `user` may do `act` (view, add, change, delete, import, export, reveal) in `model` at all."""
    if sight(user, model) == Sight.NONE:
        return False
    options = model._meta
    return user.is_system or user.has_perm(f"{options.app_label}.{act}_{options.model_name}")


def may_write(user, act: str, model) -> bool:
    """Whether `user` may do `act` to all rows in sight: who only enters what is one's own does so on the portal's pages."""
    return may(user, act, model) and not enters_only(user, model)

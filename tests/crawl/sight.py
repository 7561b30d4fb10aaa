"""What an account may see and write, worked out from the access table and the places alone.

Nothing here asks a queryset of the portal: a queryset that gives away too much must not also decide what is too much.
"""

from functools import cached_property

from django.contrib.admin.models import LogEntry

from banzhuang.accounts.demo import DEMO_ACCOUNTS
from banzhuang.accounts.models import Role, User
from banzhuang.core.access import ACCESS, Sight, cell

from .rows import Mark, Row, World, project_models

HOME, NEIGHBOUR, ABROAD, TIED = "320707109216", "320707109217", "320707100301", "320707101301"
# Tables that are not in the access table because each row is seen with another one.
FOLLOWS = {"ledgers.StagedRow": "ledgers.ImportBatch", "ledgers.BatchChange": "ledgers.ImportBatch"}
# Names that go with what one sees: who made it, in which area and township it lies, the codes of the own scope.
LABELS = {
    "accounts.User": {"name", "job_title"},
    "villages.Area": {"name"},
    "villages.Township": {"name"},
    "villages.Village": {"code"},
}
# Tables whose own rows come into being through what their owner does, without a right to write them.
WRITTEN_BY_OWNER = {"core.Job", "duties.Notice", "ledgers.ImportBatch", *FOLLOWS}
# Settings and the calendar have no place: they hold for the whole portal; settings say who made them.
EVERYWHERE = {"core.CalendarDay", "core.ParameterValue"}
SETTINGS = "admin:core_parametervalue"
# The only answers that may hold a secret text, for whose role may reveal it.
REVEALING = {"reveal_cadre", "reveal_household", "reveal_member"}

# name: (role or "", scope). Everyone may enter the admin, so that the roles decide, save the last clerk.
ACCOUNTS = {username: (role, scope) for username, _, _, role, scope, _ in DEMO_ACCOUNTS}
ACCOUNTS |= {
    "waizhen": ("organisation", ABROAD[:9]),
    "wujuese": ("", HOME[:9]),
    "wuhoutai": ("organisation", HOME[:9]),
}
WITHOUT_ADMIN = {"wuhoutai"}


class Account:
    """An account and the world as it looks from there."""

    def __init__(self, name: str):
        self.name = name
        self.role, self.scope = ACCOUNTS[name]
        self.thorough = name == first_like(self.role)
        self.user = User.objects.create_user(
            name,
            name=f"用户{name}",
            scope=self.scope,
            must_change_password=False,
            is_staff=name not in WITHOUT_ADMIN,
        )
        if self.role:
            self.user.groups.add(Role.objects.get(code=self.role))
        self.world = self.settle()

    def settle(self) -> World:
        """A world whose home is the account's: its own rows there, others' rows beside it and beyond."""
        home, beyond = (HOME, ABROAD) if self.scope.startswith(HOME[:9]) else (ABROAD, HOME)
        world = World()
        site = world.plant("home", home, self.user)
        world.plant("abroad", beyond)
        own = {model for model in project_models() if self.cell(model._meta.label)[0] == Sight.OWN}
        world.tie(world.plant("tied", TIED), site, but=own)
        world.plant("neighbour", f"{home[:9]}{int(home[9:]) + 1}", beside=site)
        return world

    @cached_property
    def mine(self) -> set[Row]:
        return {row for row in self.world.rows() if self.sees(row)}

    def cell(self, label: str):
        return cell(self.role, FOLLOWS.get(label, label).lower())

    def sees(self, row: Row) -> bool:
        if row.model is LogEntry:
            return row.site.user == self.user
        label = row.model._meta.label
        sight = self.cell(label)[0]
        if sight == Sight.SCOPE:
            return label in EVERYWHERE or self.covers(row)
        if sight == Sight.TOWNSHIP:
            return row.published and row.instance.scope_code[:9] == self.scope[:9]
        return sight == Sight.OWN and row.site.user == self.user

    def covers(self, row: Row) -> bool:
        return place_of(row).startswith(self.scope)

    def may_write(self, label: str) -> bool:
        if label in WRITTEN_BY_OWNER:
            return self.cell(label)[0] != Sight.NONE
        return self.cell(label).writes or self.cell(label).enters

    def may_read(self, mark: Mark, answering: str) -> bool:
        """Whether the text that `mark` stands for may be in an answer of the address called `answering`."""
        if mark.secret:
            return (
                answering in REVEALING and mark.row in self.mine and self.cell(mark.row.model._meta.label)[2]
            )
        return mark.row in self.mine or self.is_label(mark, answering)

    def is_label(self, mark: Mark, answering: str) -> bool:
        if mark.field not in LABELS.get(mark.row.model._meta.label, ()):
            return False
        place = place_of(mark.row)
        if mark.field == "code":
            return place.startswith(self.scope)
        if mark.row.model is User:
            return place[:9] == self.scope[:9] or answering.startswith(SETTINGS)
        return self.scope.startswith(place) and mark.row.site.name == "home"


def first_like(role: str) -> str:
    """The first account to whom the access table gives what it gives this role.

    Who comes after it only reads, and tries rows out of sight: what is sent and refused within one's own sight is
    decided by the table alone.
    """
    given = [cell(role, label) for label in ACCESS]
    return next(
        name for name, (other, _) in ACCOUNTS.items() if [cell(other, label) for label in ACCESS] == given
    )


def place_of(row: Row) -> str:
    """The division code of the place a row belongs to."""
    return getattr(row.instance, "scope_code", "") or getattr(row.instance, "code", "") or row.site.code

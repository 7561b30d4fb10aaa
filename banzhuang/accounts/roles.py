"""Roles as shipped: names, and the permissions that follow from the access table."""

from banzhuang.core.access import ACCESS, ROLES, Sight

NAMES = dict(
    zip(
        ROLES,
        [
            "系统管理员",
            "安全管理员",
            "安全审计员",
            "镇领导",
            "组织办",
            "经发办",
            "民政帮扶办",
            "村建环卫办",
            "机关干部",
            "村干部",
        ],
        strict=True,
    )
)


def acts(seen: Sight, writes: bool, reveals: bool, enters: bool) -> list[str]:
    if seen == Sight.NONE:
        return []
    granted = ["view"]
    if seen == Sight.SCOPE:
        granted.append("export")
    if writes or enters:
        granted += ["add", "change"]
    if writes:
        granted += ["delete", "import"]
    if reveals:
        granted.append("reveal")
    return granted


def ship_roles(sender, using="default", **kwargs) -> None:
    """After each migrate: make the roles, and grant what was never shipped to them before.

    A permission that an administrator took away was shipped once, so it is not granted again.
    """
    from django.contrib.auth.models import Permission

    from .models import Role

    if sender.label != "accounts":
        # Permissions of all apps exist only after the last app's post_migrate; each call adds what is there by now.
        if not Role.objects.using(using).exists():
            return
    else:
        for code, name in NAMES.items():
            Role.objects.using(using).get_or_create(code=code, defaults={"name": name})
    permissions = {
        f"{label}.{codename}": pk
        for label, codename, pk in Permission.objects.using(using).values_list(
            "content_type__app_label", "codename", "pk"
        )
    }
    for role in Role.objects.using(using):
        due = [name for name in _names(role.code) if name in permissions and name not in role.shipped]
        if due:
            role.permissions.add(*[permissions[name] for name in due])
            role.shipped = sorted([*role.shipped, *due])
            role.save(update_fields=["shipped"])


def _names(role: str) -> list[str]:
    """Permission names `app.act_model` of a role, from the table."""
    names = []
    for label, cells in ACCESS.items():
        app, model = label.split(".")
        names += [f"{app}.{act}_{model}" for act in acts(*cells[role])]
    return names

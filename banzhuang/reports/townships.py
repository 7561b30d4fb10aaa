"""The townships that this portal serves, as far as the frame can know them: by the scopes of its users."""

from banzhuang.accounts.models import User
from banzhuang.core import places

LENGTH = 9


def known_townships() -> dict[str, str]:
    """{9-digit code: name} of the townships that have users, by code."""
    scopes = User.objects.filter(is_active=True).values_list("scope", flat=True).distinct()
    codes = sorted({scope[:LENGTH] for scope in scopes if len(scope) >= LENGTH})
    named = {code: places.township_name(code) for code in codes}
    return {code: name for code, name in named.items() if name}


def townships_of(user: User) -> dict[str, str]:
    """Those whose workbook `user` may make: the own one, or all of a district. A village's user makes none."""
    if len(user.scope) > LENGTH:
        return {}
    if len(user.scope) == LENGTH:
        name = places.township_name(user.scope)
        return {user.scope: name} if name else {}
    return {code: name for code, name in known_townships().items() if code.startswith(user.scope)}

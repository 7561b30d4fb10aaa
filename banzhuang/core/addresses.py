"""Who asks: the address of the client, told by the trusted proxies on the way where there are any.

X-Forwarded-For is a list to which each proxy appends whom it was asked by. Only what a trusted proxy appended is true;
what stands left of it the client may have written itself. So the list is read from the right, past trusted proxies.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FOR_THE_LOG = "banzhuang.client"  # gunicorn's %({banzhuang.client}e)s; no header of a request has such a name
HOUSEHOLD = 64  # bits of an IPv6 address that its owner cannot change at will


def read_networks(name: str, texts: Iterable[str]) -> list[Network]:
    """The networks of the setting `name`; ImproperlyConfigured with a sentence for what is none."""
    return [read_network(name, text.strip()) for text in texts if text.strip()]


def read_network(name: str, text: str) -> Network:
    try:
        network = ip_network(text)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} 里的“{text}”不是地址或网段：写代理的地址，如 127.0.0.1；网段写成 10.32.7.0/24，主机位为 0。"
        ) from None
    if network.prefixlen == 0:
        raise ImproperlyConfigured(
            f"{name} 里的“{text}”包括所有地址，谁都可以伪造来源：只写代理的地址，如 127.0.0.1。"
        )
    return network


def read_address(text: str) -> Address | None:
    """One address as proxies write it, maybe with a port: 10.1.2.3, 10.1.2.3:5000, [2001:db8::1]:443; else None."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_trusted(address: Address | None) -> bool:
    return address is not None and any(address in network for network in settings.TRUSTED_PROXIES)


def client_address(request) -> str:
    """The address nearest to the portal that is no trusted proxy; the proxy's own where it forwards nothing readable."""
    peer = request.META.get("REMOTE_ADDR", "")
    nearest = read_address(peer)
    if not is_trusted(nearest):
        return str(nearest or peer)
    for text in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = read_address(text)
        if address is None:
            break
        nearest = address
        if not is_trusted(address):
            break
    return str(nearest)


def network_of(address: str) -> str:
    """What attempts are counted by: of IPv6 the /64, in which one machine has as many addresses as it likes."""
    read = read_address(address)
    if isinstance(read, IPv6Address):
        return str(ip_network((read, HOUSEHOLD), strict=False))
    return str(read or address)


class ForwardedMiddleware:
    """What an untrusted peer says of a way through proxies is forgotten, so that nobody believes it further in.

    The client's address also goes into the environment of the request, where the access log finds it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not is_trusted(read_address(request.META.get("REMOTE_ADDR", ""))):
            for name in [
                name for name in request.META if name.startswith(("HTTP_X_FORWARDED_", "HTTP_FORWARDED"))
            ]:
                del request.META[name]
        request.META[FOR_THE_LOG] = client_address(request)
        return self.get_response(request)

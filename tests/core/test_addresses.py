"""Whose request it is: through trusted proxies, past forged headers, whatever stands in them."""

import ipaddress

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from banzhuang.core.addresses import (
    FOR_THE_LOG,
    ForwardedMiddleware,
    client_address,
    network_of,
    read_address,
    read_networks,
)

NAME = "BANZHUANG_TRUSTED_PROXIES"
PROXIES = ["10.0.0.0/24", "127.0.0.1", "::1", "fd00::/64"]
TRUSTED = read_networks(NAME, PROXIES)


def asked_from(peer, forwarded=None, **more):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=peer, **headers, **more)


@pytest.fixture
def proxied(settings):
    settings.TRUSTED_PROXIES = TRUSTED


# --- The address -------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("proxied")
@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.1.2.3", None, "10.1.2.3"),
        ("10.1.2.3", "1.2.3.4", "10.1.2.3"),  # no proxy of ours
        ("127.0.0.1", "10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "1.2.3.4, 10.1.2.3", "10.1.2.3"),  # the client wrote the first itself
        ("127.0.0.1", "1.2.3.4, 10.1.2.3, 10.0.0.9", "10.1.2.3"),  # two proxies
        ("127.0.0.1", "10.1.2.3,10.0.0.9,fd00::9", "10.1.2.3"),
        ("127.0.0.1", "10.0.0.8, 10.0.0.9", "10.0.0.8"),  # the proxy itself asks
        ("127.0.0.1", "1.2.3.4, unknown", "127.0.0.1"),
        ("127.0.0.1", "1.2.3.4, <script>, 10.0.0.9", "10.0.0.9"),
        ("127.0.0.1", "10.1.2.3:50123", "10.1.2.3"),
        ("127.0.0.1", "[2001:db8::7]:443", "2001:db8::7"),
        ("127.0.0.1", "[2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("127.0.0.1", "::ffff:10.1.2.3", "10.1.2.3"),
        ("::ffff:127.0.0.1", "10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "1.2.3.4", "10.1.2.3"),
        ("", "1.2.3.4", ""),  # a socket of the machine has no address
    ],
)
def test_the_nearest_that_is_no_proxy_of_ours(peer, forwarded, client):
    assert client_address(asked_from(peer, forwarded)) == client


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.9", "::1"])
def test_nobody_is_believed_where_no_proxy_is_set(peer):
    assert client_address(asked_from(peer, "1.2.3.4")) == peer


def addresses(*networks):
    return st.one_of(*[st.ip_addresses(network=network) for network in networks])


ELSEWHERE = addresses("10.1.0.0/16", "2001:db8::/32", "192.0.2.0/24")
OURS = addresses(*PROXIES)


@given(
    forged=st.text("0123456789abcdef.:, []%\"'x", max_size=80),
    client=ELSEWHERE,
    hops=st.lists(OURS, max_size=3),
)
def test_what_the_client_writes_itself_changes_nothing(proxied_always, forged, client, hops):
    """Each proxy appends whom it was asked by: whatever stood there before."""
    chain = ", ".join(map(str, [forged, client, *hops]))
    assert client_address(asked_from("127.0.0.1", chain)) == str(client)


@given(peer=ELSEWHERE, forged=st.text(max_size=60))
def test_who_is_no_proxy_is_the_client(proxied_always, peer, forged):
    assert client_address(asked_from(str(peer), forged)) == str(peer)


@given(st.text(max_size=200))
def test_garbage_is_always_an_address(proxied_always, forwarded):
    assert ipaddress.ip_address(client_address(asked_from("127.0.0.1", forwarded)))


@given(ELSEWHERE, st.integers(0, 65535))
def test_a_port_is_no_part_of_it(address, port):
    written = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
    assert read_address(written) == read_address(str(address)) == address


@pytest.fixture(scope="module")
def proxied_always():
    """As `proxied`, once for all examples."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("banzhuang.core.addresses.settings.TRUSTED_PROXIES", TRUSTED)
        yield


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("", ""),
    ],
)
def test_one_machine_has_one_network(address, network):
    assert network_of(address) == network


# --- What is believed further in ---------------------------------------------------------------------------
FORGED = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "x", "HTTP_FORWARDED": "for=1.2.3.4"}


@pytest.fixture
def passed_on(proxied):
    """passed_on(peer): the request with forwarding headers as the rest of the portal sees it."""

    def passing(peer):
        seen = []
        ForwardedMiddleware(lambda request: seen.append(request) or HttpResponse())(
            asked_from(peer, "10.1.2.3", **FORGED)
        )
        return seen[0]

    return passing


def test_headers_of_a_trusted_proxy_stay(passed_on, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    request = passed_on("127.0.0.1")
    assert request.is_secure()
    assert request.META[FOR_THE_LOG] == "10.1.2.3"


def test_headers_of_anybody_else_are_forgotten(passed_on, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    request = passed_on("10.9.9.9")
    assert not request.is_secure()
    assert [name for name in request.META if "FORWARDED" in name] == []
    assert request.META[FOR_THE_LOG] == "10.9.9.9"


# --- The setting -------------------------------------------------------------------------------------------
def test_addresses_and_networks_are_read():
    assert [str(network) for network in read_networks(NAME, [" 127.0.0.1", "10.32.7.0/24 ", "", "::1"])] == [
        "127.0.0.1/32",
        "10.32.7.0/24",
        "::1/128",
    ]


@pytest.mark.parametrize("text", ["localhost", "10.0.0.1/8", "10.0.0", "10.0.0.0/33", "127.0.0.1:80", "任意"])
def test_what_is_none_stops_the_start(text):
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} 里的“{text}”不是地址或网段"):
        read_networks(NAME, ["127.0.0.1", text])


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0"])
def test_everybody_is_not_trusted(text):
    with pytest.raises(ImproperlyConfigured, match="谁都可以伪造来源"):
        read_networks(NAME, [text])

"""What `manage.py check --deploy` finds as the portal is installed, with HTTPS and without."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

MANAGE = settings.BASE_DIR / "manage.py"
IN_SERVICE = {
    "BANZHUANG_TESTING": "0",
    "BANZHUANG_DEMO": "0",
    "SECRET_KEY": "k7Jq2vXw9Zp4Ls8Rt1Yc6Nb3Md5Fg0Hh-k7Jq2vXw9Zp4Ls8Rt1Yc6Nb3Md5Fg0Hh",
}


CHECK = [MANAGE, "check", "--deploy", "--fail-level", "WARNING"]


def run(folder, arguments, **environment):
    """(exit code, output) of Python in a new data folder."""
    place = {"BANZHUANG_DATA": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}"}
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | IN_SERVICE | place | environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_with_https_nothing_is_left_to_say(tmp_path):
    code, said = run(tmp_path, CHECK, BANZHUANG_HTTPS="1", BANZHUANG_TRUSTED_PROXIES="127.0.0.1,::1")
    assert (code, "no issues" in said) == (0, True), said


def test_without_https_only_what_https_would_mend(tmp_path):
    code, said = run(tmp_path, CHECK)
    assert code == 1
    assert set(re.findall(r"\w+\.[WE]\d+", said)) == {f"security.W{n}" for n in ("004", "008", "012", "016")}


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"BANZHUANG_HTTPS": "1"}, "还要在 BANZHUANG_TRUSTED_PROXIES 写上代理的地址"),
        ({"BANZHUANG_TRUSTED_PROXIES": "nginx"}, "BANZHUANG_TRUSTED_PROXIES 里的“nginx”不是地址或网段"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(tmp_path, environment, sentence):
    code, said = run(tmp_path, ["-c", "import banzhuang.settings"], **environment)
    assert code == 1
    assert sentence in said.splitlines()[-1]


@pytest.mark.django_db
def test_plain_requests_go_to_https_but_not_the_supervisors(settings):
    """The proxy says that it was asked by TLS; who says so without being one is sent there like anybody."""
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, [r"^healthz$"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.TRUSTED_PROXIES = []
    client = Client(headers={"X-Forwarded-Proto": "https"})
    answer = client.get("/login/")
    assert (answer.status_code, answer.url) == (301, "https://testserver/login/")
    assert client.get("/healthz").status_code == 200

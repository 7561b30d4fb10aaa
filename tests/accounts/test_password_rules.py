"""Which passwords are refused, each with its sentence."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from banzhuang.accounts.models import User
from banzhuang.core.models import ParameterValue

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhou(db):
    """周敏 of the organisation office."""
    return User.objects.create_user("zuzhi", "Dier-Ge-2026", name="周敏", scope="320707109")


def refusals(password, user=None):
    try:
        validate_password(password, user)
    except ValidationError as refused:
        return refused.messages
    return []


@pytest.mark.parametrize("password", ["Qingshan#2026", "青山绿水Aa1绿水青", "qingshan#2026", "QINGSHAN2026#"])
def test_good_ones_pass(zhou, password):
    assert refusals(password, zhou) == []


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Qs#2026ab", "密码至少 10 位。"),
        ("qingshan2026", "大写字母、小写字母、数字、符号，至少用三种。"),
        ("qingshanlvshui", "大写字母、小写字母、数字、符号，至少用三种。"),
        ("20260701#2026", "大写字母、小写字母、数字、符号，至少用三种。"),
        ("Q1w2e3r4t5", "这个密码太常见了。"),
    ],
)
def test_weak_ones_are_refused(zhou, password, sentence):
    assert refusals(password, zhou) == [sentence]


@pytest.mark.parametrize(
    "password",
    [
        "My-Zuzhi-2026",
        "我是周敏Aa1234",
        "ZhouMin#2026",
        "BanZhuang#2026",
        "班庄的Aa123456",
        "Password#2026",
        "Admin#202607",
    ],
)
def test_names_are_refused(zhou, password):
    assert refusals(password, zhou) == ["密码不能含姓名、用户名或地名，也不能用它们的拼音。"]


def test_the_township_is_the_one_that_is_set(zhou):
    assert refusals("Haitou#2026", zhou) == []
    ParameterValue.objects.create(key="township_name", value="海头镇", valid_from="2020-01-01")
    assert len(refusals("Haitou#2026", zhou)) == 1
    assert refusals("BanZhuang#2026", zhou) == []


def test_a_name_of_two_letters_may_be_in_it():
    user = User.objects.create_user("li", "Dier-Ge-2026", name="李", scope="320707109")
    assert refusals("Qingli#2026", user) == []


def test_the_last_five_are_not_used_again(zhou):
    used = ["Dier-Ge-2026", *[f"Qingshan#202{n}" for n in range(5)]]
    for password in used[1:]:
        assert refusals(password, zhou) == []
        zhou.change_password(password)
    assert refusals(used[0], zhou) == []
    for password in used[1:]:
        assert refusals(password, zhou) == ["新密码是最近 5 次用过的，换一个。"]


def test_former_passwords_are_kept_as_hashes_only(zhou):
    zhou.change_password("Qingshan#2026")
    stored = User.objects.filter(pk=zhou.pk).values("password", "former_passwords").get()
    assert len(stored["former_passwords"]) == 1
    assert "Dier-Ge-2026" not in str(stored) and "Qingshan#2026" not in str(stored)

"""Which passwords are refused, each with its sentence."""

import os
import subprocess
import sys

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from zxcvbn import matching

from banzhuang.accounts.guessing import estimate
from banzhuang.accounts.models import User
from banzhuang.accounts.passwords import one_time_password
from banzhuang.core.models import ParameterValue
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhou(db):
    """周敏 of the organisation office."""
    return User.objects.create_user("zuzhi", "Dier-Ge-Haoma-2026", name="周敏", scope="320707109")


def refusals(password, user=None):
    try:
        validate_password(password, user)
    except ValidationError as refused:
        return refused.messages
    return []


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Qs#2026ab", "密码至少 10 位。"),
        ("qingshan2026", "大写字母、小写字母、数字、符号，至少用三种。"),
        ("qingshanlvshui", "大写字母、小写字母、数字、符号，至少用三种。"),
        ("20260701#2026", "大写字母、小写字母、数字、符号，至少用三种。"),
        (
            "Dangjian@2026",
            "这个密码容易猜到（工作用语或常用语、年份）：加长，用三四个互不相干的词的拼音，中间夹数字和符号。",
        ),
        ("Aa1党建党委", "密码至少 10 位。"),
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
    assert refusals("Haitou-de-Hai7feng", zhou) == []
    ParameterValue.objects.create(key="township_name", value="海头镇", valid_from="2020-01-01")
    assert len(refusals("Haitou-de-Hai7feng", zhou)) == 1
    assert refusals("BanZhuang-de-Shan7ding", zhou) == []


def test_a_name_of_two_letters_may_be_in_it():
    user = User.objects.create_user("li", "Dier-Ge-2026", name="李", scope="320707109")
    assert refusals("Qingli-Chuntian#7", user) == []


def test_the_last_five_are_not_used_again(zhou):
    used = ["Dier-Ge-Haoma-2026", *[f"Qingshan-Lvshui#{n}" for n in range(5)]]
    for password in used[1:]:
        assert refusals(password, zhou) == []
        zhou.change_password(password)
    assert refusals(used[0], zhou) == []
    for password in used[1:]:
        assert refusals(password, zhou) == ["新密码是最近 5 次用过的，换一个。"]


# --- Guessing ----------------------------------------------------------------------------------------------
WEAK = """
Aa123456789 Aa@12345678 Abc123456! Abcd1234!@#$ A1b2c3d4e5 Qq123456789 zZ123456789 Q1w2e3r4t5 1q2w3e4r5T! Aaaaaaaa1!
Abcabcabc1! P@ssw0rd2026 Passw0rd!! P@ssword123 Welcome2026! Iloveyou520! Dr@gon2026 Summer2026! Test@12345
Qwer1234!@ 1qaz@WSX3edc !QAZ2wsx#EDC Qaz123wsx! Qwertyuiop1! Asdfghjkl;1A Zxcvbnm,./1A
Xixiangshi@24 Xiangshi2026! Caoding@123 Caoding2026! Xxs@2026abc Ganyu@2026 Lianyungang1! Jiangsu2026! GanyuDangjian1!
Dangjian@2026 DangJian123! 2026@Dangjian Zhengfu2026! Dangjian@Zhengfu26 Shuji@123456 Cunganbu2026! Huanwei123!
Minzheng@2026 Fupin@2026 党建2026Aa!! 西响石村Aa2026 Aa12曹顶村党支部
Woaini1314! Woaini@520 Wodemima123! Mima123456! M1ma@202611 Zhongguo2026! Qingshan#2026 20261124Aa! Aa19851203!
""".split()
GOOD = """
Mingtian-Chi-Jiaozi-7 wo3xihuanchidoufu! Xiaolu-Biande-Shizi9 zaoshang-liudian-Qichuang8 DayuXiaLeYizhengtian3
laojiadeyizi-kua-le-2 Heshang-Qiaole3xiaZhong GaoshanLiushui,Zhiyin8 Nanhu_de_lianou_hen_tian5 9Jiu+tiao_yu?Da
Hongluobo&Baicai&3jin yuhou2CaihongFeichangmei Guqin_7xian_tan LiangTiaoHuangGou-8 ShuiniuGuo3ciHe Qingshan-Lvshui#3
k7Jq2vXw9Z hR4!tq9Lz2 Tq8#vWm2Lp mZ7-pQ4-xT9 Correct-horse-battery-7 三月Taohua开了7 青山绿水Aa1绿水青
""".split()


@pytest.fixture
def places(db):
    """The township with two villages, as it stands in the database."""
    factories.VillageFactory(name="西响石村", aliases=["石头岭"])
    factories.VillageFactory(name="曹顶村")


def test_what_people_here_think_of_first_is_refused(zhou, places):
    said = {password: refusals(password, zhou) for password in WEAK}
    assert len(said) > 40
    wrong = [
        name for name, told in said.items() if len(told) != 1 or not told[0].startswith("这个密码容易猜到")
    ]
    assert wrong == []


def test_what_nobody_thinks_of_is_taken(zhou, places):
    said = {password: refusals(password, zhou) for password in GOOD}
    assert len(said) > 20
    assert {password: told for password, told in said.items() if told} == {}


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("Caoding2026!", "地名或姓名、年份"),
        ("Shitouling!!", "地名或姓名、重复的字符"),
        ("Zxcvbnm,./1A", "键盘上相邻的键"),
        ("Aa19851203!", "日期"),
    ],
)
def test_the_sentence_says_what_makes_it_weak(zhou, places, password, found):
    assert f"容易猜到（{found}）" in refusals(password, zhou)[0]


def test_the_places_are_those_of_the_database(zhou):
    before = estimate("Caoding@123").places
    factories.VillageFactory(name="曹顶村")
    assert estimate("Caoding@123").places < before - 3


def test_what_one_person_is_called_makes_no_other_password_weak(zhou):
    """zxcvbn's own function keeps the words it was given for all who come after."""
    before = estimate("Xiaohongmao7")
    assert estimate("Xiaohongmao7", ["xiaohongmao"]).places < before.places
    assert estimate("Xiaohongmao7") == before


def test_of_a_very_long_one_the_beginning_is_looked_at(zhou, monkeypatch):
    looked_at = []
    monkeypatch.setattr(matching, "omnimatch", lambda text, words: looked_at.append(text) or [])
    assert refusals("Aa1-" * 5000, zhou) == []
    assert looked_at == ["Aa1-" * 10]


def test_a_long_one_is_as_good_as_its_beginning(zhou):
    assert len(refusals("Aa1-" * 20, zhou)) == 1


def test_passwords_given_by_the_administrator_hold_by_the_same_rules(zhou):
    assert [refusals(one_time_password(), zhou) for _ in range(10)] == [[]] * 10


def test_the_lists_are_read_at_the_first_password_and_not_at_the_start():
    """They take a second, which each worker process would spend at each start."""
    code = "import django; django.setup(); import banzhuang.urls, sys; print('zxcvbn' in sys.modules)"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "banzhuang.settings"}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"


def test_former_passwords_are_kept_as_hashes_only(zhou):
    zhou.change_password("Qingshan#2026")
    stored = User.objects.filter(pk=zhou.pk).values("password", "former_passwords").get()
    assert len(stored["former_passwords"]) == 1
    assert "Dier-Ge-2026" not in str(stored) and "Qingshan#2026" not in str(stored)

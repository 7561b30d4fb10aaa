"""Password rules beyond Django's: three classes of characters, no names, none of the last ones."""

import re
import secrets

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError

from banzhuang.core.clock import today
from banzhuang.core.parameters import TOWNSHIP_NAME
from banzhuang.core.pinyin import spelling

from .guessing import estimate

SHORTEST = 10
CLASSES = (r"[a-z]", r"[A-Z]", r"\d", r"[^a-zA-Z0-9]")
COMMON_WORDS = ("password", "admin")
SHORTEST_WORD = {True: 3, False: 2}  # of letters; of Chinese characters
REMEMBERED = 5  # this one and the four before


def one_time_password() -> str:
    """Told once to whom it is for; never stored but as a hash."""
    return f"Yi-{secrets.token_urlsafe(9)}"


class LengthValidator(MinimumLengthValidator):
    """Django's, whose sentence is not translated in 5.2."""

    def __init__(self):
        super().__init__(SHORTEST)

    def get_error_message(self):
        return self.get_help_text()

    def get_help_text(self):
        return f"密码至少 {self.min_length} 位。"


class CharacterClassValidator:
    """等保 2.0: at least three of lower case, upper case, digits, other characters."""

    def validate(self, password, user=None):
        if sum(bool(re.search(pattern, password)) for pattern in CLASSES) < 3:
            raise ValidationError(self.get_help_text(), code="too_few_classes")

    def get_help_text(self):
        return "大写字母、小写字母、数字、符号，至少用三种。"


class PersonalWordsValidator:
    """Neither the person's nor the township's name, in characters or in pinyin."""

    def validate(self, password, user=None):
        name, username = getattr(user, "name", ""), getattr(user, "username", "")
        township = re.sub("(镇|乡|街道)$", "", TOWNSHIP_NAME.on(today()))
        words = [*COMMON_WORDS, username, name, spelling(name), township, spelling(township)]
        if any(word.lower() in password.lower() for word in words if long_enough(word)):
            raise ValidationError("密码不能含姓名、用户名或地名，也不能用它们的拼音。", code="personal_word")

    def get_help_text(self):
        return "不含姓名、用户名或地名。"


def long_enough(word: str) -> bool:
    """A user named "li" may still have "li" in the password."""
    return len(word) >= SHORTEST_WORD[word.isascii()]


class GuessableValidator:
    """Whether it withstands guessing; only of a password with which nothing else is wrong: one sentence at a time."""

    def validate(self, password, user=None):
        before = (LengthValidator(), CharacterClassValidator(), PersonalWordsValidator())
        if any(refuses(rule, password, user) for rule in before):
            return
        found = estimate(password, filter(None, [getattr(user, "name", ""), getattr(user, "username", "")]))
        if not found.enough:
            why = f"（{'、'.join(found.found)}）" if found.found else ""
            raise ValidationError(
                f"这个密码容易猜到{why}：加长，用三四个互不相干的词的拼音，中间夹数字和符号。",
                code="guessable",
            )

    def get_help_text(self):
        return "不容易猜到：不用地名、工作用语加年份，不用键盘上相邻的键。"


def refuses(rule, password: str, user) -> bool:
    try:
        rule.validate(password, user)
    except ValidationError:
        return True
    return False


class NotTheSameValidator:
    def validate(self, password, user=None):
        if user is None or not user.pk:
            return
        if any(check_password(password, used) for used in [user.password, *user.former_passwords]):
            raise ValidationError(f"新密码是最近 {REMEMBERED} 次用过的，换一个。", code="same")

    def get_help_text(self):
        return f"不是最近 {REMEMBERED} 次用过的。"

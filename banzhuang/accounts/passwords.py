"""Password rules beyond Django's: three classes of characters, no names, not the one before."""

import re

from django.core.exceptions import ValidationError

CLASSES = (r"[a-z]", r"[A-Z]", r"\d", r"[^a-zA-Z0-9]")
TOWNSHIP_WORDS = ("banzhuang", "班庄", "ganyu", "赣榆", "password", "admin")


class CharacterClassValidator:
    """等保 2.0: at least three of lower case, upper case, digits, other characters."""

    def validate(self, password, user=None):
        if sum(bool(re.search(pattern, password)) for pattern in CLASSES) < 3:
            raise ValidationError(self.get_help_text(), code="too_few_classes")

    def get_help_text(self):
        return "大写字母、小写字母、数字、符号，至少用三种。"


class PersonalWordsValidator:
    def validate(self, password, user=None):
        words = [*TOWNSHIP_WORDS, getattr(user, "username", ""), getattr(user, "name", "")]
        if any(len(word) >= 2 and word.lower() in password.lower() for word in words):
            raise ValidationError("密码不能含姓名、用户名或地名。", code="personal_word")

    def get_help_text(self):
        return "不含姓名、用户名或地名。"


class NotTheSameValidator:
    def validate(self, password, user=None):
        if user is not None and user.pk and user.has_usable_password() and user.check_password(password):
            raise ValidationError("新密码与现在的密码相同，换一个。", code="same")

    def get_help_text(self):
        return "与现在的密码不同。"

"""Fields: encrypted text with a keyed hash for look-up and a mask for display; dates with a precision."""

import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

from .dates import PartialDate


def _cipher() -> MultiFernet:
    return _cipher_of(tuple(settings.FIELD_KEYS))


@lru_cache(maxsize=2)
def _cipher_of(keys: tuple[str, ...]) -> MultiFernet:
    """Made once: it costs as much as encrypting a number."""
    return MultiFernet([Fernet(key.strip()) for key in keys])


def encrypt(text: str) -> str:
    return _cipher().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    try:
        return _cipher().decrypt(token.encode()).decode()
    except InvalidToken:
        raise ValueError("密文与 BANZHUANG_FIELD_KEYS 中的密钥不符") from None


def encrypt_bytes(content: bytes) -> bytes:
    """For whole files; half as long again, and all of it in memory."""
    return _cipher().encrypt(content)


def decrypt_bytes(token: bytes) -> bytes:
    try:
        return _cipher().decrypt(token)
    except InvalidToken:
        raise ValueError("密文与 BANZHUANG_FIELD_KEYS 中的密钥不符") from None


def keyed_hash(text: str) -> str:
    """HMAC-SHA256 in hex, led by the key's version, so that keys can be changed one row at a time."""
    return "1:" + hmac.digest(settings.HASH_KEY.encode(), text.encode(), "sha256").hex()


class EncryptedTextField(models.TextField):
    """Text that stands encrypted in the database. Look up by a HashField beside it, never by this one."""

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return encrypt(value) if value else ""

    def from_db_value(self, value, expression, connection):
        return decrypt(value) if value else ""

    def get_lookup(self, lookup_name):
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class DerivedField(models.CharField):
    """Filled at save (also in bulk) from another field of the same row."""

    def __init__(self, *args, source="", **kwargs):
        self.source = source
        kwargs.update(blank=True, editable=False, default="")
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        kwargs["source"] = self.source
        return name, path, args, kwargs

    def derive(self, value: str) -> str:
        raise TypeError("a derived field says how it derives")

    def pre_save(self, model_instance, add):
        value = getattr(model_instance, self.source)
        derived = self.derive(value) if value else ""
        setattr(model_instance, self.attname, derived)
        return derived


class HashField(DerivedField):
    """Keyed hash of another field: equal values have equal hashes, and nothing can be read back."""

    def derive(self, value):
        return keyed_hash(value)


class MaskField(DerivedField):
    """What of an identity number may be shown: 7100**********9437."""

    def derive(self, value):
        from .codes import mask_id_number

        return mask_id_number(value)


class PhoneMaskField(MaskField):
    """What of a phone may be shown: 139****1062; of several each."""

    def derive(self, value):
        from .codes import mask_phone

        return mask_phone(value)[: self.max_length]


class InitialsField(DerivedField):
    """Pinyin initials of a name, for search and for sorting where the database knows no Chinese order."""

    def derive(self, value):
        from .pinyin import initials

        return initials(value)[: self.max_length]


class ScopeCodeField(models.CharField):
    """The division code a row belongs to, taken from the row's `place_code` at every save, also in bulk."""

    def __init__(self, **kwargs):
        kwargs.update(max_length=12, db_index=True, editable=False)
        kwargs.setdefault("verbose_name", "区划代码")
        super().__init__(**kwargs)

    def pre_save(self, model_instance, add):
        if hasattr(model_instance, "place_code"):  # a history row has none, and keeps what was copied to it
            setattr(model_instance, self.attname, model_instance.place_code)
        return getattr(model_instance, self.attname)


class PrecisionField(models.CharField):
    """How much of the date beside it is known."""

    CHOICES = (("year", "到年"), ("month", "到月"), ("day", "到日"))

    def __init__(self, **kwargs):
        kwargs.update(max_length=5, choices=self.CHOICES, default="day", editable=False)
        kwargs.setdefault("verbose_name", "日期精度")
        super().__init__(**kwargs)


class Partial:
    """`started = Partial("start")`: reads and writes the columns `start` and `start_precision` as one PartialDate."""

    def __init__(self, column: str):
        self.column = column

    def __set_name__(self, owner, name):
        self.model = owner

    @property
    def short_description(self) -> str:
        """What the admin calls it for those who only read; who writes has the form's label."""
        return self.model._meta.get_field(self.column).verbose_name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        first = getattr(instance, self.column)
        return PartialDate(first, getattr(instance, f"{self.column}_precision")) if first else None

    def __set__(self, instance, value: PartialDate | None):
        setattr(instance, self.column, value.first if value else None)
        setattr(instance, f"{self.column}_precision", value.precision if value else "day")

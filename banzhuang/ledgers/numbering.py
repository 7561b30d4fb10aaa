"""系统编号: the number by which a row of an export names its row of the register, and nothing else.

It ends in four characters that follow from the row and the kind of ledger by a secret key. What Excel makes of it when a
cell is filled down, a number of another ledger and one thought up are errors in their cell, not another row overwritten.
"""

import hmac
import re
from typing import Any

from django.conf import settings

from banzhuang.core.text import compact

from .parsers import Parsed, Parser, as_text, refused

SHAPE = re.compile("([1-9][0-9]{0,17})-([0-9A-Z]{4})")
CHARACTERS = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that looks like another
TO_CHARACTERS = bytes(CHARACTERS[byte % 32] for byte in range(256))

UNKNOWN = "没有这个系统编号，或不在账号的范围内。"
REMEDY = "照导出的台账填写，不要拖动填充；新增的一行留空。"


def number_of(ledger: Any, pk: int) -> str:
    """The number of a row of the ledger's model, as "128-7K3Q"."""
    return f"{pk}-{check_characters(ledger.kind, pk)}"


def pk_of(ledger: Any, text: str) -> int | None:
    """The key of the row that a number of this ledger names, None when it is none; the row may not exist."""
    found = SHAPE.fullmatch(compact(text).upper())
    if found is None:
        return None
    pk = int(found[1])
    return pk if hmac.compare_digest(found[2], check_characters(ledger.kind, pk)) else None


def check_characters(kind: str, pk: int) -> str:
    digest = hmac.digest(settings.HASH_KEY.encode(), f"system-number:{kind}:{pk}".encode(), "sha256")
    return digest[:4].translate(TO_CHARACTERS).decode()


class SystemNumber(Parser):
    """A number of one ledger, as the key of its row."""

    def __init__(self, ledger: Any):
        self.ledger = ledger

    def read(self, value, context):
        pk = pk_of(self.ledger, as_text(value))
        return refused(UNKNOWN, REMEDY) if pk is None else Parsed(pk)

    def label(self, pk: int) -> str:
        """The number as people see it."""
        return number_of(self.ledger, pk)

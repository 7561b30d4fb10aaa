"""Workbooks under a password, for the tests that open and make them."""

import io

from msoffcrypto.format.ooxml import OOXMLFile

from banzhuang.ledgers.export import Disclosure

PASSWORD = "K7MQ-3XWR-H2PD"


def whole(reason: str) -> Disclosure | None:
    """What an export is given with a reason; None without one."""
    return Disclosure(reason, PASSWORD) if reason else None


def unsealed(content: bytes, password: str = PASSWORD) -> bytes:
    """What the workbook is to whom knows the password; fails when it is under none, or under another."""
    plain = io.BytesIO()
    book = OOXMLFile(io.BytesIO(content))
    book.load_key(password=password, verify_password=True)
    book.decrypt(plain, verify_integrity=True)
    return plain.getvalue()

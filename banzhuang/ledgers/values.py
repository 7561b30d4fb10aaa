"""Values of facts as text: for staging (exact, and back), for the preview (as people write them), for --json."""

import datetime
import json
from decimal import Decimal

from banzhuang.core.codes import mask_id_number, mask_phone
from banzhuang.core.dates import PartialDate

from .ledger import Column, Fact, Ledger
from .numbering import SystemNumber
from .parsers import Choice, IdNumber, Phone


def pack(content: dict) -> str:
    """Values by key, alone or within what is kept with them → JSON; `unpacked` gives the same values back."""
    return PACKER.encode(content)


def _packed(value):
    if isinstance(value, PartialDate):
        return {"partial": value.iso()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, datetime.date):
        return {"date": value.isoformat()}
    raise TypeError(f"cannot stage a {type(value).__name__}")


PACKER = json.JSONEncoder(default=_packed, ensure_ascii=False)
KINDS = {"partial": PartialDate.parse_iso, "decimal": Decimal, "date": datetime.date.fromisoformat}


def unpacked(values: dict) -> dict:
    """Values by key, from what JSON made of them."""
    return {
        key: _unpacked(value) if isinstance(value, dict | list) else value for key, value in values.items()
    }


def _unpacked(value):
    if isinstance(value, dict):
        [(kind, text)] = value.items()
        return KINDS[kind](text)
    return [_unpacked(one) for one in value] if isinstance(value, list) else value


def shown(column: Column, value) -> str:
    """A parsed value as the preview and --json show it: sensitive ones masked, choices by their label."""
    if value is None or value == "":
        return ""
    if column.sensitive:
        return masked(column, value)
    if isinstance(value, list):
        return "、".join(labels(column, value))
    if isinstance(value, PartialDate):
        return value.iso()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return column.parser.label(value) if isinstance(column.parser, Choice | SystemNumber) else str(value)


def labels(column: Column, values: list) -> list[str]:
    """The words of a column that holds several: of its choices, or as they are (aliases of a village)."""
    label = getattr(column.parser, "label", str)
    return [label(value) for value in values]


def masked(column: Column, value) -> str:
    """A raw or parsed sensitive value with its middle starred; other sensitive text is starred whole."""
    if isinstance(column.parser, IdNumber):
        return mask_id_number(value)
    if isinstance(column.parser, Phone):
        return mask_phone(value)
    return "＊＊＊"


def shown_raw(column: Column | None, value) -> str:
    """A cell as it stands in the file, for messages; masked where the column is sensitive."""
    if value is None:
        return ""
    if column is not None and column.sensitive:
        return masked(column, value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return str(value)


def raw_kept(ledger: Ledger, fact: Fact) -> dict[str, str]:
    """The cells as messages show them; most are text that nothing has to be done to."""
    return {
        key: value
        if type(value) is str and key not in ledger.sensitive
        else shown_raw(ledger.column(key), value)
        for key, value in fact.raw.items()
    }

"""Tables as JSON and back: what is kept behind a workbook, from which it can be written again, figure by figure."""

import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal

from banzhuang.core.codes import in_groups
from banzhuang.core.dates import PartialDate

from .contents import Entry
from .tables import LAYOUTS, Flag, OfficialTable, TableColumn, Total, TrendChart, Value

Json = dict | list | str | int | float | bool | None
COLUMN_FIELDS = [field.name for field in fields(TableColumn) if field.name != "read"]
PLAIN_FIELDS = [
    "title",
    "reporting_unit",
    "period",
    "unit",
    "total_label",
    "signature",
    "filled_by",
    "frozen_columns",
    "left_columns",
    "rows_per_page",
]


def freeze(entries: Sequence[Entry]) -> list[dict]:
    """JSON of every sheet, in order."""
    return [
        {
            "name": entry.name,
            "office": entry.office,
            "highlight": entry.highlight,
            "state": entry.state,
            "table": _frozen_table(entry.table),
        }
        for entry in entries
    ]


def thaw(frozen: Sequence[dict]) -> list[Entry]:
    """The entries that `freeze` was given."""
    return [Entry(**{**kept, "table": _thawed_table(kept["table"])}) for kept in frozen]


def checksum(frozen: Sequence[dict]) -> str:
    """First sixteen hexadecimal digits, in fours, of the SHA-256 over the figures: printed on the cover."""
    text = json.dumps(frozen, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return in_groups(hashlib.sha256(text.encode()).hexdigest())


def _frozen_table(table: OfficialTable) -> dict:
    return {
        **{name: getattr(table, name) for name in PLAIN_FIELDS},
        "layout": table.layout.name,
        "filled_on": frozen_value(table.filled_on),
        "as_of": frozen_value(table.as_of),
        "notes": list(table.notes),
        "identified_by": list(table.identified_by),
        "columns": [{name: getattr(column, name) for name in COLUMN_FIELDS} for column in table.columns],
        "rows": [[frozen_value(value) for value in row] for row in table.rows],
        "totals": [[frozen_value(total.value), total.span, total.number_format] for total in table.totals],
        "chart": _frozen_chart(table.chart),
    }


def _thawed_table(kept: dict) -> OfficialTable:
    return OfficialTable(
        **{name: kept[name] for name in PLAIN_FIELDS},
        layout=LAYOUTS[kept["layout"]],
        filled_on=thawed_value(kept["filled_on"]),
        as_of=thawed_value(kept["as_of"]),
        notes=tuple(kept["notes"]),
        identified_by=tuple(kept["identified_by"]),
        columns=tuple(TableColumn(**column) for column in kept["columns"]),
        rows=tuple(tuple(thawed_value(value) for value in row) for row in kept["rows"]),
        totals=tuple(Total(thawed_value(value), span, pattern) for value, span, pattern in kept["totals"]),
        chart=_thawed_chart(kept["chart"]),
    )


def _frozen_chart(chart: TrendChart | None) -> dict | None:
    if chart is None:
        return None
    return {
        "title": chart.title,
        "name": chart.name,
        "labels": list(chart.labels),
        "values": [frozen_value(value) for value in chart.values],
        "number_format": chart.number_format,
        "described": chart.described,
    }


def _thawed_chart(kept: dict | None) -> TrendChart | None:
    if kept is None:
        return None
    values = tuple(thawed_value(value) for value in kept["values"])
    return TrendChart(**{**kept, "labels": tuple(kept["labels"]), "values": values})


def frozen_value(value: Value | Flag) -> Json:
    """JSON of one cell; what JSON has no type for becomes {type: text}."""
    if isinstance(value, Flag):
        return {"flag": [frozen_value(value.value), value.state, value.number_format]}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, PartialDate):
        return {"partial": value.iso()}
    if isinstance(value, datetime.date):
        return {"date": value.isoformat()}
    return value


def thawed_value(kept: Json) -> Value | Flag:
    """The cell that `frozen_value` was given."""
    match kept:
        case {"flag": [value, state, number_format]}:
            return Flag(thawed_value(value), state, number_format)
        case {"decimal": text}:
            return Decimal(text)
        case {"partial": text}:
            return PartialDate.parse_iso(text)
        case {"date": text}:
            return datetime.date.fromisoformat(text)
    return kept

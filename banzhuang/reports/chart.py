"""The line of twelve months under a mechanism's figures: one line, grey grid, the last value written."""

import math
from collections.abc import Sequence
from decimal import Decimal

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from .formats import ACT, BODY_FONT, HEAD_FONT, Formats
from .tables import TrendChart

GRID, AXIS = "#DDE1E6", "#858D99"
HEIGHT, ROWS, ROW_HEIGHT = 205, 10, 15
GAP_COLUMNS = 2
DATA_ROW = 2
STEPS, WHOLE_STEPS = (1, 2, 2.5, 5, 10), (1, 2, 5, 10)


def axis_bounds(values: Sequence[int | float | Decimal | None], lines: int = 5) -> tuple[float, float, float]:
    """(least, greatest, step) of a value axis with about `lines` round steps around the values.

    The axis begins at zero when the values come near it, so that small numbers are not made to look dramatic.
    """
    numbers = [float(value) for value in values if value is not None]
    least, greatest = (min(numbers), max(numbers)) if numbers else (0.0, 0.0)
    if least > 0 and least < greatest * 0.5:
        least = 0.0
    reach = greatest - least or abs(greatest) * 0.2 or 1.0
    whole = all(number.is_integer() for number in numbers)
    raw = max(reach / (lines - 1), 1.0) if whole else reach / (lines - 1)
    power = 10 ** math.floor(math.log10(raw))
    step = next(
        factor * power for factor in (WHOLE_STEPS if whole else STEPS) if factor * power >= raw * 0.999
    )
    low = math.floor(least / step - 0.5) * step
    high = math.ceil(greatest / step + 0.5) * step
    return (max(0.0, low) if least >= 0 else low), high, step


def place_chart(
    workbook: Workbook, worksheet: Worksheet, formats: Formats, trend: TrendChart, at: int, widths: list[int]
) -> int:
    """The chart below row `at`, its figures beside the table, outside the print area. Returns the row after it.

    The figures stand in rows above, so a sheet with a chart cannot be written in constant memory.
    """
    name = worksheet.get_name()
    column = len(widths) + GAP_COLUMNS
    first = DATA_ROW + 1
    words = formats.words()
    worksheet.set_column_pixels(column, column + 1, 80)
    worksheet.write_string(DATA_ROW, column, "图表数据", words)
    for row, (label, value) in enumerate(zip(trend.labels, trend.values, strict=True), start=first):
        worksheet.write_string(row, column, label, words)
        if value is not None:
            worksheet.write_number(row, column + 1, value, words)
    last = first + len(trend.labels) - 1
    chart = workbook.add_chart({"type": "line"})
    series = _series(trend)
    series["categories"] = [name, first, column, last, column]
    series["values"] = [name, first, column + 1, last, column + 1]
    chart.add_series(series)
    _dress(chart, trend, sum(widths))
    options = {
        "x_offset": 0,
        "y_offset": 6,
        "description": trend.described or trend.title,
        "object_position": 1,
    }
    worksheet.insert_chart(at, 0, chart, options)
    for row in range(at, at + ROWS + 1):
        worksheet.set_row(row, ROW_HEIGHT)
    return at + ROWS + 1


def _series(trend: TrendChart) -> dict:
    line = {"color": ACT, "width": 1.75}
    known = [index for index, value in enumerate(trend.values) if value is not None]
    labelled = known[-1] if known else -1
    return {
        "name": trend.name,
        "line": line,
        "marker": {"type": "circle", "size": 5, "fill": {"color": ACT}, "border": {"color": ACT}},
        "data_labels": {
            "value": True,
            "position": "above",
            "num_format": trend.number_format,
            "font": {"name": BODY_FONT, "size": 11, "bold": True},
            "custom": [{} if index == labelled else {"delete": True} for index in range(len(trend.values))],
        },
    }


def _dress(chart, trend: TrendChart, width: int) -> None:
    low, high, step = axis_bounds(trend.values)
    font = {"name": BODY_FONT, "size": 10}
    chart.set_title({"name": trend.title, "name_font": {"name": HEAD_FONT, "size": 12, "bold": False}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"num_font": font, "line": {"color": AXIS}})
    chart.set_y_axis(
        {
            "num_font": font,
            "line": {"color": AXIS},
            "major_gridlines": {"visible": True, "line": {"color": GRID}},
            "num_format": "0" if step >= 1 else trend.number_format,
            "min": low,
            "max": high,
            "major_unit": step,
        }
    )
    chart.set_chartarea({"border": {"color": "black", "width": 0.75}})
    chart.show_blanks_as("gap")
    chart.set_size({"width": width, "height": HEIGHT})

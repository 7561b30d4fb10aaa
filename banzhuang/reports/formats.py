"""Cell formats of official tables: fonts, borders, state = shape + word + colour, and numbers that stay numbers."""

import datetime
from decimal import Decimal

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from banzhuang.core.dates import PartialDate
from banzhuang.core.fonts import BODY_FONT, HEAD_FONT, TITLE_FONT

from .tables import BAD, NEAR, NO_DATA, Flag, Layout, TableColumn, Value
from .widths import LINE_SIZE, TITLE_SIZE

NOTE_SIZE = 10
IDENTITY, ACT, INK_2, INK_3 = "#8C1A1C", "#1E4D8B", "#474E5A", "#5F6773"
OK_TEXT, NEAR_TEXT, BAD_TEXT = "#1B6B3C", "#7F5200", "#AE2E10"
NEAR_TINT, BAD_TINT = "#FFF1D0", "#FCE8E1"
HATCH, HATCH_GROUND = "#BFC4CB", "#F7F8F9"
LIGHT_UP = 14
SHAPES = {NEAR: "▲", BAD: "■"}
# A cell whose text begins like a formula is marked as text, so that it stays text when it is edited.
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
PARTIAL_FORMATS = {"month": "yyyy.mm", "day": "yyyy.mm.dd"}


def number_sections(number_format: str) -> list[str]:
    """The sections of a number format (positive;negative;zero;text), semicolons in quotes left alone."""
    sections, quoted = [""], False
    for mark in number_format:
        if mark == '"':
            quoted = not quoted
        if mark == ";" and not quoted:
            sections.append("")
        else:
            sections[-1] += mark
    return sections


def spaced(number_format: str) -> str:
    """The format with a space before the cell's right border, which an indent would not give to numbers."""
    return ";".join(part if part.endswith("_ ") else f"{part}_ " for part in number_sections(number_format))


def flagged(number_format: str, state: str) -> str:
    """The format with the state's shape at the left edge of the cell and the value at the right."""
    if state not in SHAPES:
        return number_format
    return ";".join(f'"{SHAPES[state]}"* {part}' for part in number_sections(number_format))


class Formats:
    """The formats of one workbook, each made once."""

    def __init__(self, workbook: Workbook):
        self._workbook = workbook
        self._made: dict[tuple, Format] = {}

    def get(self, **properties) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format({"valign": "vcenter", **properties})
        return self._made[key]

    def title(self) -> Format:
        return self.get(font_name=TITLE_FONT, font_size=TITLE_SIZE, align="center")

    def words(self, size: float = LINE_SIZE, **properties) -> Format:
        """Text outside the table: the line above it, the signatures, the notes."""
        return self.get(font_name=BODY_FONT, font_size=size, **properties)

    def link(self, size: float = LINE_SIZE, **properties) -> Format:
        return self.words(size, font_color=ACT, underline=1, **properties)

    def head(self, size: float) -> Format:
        return self.get(font_name=HEAD_FONT, font_size=size, align="center", border=1, text_wrap=True)

    def total(self, layout: Layout, number_format: str, label: bool) -> Format:
        """A cell of the row 合计; its label stands in the middle."""
        align = "center" if label else layout.total_align
        properties = {"font_name": HEAD_FONT, "font_size": layout.head_size if label else layout.total_size}
        if number_format:
            properties["num_format"] = spaced(number_format) if align == "right" else number_format
        return self.get(**properties, align=align, border=1, text_wrap=True)

    def cell(self, column: TableColumn, layout: Layout, value: Value | Flag, wrap: bool = False) -> Format:
        """The format of a value in a column: alignment, number format, state."""
        state = value.state if isinstance(value, Flag) else ""
        shown = value.shown if isinstance(value, Flag) else value
        properties: dict = {
            "font_name": BODY_FONT,
            "font_size": column.size or layout.body_size,
            "border": 1,
            "align": column.align,
            **state_properties(state),
        }
        own = value.number_format if isinstance(value, Flag) else ""
        number_format = _number_format(own or column.number_format, column.align == "right", shown)
        if state in SHAPES:
            # The shape stands at the left edge, so the value has to stand at the right one.
            properties["align"] = "right"
            number_format = flagged(spaced(number_format or "@"), state)
        elif properties["align"] == "right":
            number_format = spaced(number_format or "@")
        if number_format:
            properties["num_format"] = number_format
        if properties["align"] == "left":
            properties["indent"] = 1
        if wrap:
            properties["text_wrap"] = True
        if isinstance(shown, str) and shown.startswith(FORMULA_MARKS):
            properties["quote_prefix"] = True
        return self.get(**properties)


def _number_format(declared: str, right: bool, shown: Value) -> str:
    """The format a value takes: the declared one where it suits the value's type."""
    if isinstance(shown, str):
        return "@" if right else ""
    if isinstance(shown, PartialDate):
        # A column may say less than is known (yyyy.mm of a day), never more.
        return "yyyy" if shown.precision == "year" else declared or PARTIAL_FORMATS[shown.precision]
    if isinstance(shown, datetime.date):
        return declared or "yyyy-mm-dd"
    if isinstance(shown, int | float | Decimal) and not isinstance(shown, bool):
        return declared or ("0" if right else "")
    return ""


def state_properties(state: str) -> dict:
    """Colour and weight of a state's cell; the shape comes with the number format, the word with the value."""
    if state == NEAR:
        return {"font_color": NEAR_TEXT, "bold": True, "bg_color": NEAR_TINT, "pattern": 1}
    if state == BAD:
        return {"font_color": BAD_TEXT, "bold": True, "bg_color": BAD_TINT, "pattern": 1}
    if state == NO_DATA:
        return {"font_color": INK_2, "fg_color": HATCH, "bg_color": HATCH_GROUND, "pattern": LIGHT_UP}
    return {}

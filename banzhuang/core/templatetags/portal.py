"""Presentational tags and filters of every template (a builtin: no {% load %}).

They draw states as shapes (so that they print and survive forced colours), trends and bars as inline SVG (the
content policy allows no style attributes), and write numbers and dates as the portal writes them. No business here.
"""

import datetime
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Drawn in a box of 12 × 12. What is filled and what is only a stroke is part of the shape.
SHAPES = {
    "ok": '<circle cx="6" cy="6" r="5.4" fill="currentColor"/>',
    "near": '<path d="M6 .8 11.8 11.2H.2z" fill="currentColor"/>',
    "bad": '<path d="M.8.8h10.4v10.4H.8z" fill="currentColor"/>',
    "done": '<path d="m1.4 6.6 3.2 3.6 6-8" fill="none" stroke="currentColor" stroke-width="1.8"/>',
    "none": '<circle cx="6" cy="6" r="4.8" fill="none" stroke="currentColor" stroke-width="1.3" '
    'stroke-dasharray="2.2 1.57"/>',
    "exempt": '<path d="M1.5 11 10.5 1" fill="none" stroke="currentColor" stroke-width="1.2"/>',
    "event": '<circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" stroke-width="1.6"/>',
}
STATE_WORDS = {
    "ok": "正常",
    "near": "临近",
    "bad": "逾期",
    "done": "已完成",
    "none": "无数据",
    "exempt": "免除",
}

# Line icons in a box of 20 × 20, stroked with the colour of the text.
ICONS = {
    "home": "M3 9.2 10 3l7 6.2V17h-4.6v-4.6H7.6V17H3z",
    "overview": "M3 17V9h3.5v8M8.2 17V3h3.6v14M13.5 17v-6H17v6M2 17h16",
    "map": "M3 5l4.7-2 4.6 2L17 3v12l-4.7 2-4.6-2L3 17zM7.7 3v12M12.3 5v12",
    "village": "M2 17h16M3.5 17V8.5L8 5l4.5 3.5V17M12.5 10.5H17V17M6.5 17v-4h3v4",
    "report": "M4 2.5h8.5L16 6v11.5H4zM7 9h6M7 12h6M7 15h4",
    "import": "M10 2.5v10M6.3 9 10 12.6 13.7 9M3 13v4h14v-4",
    "visit": "M10 18s6-5.2 6-9.8A6 6 0 0 0 4 8.2C4 12.8 10 18 10 18zM12.2 8a2.2 2.2 0 1 1-4.4 0 2.2 2.2 0 0 1 4.4 0z",
    "log": "M4 2.5h8.5L16 6v11.5H4zM12 2.5V6.5h4M7 10h6M7 13.5h6",
    "list": "M3 5h14M3 10h14M3 15h14",
    "search": "M14 8.5a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0zM12.6 12.6 17.5 17.5",
    "back": "M12.5 3.5 6 10l6.5 6.5",
    "down": "M5.5 8 10 12.5 14.5 8",
    "left": "M12 5.5 7.5 10l4.5 4.5",
    "right": "M8 5.5 12.5 10 8 14.5",
    "close": "M5 5l10 10M15 5 5 15",
    "camera": "M2.5 6h3.6l1.4-2h5l1.4 2h3.6v10.5h-15zM13.2 11a3.2 3.2 0 1 1-6.4 0 3.2 3.2 0 0 1 6.4 0z",
}

SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 46, 18, 2.5
BARS_WIDTH, BARS_HEIGHT = 122, 12
NO_BREAK_SPACE = "\u00a0"
# A number of a sentence, but not the digits of a date (6月, 30日, 2026年).
NUMBER_IN_TEXT = re.compile(r"(?<![\d.])[+−]?\d+(?:[.\u00a0,]\d+)*%?(?![\d.]*[\d月日年])")


# --- Shapes and states -------------------------------------------------------------------------------------


@register.simple_tag
def shape(state: str, label: str = "") -> SafeString:
    """The sign of a state: hidden from readers beside a word, named when it stands alone (`label`)."""
    naming = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="shape shape-{}" viewBox="0 0 12 12" width="10" height="10" {} focusable="false">{}</svg>',
        state,
        naming,
        mark_safe(SHAPES[state]),
    )


@register.simple_tag
def state(state: str, text: str) -> SafeString:
    """Shape and word in the colour of the state."""
    return format_html('<span class="state state-{}">{}{}</span>', state, shape(state), text)


@register.simple_tag
def badge(state: str, text: str) -> SafeString:
    """Shape and word on the tint of the state."""
    return format_html('<span class="tag tag-{}">{}{}</span>', state, shape(state), text)


@register.simple_tag
def state_counts(counts: Iterable[dict]) -> SafeString:
    """The legend at the right of a title bar: `[{state, label, count}]`."""
    words = ((state(entry["state"], f"{entry['label']} {entry['count']}"),) for entry in counts)
    return format_html('<span class="state-counts">{}</span>', format_html_join(" ", "{}", words))


@register.filter
def state_word(state):
    """What a shape is called where no word stands beside it."""
    return STATE_WORDS.get(state, "")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A line icon of 20 px; named only when no word stands beside it."""
    naming = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon" viewBox="0 0 20 20" width="20" height="20" {} focusable="false">'
        '<path d="{}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>',
        naming,
        ICONS[name],
    )


# --- Small drawings ----------------------------------------------------------------------------------------


@register.simple_tag
def spark(points: Sequence[float | None] | None) -> SafeString:
    """The trend beside a figure, oldest first; None is a gap. Nothing is drawn for fewer than two values.

    Hidden from readers: the sentence below the figure says the change in words.
    """
    values = [float(value) for value in points or () if value is not None]
    if len(values) < 2:
        return SafeString("")
    low, span = min(values), max(values) - min(values)
    step = (SPARK_WIDTH - 2 * SPARK_MARGIN) / (len(points) - 1)

    def place(index, value):
        height = (float(value) - low) / span if span else 0.5
        return SPARK_MARGIN + index * step, SPARK_HEIGHT - SPARK_MARGIN - height * (
            SPARK_HEIGHT - 2 * SPARK_MARGIN
        )

    lines = []
    for present, run in groupby(enumerate(points), key=lambda point: point[1] is not None):
        if present:
            lines.append(" ".join("{:.1f},{:.1f}".format(*place(*point)) for point in run))
    last = max(index for index, value in enumerate(points) if value is not None)
    x, y = place(last, points[last])
    return format_html(
        '<svg class="spark" viewBox="0 0 46 18" width="46" height="18" aria-hidden="true" focusable="false">'
        '{}<circle cx="{}" cy="{}" r="2"/></svg>',
        format_html_join("", '<polyline points="{}"/>', ((line,) for line in lines)),
        f"{x:.1f}",
        f"{y:.1f}",
    )


@register.simple_tag
def bars(overdue: int, near: int, largest: int) -> SafeString:
    """Overdue (solid) and near (hatched) side by side; `largest` is the longest sum of the table."""
    unit = (BARS_WIDTH - 1) / largest if largest else 0
    first, second = overdue * unit, near * unit
    # The stripes are clipped by the inner svg: a pattern would need an id, and ids repeat in a table.
    stripes = "".join(f"M{x} {BARS_HEIGHT}l{BARS_HEIGHT}-{BARS_HEIGHT}" for x in range(-12, BARS_WIDTH, 6))
    return format_html(
        '<svg class="bars" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true" focusable="false">'
        '<rect class="bars-overdue" width="{}" height="{}"/><svg x="{}" width="{}" height="{}">'
        '<rect class="bars-near" width="{}" height="{}"/><path class="bars-stripes" d="{}"/></svg></svg>',
        *(BARS_WIDTH, BARS_HEIGHT, BARS_WIDTH, BARS_HEIGHT),
        *(f"{first:.1f}", BARS_HEIGHT),
        *(f"{first + 1 if first else 0:.1f}", f"{second:.1f}", BARS_HEIGHT),
        *(BARS_WIDTH, BARS_HEIGHT, stripes),
    )


@register.simple_tag
def progress_bar(percent: float, plan: float | None = None, label: str = "") -> SafeString:
    """A flat bar of 8 px; `percent` and `plan` in 0–100, the ink mark stands at the plan."""
    words = f"{percent:g}%" if plan is None else f"{percent:g}%，计划 {plan:g}%"
    mark = SafeString("")
    if plan is not None:
        mark = format_html(
            '<rect class="line-plan" x="{}%" width="2" height="14"/>', f"{min(plan, 100) * 0.98:.1f}"
        )
    return format_html(
        '<svg class="line" height="14" role="img" aria-label="{}">'
        '<rect class="line-track" y="3" width="100%" height="8"/>'
        '<rect class="line-done" y="3" width="{}%" height="8"/>{}</svg>',
        f"{label} {words}".strip(),
        f"{max(0, min(percent, 100)):.1f}",
        mark,
    )


# --- Blocks ------------------------------------------------------------------------------------------------


@register.simple_block_tag
def panel(content, title, note="", *, beside="", tools="", foot="", padded=False, id="", css=""):
    """A panel with a title bar; see templates/components/panel.html for the places of the arguments."""
    return render_to_string(
        "components/panel.html",
        {
            "content": content,
            "title": title,
            "note": note,
            "beside": beside,
            "tools": tools,
            "foot": foot,
            "padded": padded,
            "id": id,
            "css": css,
        },
    )


@register.simple_tag
def segmented(choices: Iterable[dict], label: str) -> SafeString:
    """Links of which one is chosen: `[{label, url, active}]`; `label` names the group for readers."""
    return render_to_string("components/segmented.html", {"choices": choices, "label": label})


@register.filter
def group_starts(groups: Iterable[dict]) -> list[bool]:
    """For each column of the board whether its office begins there (the only vertical lines of the table)."""
    return [index == 0 for group in groups for index in range(group["span"])]


@register.filter
def zipped(items: Iterable, others: Iterable):
    """Pairs, to walk through two lists of a template at once."""
    return zip(items, others, strict=False)


@register.filter
def wrong_fields(form) -> int:
    """How many fields of a form have errors; what concerns the form as a whole does not count."""
    return sum(1 for name in form.errors if name in form.fields)


# --- Numbers and dates -------------------------------------------------------------------------------------


@register.filter
def number(value, decimals=None):
    """1762.8 → `1 762.8` with a no-break space; words and None pass unchanged. `decimals` fixes their count."""
    if not isinstance(value, int | float | Decimal) or isinstance(value, bool):
        return value
    if decimals is None:
        text = f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float | Decimal) else f"{value:,}"
    else:
        text = f"{value:,.{int(decimals)}f}"
    return text.replace(",", NO_BREAK_SPACE).replace("-", "−")


@register.filter
def ten_thousands(yuan):
    """Yuan as 万元 with one decimal: 386000 → 38.6."""
    return number(yuan / 10_000, 1)


@register.filter
def change(value):
    """A difference in words: +2, −1, 持平; empty for None. No arrows, they would read as states."""
    if value is None:
        return ""
    if value == 0:
        return "持平"
    return f"+{number(value)}" if value > 0 else number(value)


@register.filter
def bold_numbers(text):
    """A note with its numbers in <b>, those of dates excepted: `较上月 <b>+2</b>`, but `6月走访 <b>61</b> 次`."""
    return mark_safe(NUMBER_IN_TEXT.sub(r"<b>\g<0></b>", str(conditional_escape(text or ""))))


@register.filter
def break_after_year(text):
    """2025年6月3日 may wrap after the year, and only there: the column of a timeline is narrow."""
    return mark_safe(str(conditional_escape(text)).replace("年", "年<wbr>"))


def local(value):
    """A moment in the township's time; a day as it is."""
    return (
        timezone.localtime(value)
        if isinstance(value, datetime.datetime) and timezone.is_aware(value)
        else value
    )


@register.filter
def day(value):
    """7月1日"""
    return f"{local(value).month}月{local(value).day}日" if value else ""


@register.filter
def full_day(value):
    """2026年7月1日"""
    return f"{local(value).year}年{day(value)}" if value else ""


@register.filter
def month(value):
    """2026年6月"""
    return f"{local(value).year}年{local(value).month}月" if value else ""


@register.filter
def period(value):
    """The as-of date: its month when it is the last day of one (2026年6月), else the day itself."""
    return month(value) if (value + datetime.timedelta(days=1)).day == 1 else full_day(value)


@register.filter
def weekday(value):
    """周三"""
    return "周" + "一二三四五六日"[local(value).weekday()] if value else ""


@register.filter
def iso_day(value):
    """2026-07-01"""
    return f"{local(value):%Y-%m-%d}" if value else ""


@register.filter
def moment(value):
    """7月1日 09:20"""
    return f"{day(value)} {local(value):%H:%M}" if value else ""

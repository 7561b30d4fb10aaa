"""Puts the monthly workbook together: cover, contents, and one sheet an entry."""

import datetime
from collections.abc import Callable, Sequence

from xlsxwriter import Workbook

from .contents import SHEET_NAME, Entry, write_contents
from .cover import Cover, write_cover
from .formats import Formats
from .official import WORKBOOK_OPTIONS, Target, write_table

COVER_NAME = "封面"


def write_month(
    target: Target,
    cover: Cover,
    entries: Sequence[Entry],
    made_at: datetime.datetime,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Writes the workbook to `target`. The same words and figures give the same bytes: made_at is its only clock.

    progress(done, total) is called after each sheet.
    """
    with Workbook(target, WORKBOOK_OPTIONS) as workbook:
        workbook.set_properties({"title": cover.title, "company": cover.office, "created": made_at})
        formats = Formats(workbook)
        write_cover(workbook.add_worksheet(COVER_NAME), formats, cover)
        write_contents(workbook.add_worksheet(SHEET_NAME), formats, entries)
        for done, entry in enumerate(entries, start=1):
            write_table(
                workbook, workbook.add_worksheet(entry.name), formats, entry.table, contents=SHEET_NAME
            )
            if progress:
                progress(done, len(entries))

"""The library behind long sheets: what it may not do to who calls it."""

import resource

import pytest

from banzhuang.ledgers.sheet_writer import LongSheet, SheetColumn, write_sheets

COLUMNS = [SheetColumn("行", 10, "@"), SheetColumn("数", 10)]


@pytest.fixture
def small_disk():
    """No file may grow beyond 100 KB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_an_error_as_any_other(small_disk, tmp_path):
    """The library panics, which is no Exception: a worker would die of it."""
    rows = ((f"第{number}行", number) for number in range(50_000))
    with pytest.raises(OSError, match="too large"):
        write_sheets(tmp_path / "a.xlsx", [LongSheet("台账", "台账", [], COLUMNS, rows)])


def test_what_the_rows_raise_comes_through(tmp_path):
    def rows():
        yield "甲", 1
        raise KeyError("乙")

    with pytest.raises(KeyError):
        write_sheets(tmp_path / "a.xlsx", [LongSheet("台账", "台账", [], COLUMNS, rows())])

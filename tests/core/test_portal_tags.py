"""What the presentational tags write: numbers, dates, shapes, trends."""

import datetime
from decimal import Decimal

import pytest

from banzhuang.core.templatetags import portal


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (2987, "2\u00a0987"),
        (1762.8, "1\u00a0762.8"),
        (Decimal("38.60"), "38.6"),
        (-4, "−4"),
        ("优秀", "优秀"),
        (None, None),
        (True, True),
    ],
)
def test_numbers_have_no_break_thousands_and_a_true_minus(value, written):
    assert portal.number(value) == written


def test_decimals_can_be_fixed():
    assert portal.number(96, 1) == "96.0"


def test_money_of_the_report_is_in_ten_thousands():
    assert portal.ten_thousands(386000) == "38.6"


@pytest.mark.parametrize(("value", "written"), [(2, "+2"), (-1, "−1"), (0, "持平"), (None, "")])
def test_change_is_said_without_arrows(value, written):
    assert portal.change(value) == written


def test_numbers_of_a_note_are_bold_but_dates_are_not():
    assert (
        portal.bold_numbers("6月走访 61 次 · 7月10日前 +29.8")
        == "6月走访 <b>61</b> 次 · 7月10日前 <b>+29.8</b>"
    )
    assert portal.bold_numbers("<i>3") == "&lt;i&gt;<b>3</b>"


def test_dates():
    day = datetime.date(2026, 7, 1)
    assert portal.day(day) == "7月1日"
    assert portal.full_day(day) == "2026年7月1日"
    assert portal.month(day) == "2026年7月"
    assert portal.weekday(day) == "周三"
    assert portal.iso_day(day) == "2026-07-01"
    assert portal.period(day) == "2026年7月1日"
    assert portal.period(datetime.date(2026, 6, 30)) == "2026年6月"


def test_moments_are_in_the_time_of_the_township():
    assert portal.moment(datetime.datetime(2026, 7, 1, 1, 20, tzinfo=datetime.UTC)) == "7月1日 09:20"


def test_a_shape_alone_is_named_and_beside_a_word_hidden():
    assert 'role="img" aria-label="临近"' in portal.shape("near", label="临近")
    assert 'aria-hidden="true"' in portal.shape("near")
    assert "临近 &lt;2" in portal.badge("near", "临近 <2")


def test_a_trend_needs_two_values_and_leaves_gaps_open():
    assert portal.spark([None, 4]) == ""
    assert portal.spark([1, 2, 3]).count("<polyline") == 1
    assert portal.spark([1, 2, None, 3, 3]).count("<polyline") == 2


def test_bars_fill_the_width_at_the_largest_sum():
    drawn = portal.bars(11, 15, 26)
    assert 'class="bars-overdue" width="51.2"' in drawn
    assert 'width="69.8"' in drawn
    assert 'width="0.0"' in portal.bars(0, 0, 0)


def test_progress_says_plan_and_never_leaves_its_track():
    drawn = portal.progress_bar(104, plan=100, label="河滨广场")
    assert 'aria-label="河滨广场 104%，计划 100%"' in drawn
    assert 'class="line-done" y="3" width="100.0%"' in drawn


def test_the_lines_of_the_board_stand_only_between_offices():
    assert portal.group_starts([{"span": 2}, {"span": 1}]) == [True, False, True]

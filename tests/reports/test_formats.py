"""Number formats: shapes at the left, the value at the right, a space before the border."""

import pytest

from banzhuang.reports.formats import flagged, number_sections, spaced
from banzhuang.reports.mechanism import change_format, figure_format


def test_sections_leave_quoted_semicolons_alone():
    assert number_sections('0;"a;b"0;@') == ["0", '"a;b"0', "@"]


@pytest.mark.parametrize(
    ("number_format", "expected"),
    [("0", "0_ "), ("0.0%_ ", "0.0%_ "), ("#,##0;-#,##0;0;@", "#,##0_ ;-#,##0_ ;0_ ;@_ ")],
)
def test_a_space_before_the_border_once(number_format, expected):
    assert spaced(number_format) == expected


@pytest.mark.parametrize(
    ("state", "expected"), [("near", '"▲"* 0_ '), ("bad", '"■"* 0_ '), ("none", "0_ "), ("", "0_ ")]
)
def test_shapes(state, expected):
    assert flagged("0_ ", state) == expected


def test_every_section_has_the_shape():
    assert flagged("0;-0", "bad") == '"■"* 0;"■"* -0'


@pytest.mark.parametrize(
    ("number_format", "figures", "changes"),
    [
        ("0", "#,##0;-#,##0;0;@", "+#,##0;-#,##0;0"),
        ("0.0", "#,##0.0;-#,##0.0;0;@", "+#,##0.0;-#,##0.0;0"),
        ("0%", "0.0%;-0.0%;0;@", "+0.0%;-0.0%;0"),
        ("#,##0.00", "#,##0.00;-#,##0.00;0;@", "+#,##0.00;-#,##0.00;0"),
    ],
)
def test_formats_of_the_monthly_form(number_format, figures, changes):
    assert figure_format(number_format) == figures
    assert change_format(figure_format(number_format)) == changes

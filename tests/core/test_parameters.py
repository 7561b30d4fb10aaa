"""Parameters: the value that held on a day, read once a request, and how one is read."""

import datetime

import pytest

from banzhuang.core import parameters
from banzhuang.core.models import ParameterValue
from banzhuang.core.parameters import Parameter, Whole, registry

NAME = parameters.TOWNSHIP_NAME
DAYS = Parameter("tests.days", "多少天", "60", Whole(30, 365))
JUNE, JULY = datetime.date(2026, 6, 30), datetime.date(2026, 7, 1)


def put(parameter, value, valid_from):
    return ParameterValue.objects.create(key=parameter.key, value=value, valid_from=valid_from)


@pytest.mark.django_db
def test_the_default_before_the_first_value_and_each_value_from_its_day():
    put(NAME, "海头镇", JULY)
    put(NAME, "石桥镇", datetime.date(2027, 1, 1))
    assert NAME.on(JUNE) == "班庄镇"
    assert NAME.on(JULY) == NAME.on(datetime.date(2026, 12, 31)) == "海头镇"
    assert NAME.on(datetime.date(2027, 1, 1)) == "石桥镇"


@pytest.mark.django_db
def test_a_value_is_read_as_what_it_sets():
    assert DAYS.on(JUNE) == 60
    put(DAYS, "90", JUNE)
    assert DAYS.on(JUNE) == 90


@pytest.mark.django_db
def test_changed_and_deleted_values_are_seen_at_once_by_who_changed_them():
    row = put(NAME, "海头镇", JUNE)
    assert NAME.on(JULY) == "海头镇"
    row.value = "石桥镇"
    row.save()
    assert NAME.on(JULY) == "石桥镇"
    row.delete()
    assert NAME.on(JULY) == "班庄镇"


@pytest.mark.django_db
def test_a_page_that_asks_for_many_reads_once(django_assert_num_queries):
    with django_assert_num_queries(1):
        for parameter in registry:
            parameter.on(JUNE)
            parameter.on(JULY)


@pytest.mark.django_db
def test_what_another_process_set_shows_at_the_next_request(client):
    assert NAME.on(JULY) == "班庄镇"
    # No signal here, as in another process.
    ParameterValue.objects.bulk_create(
        [ParameterValue(key=NAME.key, value="海头镇", valid_from="2026-01-01")]
    )
    assert NAME.on(JULY) == "班庄镇"
    assert "仅供海头镇工作人员使用" in client.get("/login/").content.decode()


@pytest.mark.parametrize("text", ["30", " 365 ", "０９０"])
def test_whole_numbers_within_their_bounds(text):
    assert 30 <= Whole(30, 365)(text) <= 365


@pytest.mark.parametrize("text", ["29", "366", "-30", "30.0", "三十", "", "1e2"])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        Whole(30, 365)(text)


def test_every_parameter_can_read_its_default_and_says_what_it_is():
    assert len(registry) > 8
    for parameter in registry:
        parameter.read(parameter.default)
        assert parameter.label and not parameter.label.isascii()
    assert DAYS.shape == "30 至 365 的整数"


@pytest.mark.django_db
def test_what_every_page_is_headed_with():
    put(parameters.SEAL, "海头党建", JUNE)
    assert parameters.names(JULY) == {
        "portal_name": "班庄镇党建民生平台",
        "township_name": "班庄镇",
        "seal_lines": ["海头", "党建"],
        "help_desk": "忘记密码的，本人到党建办重置。",
    }

"""Villages and organisations as rows: for how long they exist, what the database refuses and in which words."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.factories import BranchFactory, TownshipFactory, VillageFactory
from villages.models import Area, Organisation, OrganisationYear, Village, VillageYear

pytestmark = pytest.mark.django_db
START, END = datetime.date(2022, 3, 1), datetime.date(2026, 6, 10)
ONE = datetime.timedelta(days=1)
AROUND = [START - ONE, START, END - ONE, END]


def test_a_village_exists_from_its_first_day_to_the_day_before_its_end():
    VillageFactory(valid_from=START, valid_to=END)
    assert [Village.objects.as_of(day).count() for day in AROUND] == [0, 1, 1, 0]


def test_an_organisation_exists_in_the_same_way():
    BranchFactory(start=START, end=END)
    assert [Organisation.objects.as_of(day).count() for day in AROUND] == [0, 1, 1, 0]


def test_what_has_no_dates_always_exists():
    BranchFactory()
    assert Village.objects.as_of(START).count() == Organisation.objects.as_of(START).count() == 1


def refused(row, sentence):
    """full_clean says it, and the database refuses it too."""
    with pytest.raises(ValidationError, match=sentence):
        row.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_one_village_of_a_name_a_township_while_it_exists():
    first = VillageFactory(name="新村")
    again = Village(township=first.township, code="320707109999", name="新村")
    refused(again, "本镇已有同名的村。")
    first.valid_to = END
    first.save()
    again.full_clean()


def test_a_village_ends_after_it_starts():
    village = VillageFactory(valid_from=START)
    village.valid_to = START
    refused(village, "撤并日期应晚于设立日期。")


def test_one_row_a_village_and_year():
    village = VillageFactory()
    VillageYear.objects.create(village=village, year=2025)
    refused(VillageYear(village=village, year=2025), "这个村这一年已有一条。")
    refused(VillageYear(village=village, year=1900), "年度应是四位数，如 2026。")


def test_one_organisation_of_a_kind_a_village_while_it_exists():
    branch = BranchFactory()
    again = Organisation(township=branch.township, village=branch.village, kind="branch", name="另一个")
    refused(again, "这个村已有同类组织，先撤销原来的。")
    refused(Organisation(township=branch.township, kind="unit", name=branch.name), "本镇已有同名的组织。")
    branch.end = END
    branch.save()
    again.full_clean()


def test_one_row_an_organisation_and_year_and_an_area_of_a_name():
    branch = BranchFactory()
    OrganisationYear.objects.create(organisation=branch, year=2025, members=1)
    refused(OrganisationYear(organisation=branch, year=2025, members=2), "这个组织这一年已有一条。")
    Area.objects.create(township=branch.township, name="山西片")
    refused(Area(township=branch.township, name="山西片"), "这个镇已有同名的片区。")


def test_a_code_lies_in_its_township():
    village = Village(township=TownshipFactory(), code="320707100001", name="新村")
    with pytest.raises(ValidationError, match="班庄镇的村，代码应以 320707109 开头。"):
        village.full_clean()


def test_a_successor_needs_the_day():
    village = VillageFactory(successor=VillageFactory())
    with pytest.raises(ValidationError, match="写了并入村，也要写撤并日期。"):
        village.full_clean()


def test_rows_belong_to_their_village_or_township():
    branch = BranchFactory()
    office = BranchFactory(village=None, township=branch.township, kind="office", name="镇政府")
    year = VillageYear.objects.create(village=branch.village, year=2025)
    members = OrganisationYear.objects.create(organisation=branch, year=2025, members=1)
    code = branch.village.code
    assert [row.scope_code for row in (branch, year, members, office)] == [code, code, code, "320707109"]


def test_the_short_name_is_without_the_last_character():
    assert [Village(name=name).short_name for name in ("西响石村", "村", "东方红")] == [
        "西响石",
        "村",
        "东方红",
    ]


def test_initials_follow_the_name():
    assert VillageFactory(name="西响石村").initials == "xxsc"

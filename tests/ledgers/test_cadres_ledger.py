"""干部花名册: whom a row means, when another of the same name stands in the file."""

import datetime

import pytest

from banzhuang.ledgers.plan import make_plan
from tests.factories import id_number

DAY = datetime.date(2026, 6, 30)
NUMBER, OTHER = id_number(1), id_number(2)


@pytest.fixture
def plan(villages, organisation_office, tmp_path):
    def planning(*rows):
        path = tmp_path / "干部.csv"
        path.write_text("\n".join(["干部花名册", "姓名,村,身份证号,职务", *rows]), encoding="gb18030")
        return make_plan(path, path.name, organisation_office, DAY)

    return planning


def problems(plan):
    return [(item.fact.number, problem.message) for item in plan.planned for _, problem in item.fact.problems]


@pytest.mark.parametrize(
    "rows",
    [
        (f"章三,西响石,{NUMBER},会计", "章三,西响石,,主任"),
        ("章三,西响石,,会计", f"章三,西响石,{NUMBER},主任"),
    ],
)
def test_one_with_a_number_and_one_without_may_be_one_person(plan, rows):
    found = plan(*rows)
    assert [item.outcome for item in found.planned] == ["new", "invalid"]
    assert problems(found) == [(4, "与第 3 行同名，只有一行有身份证号，分不清是不是同一人。")]


@pytest.mark.parametrize("second", [f"章三,西响石,{OTHER},主任", "章三,李小湾,,主任", "章四,西响石,,主任"])
def test_others_are_two(plan, second):
    assert plan(f"章三,西响石,{NUMBER},会计", second).counts["new"] == 2

"""What is exported and imported again changes nothing, masked or whole; an edited cell changes that and no more."""

import datetime
from decimal import Decimal

import pytest

from banzhuang.accounts.models import User
from banzhuang.ledgers.ledger import registry
from banzhuang.ledgers.staging import commit, stage
from cadres.models import Cadre, Post
from livelihood.models import Contact, Household, HouseholdLabel, HouseholdYear, Member, Need, Visit
from tests.factories import TOWNSHIP
from villages.models import Area, Organisation, Village, VillageYear

from .rich_township import DAY, KINDS, edited, export, plan, problems, rich_township

pytestmark = pytest.mark.django_db


@pytest.fixture
def township(db):
    return rich_township()


@pytest.fixture
def system(township):
    return User.objects.system(TOWNSHIP)


@pytest.mark.parametrize("reason", ["", "年度核对"])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_changes(kind, reason, system, tmp_path):
    path = export(kind, system, tmp_path / "台账.xlsx", reason=reason)
    found = plan(path, system)
    count = registry[kind].rows(system, DAY).count()
    assert problems(found) == []
    assert (found.ledger.kind, found.tables[0].sheet) == (kind, registry[kind].label)
    assert found.counts["rows"] == found.counts["same"] == count > 1


# --- An edited cell ------------------------------------------------------------------------------------------------
TABLES = (Area, Village, VillageYear, Organisation, Cadre, Post)
TABLES += (Household, HouseholdYear, HouseholdLabel, Member, Contact, Visit, Need)
MOVED_ON = {"id", "version", "updated_at", "created_at", "batch_id", "id_number_hash", "initials"}


def dump():
    """{table and key: {column: value}} of every business row."""
    return {
        (model.__name__, row["id"]): {key: value for key, value in row.items() if key not in MOVED_ON}
        for model in TABLES
        for row in model.objects.values()
    }


def changes(before):
    """{table: {column: new value}} of what is not as before; rows that are new have all their columns."""
    found = {}
    for key, row in dump().items():
        old = before.get(key, {})
        new = {name: value for name, value in row.items() if name not in old or value != old[name]}
        if new:
            found.setdefault(key[0] + ("" if key in before else " new"), {}).update(new)
    assert not before.keys() - dump().keys()
    return found


def imported(path, user):
    found = plan(path, user)
    batch = stage(found, path.name, path.read_bytes())
    commit(batch, DAY)
    return found


JANUARY = datetime.date(2026, 1, 1)
EDITS = {
    "villages": [
        ("李小湾村", "村", "新李村", {"Village": {"name": "新李村"}}),
        ("西响石村", "别名", "大响石", {"Village": {"aliases": ["大响石"]}}),
        ("西响石村", "人口", 1204, {"VillageYear": {"population": 1204}}),
        ("西响石村", "经济薄弱村", "否", {"VillageYear": {"is_weak": False}}),
        ("西响石村", "片区", None, {}),
    ],
    "cadres": [
        ("备注人3", "姓名", "改名人", {"Cadre": {"name": "改名人"}}),
        ("备注人3", "村", "李小湾", {"Cadre": {"village_id": "李小湾村", "scope_code": "320707109217"}}),
        ("备注人3", "备注", "@SUM(A2)", {"Cadre": {"note": "@SUM(A2)"}}),
        ("备注人3", "联系电话", 13800001234, {"Cadre": {"phone": "13800001234", "phone_mask": "138****1234"}}),
        ("备注人3", "出生年月", "1980", {"Cadre": {"born_on": datetime.date(1980, 1, 1), "born_on_precision": "year"}}),
    ],
    "secretaries": [
        ("江苏赣榆", "姓名", "改名人", {"Cadre": {"name": "改名人"}}),
        ("江苏赣榆", "籍贯", "", {}),
        ("江苏赣榆", "是否一肩挑", "否", {}),
        ("江苏赣榆", "备注", "兼职", {"Post": {"note": "兼职"}}),
        ("江苏赣榆", "届满时间", "2027", {"Post": {"term_end": datetime.date(2027, 1, 1)}}),
    ],
    "households": [
        ("冯德春", "户主", "冯德秋", {"Household": {"head": "冯德秋"}}),
        ("冯德春", "健康状况", "残疾", {"Household": {"health": "disabled"}}),
        ("冯德春", "工资性收入", 1.5, {"HouseholdYear": {"wage_income": Decimal("1.50")}}),
        ("冯德春", "致贫原因", "因残、因学", {"HouseholdYear": {"cause": "disability", "other_causes": ["schooling"]}}),
        ("冯德春", "联系起", "2022.02", {"Contact": {"start": datetime.date(2022, 2, 1)}}),
        ("冯德春", "享受政策", "低保、特困", {"HouseholdLabel new": {"kind": "destitute"}}),
        ("褚福秋", "家庭人口", 2, {"HouseholdYear new": {"year": 2026, "members": 2}}),
    ],
    "contacts": [
        ("褚福秋", "联系起", "2021", {"Contact": {"start": datetime.date(2021, 1, 1), "start_precision": "year"}}),
        ("褚福秋", "联系止", JANUARY, {"Contact": {"end": JANUARY}}),
        ("褚福秋", "职务", "镇长", {}),
    ],
    "visits": [
        ("=屋漏", "反映情况", "屋漏", {"Visit": {"heard": "屋漏"}}),
        ("=屋漏", "走访日期", JANUARY, {"Visit": {"date": JANUARY}}),
        ("=屋漏", "反映类别", "饮水", {"Visit": {"topics": ["water"]}}),
        ("=屋漏", "解决情况", "无需办理", {"Visit": {"result": "none"}}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_edited_cells_are_these_changes_and_no_more(kind, system, tmp_path):
    cells = [edit[:3] for edit in EDITS[kind]]
    path = edited(export(kind, system, tmp_path / "台账.xlsx"), cells)
    before, expected = dump(), {}
    for *_, made in EDITS[kind]:
        for table, values in made.items():
            expected.setdefault(table, {}).update(values)
    if "village_id" in expected.get("Cadre", {}):
        expected["Cadre"]["village_id"] = Village.objects.get(name="李小湾村").pk
    found = imported(path, system)
    assert [item for item in found.planned if item.outcome == "invalid"] == []
    made = changes(before)
    for table in made:
        if table.endswith("new"):
            made[table] = {name: value for name, value in made[table].items() if name in expected[table]}
    assert made == expected

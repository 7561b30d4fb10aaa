"""The sheets of M14: what stands in their cells, how they open, and how often they ask."""

import datetime
import io

import pytest
from openpyxl import load_workbook

from banzhuang.core import parameters
from banzhuang.core.models import ParameterValue
from banzhuang.reports.making import edition_of, entries_of
from banzhuang.reports.official import write_official_workbook
from banzhuang.reports.tables import BAD, NEAR, NOT_APPLICABLE, Flag
from cadres.models import Leave
from livelihood import sheets
from livelihood.models import Contact, Household, HouseholdLabel, HouseholdYear, Need
from livelihood.parameters import POOR_HOUSEHOLD
from tests import factories
from tests.factories import ContactFactory, HouseholdFactory, LeaderFactory, NeedFactory, VisitFactory

pytestmark = pytest.mark.django_db
JUNE, JUNE_END = datetime.date(2026, 6, 1), datetime.date(2026, 6, 30)
JULY = datetime.date(2026, 7, 1)
BY_NAME = {sheet.title: sheet for sheet in sheets.SHEETS}


def edition(month=JUNE, day=JULY):
    parameters.forget()
    return edition_of(factories.TOWNSHIP, month, day)


def built(title, **when):
    return BY_NAME[title].build(edition(**when))


def labels(table):
    return [column.label.replace("\n", "") for column in table.columns]


def column(table, label):
    return [row[labels(table).index(label)] for row in table.rows]


def opened(table):
    """The table as openpyxl reads it."""
    stream = io.BytesIO()
    write_official_workbook(stream, [("表", table)])
    return load_workbook(stream)["表"]


@pytest.fixture
def cadre(villages):
    """马强, the contact of two households in 西响石村."""
    cadre = LeaderFactory(name="马强")
    for head in ("张福永", "孙燕生"):
        ContactFactory(household__village=villages[0], household__head=head, cadre=cadre)
    return cadre


def household(head) -> Household:
    return Household.objects.get(head=head)


def visit(cadre, *days, head="张福永"):
    for day in days:
        VisitFactory(household=household(head), visitor=cadre, date=datetime.date(2026, *day))


# --- 助贫帮困 -------------------------------------------------------------------------------------------------


def test_highlight_says_leaders_households_and_visits_of_the_month(cadre):
    visit(cadre, (5, 31), (6, 1), (6, 30), (7, 1))
    assert sheets.highlight(edition()) == "1 位领导联系 2 户，本月走访 2 次"


def test_every_figure_has_a_row_and_remarks_name_places_not_persons(cadre, villages):
    HouseholdFactory(village=villages[1], head="吴小满")
    NeedFactory(household=household("张福永"), raised_on=datetime.date(2026, 6, 1), due=JUNE)
    entry = next(sheet for sheet in sheets.SHEETS if not sheet.title).entry(edition())
    assert entry.name == "M14 助贫帮困"
    assert len(entry.table.rows) == len(sheets.indicators.INDICATORS)
    noted = {row[1]: row[-1] for row in entry.table.rows if row[-1]}
    assert noted == {"未结对户": villages[1].name, "联系户数不足的领导": "马强", "逾期未答复": "西响石村"}


# --- 走访完成情况 ---------------------------------------------------------------------------------------------


def test_a_week_stands_in_the_month_of_its_sunday():
    june = sheets.weeks_in(edition_stub(JUNE, JUNE_END))
    assert [monday.isoformat() for monday in june] == [
        "2026-06-01",
        "2026-06-08",
        "2026-06-15",
        "2026-06-22",
    ]
    july = sheets.weeks_in(edition_stub(JULY, datetime.date(2026, 7, 31)))
    assert (july[0].isoformat(), july[-1].isoformat()) == ("2026-06-29", "2026-07-20")


def test_every_week_stands_in_one_month():
    found = []
    for number in range(1, 13):
        month = datetime.date(2026, number, 1)
        found += sheets.weeks_in(edition_stub(month, datetime.date(2027, 1, 31)))
    assert found == [datetime.date(2025, 12, 29) + count * sheets.WEEK for count in range(len(found))]
    assert found[-1] == datetime.date(2026, 12, 21)


def test_a_running_month_has_the_weeks_that_have_begun():
    running = sheets.weeks_in(edition_stub(JUNE, datetime.date(2026, 6, 9)))
    assert [monday.day for monday in running] == [1, 8]


def edition_stub(month, as_of):
    class Stub:
        pass

    stub = Stub()
    stub.month, stub.as_of = month, as_of
    return stub


def test_weeks_met_missed_and_excused(cadre, villages):
    visit(cadre, (6, 2), (6, 3))
    Leave.objects.create(
        cadre=cadre, kind="study", start=datetime.date(2026, 6, 15), end=datetime.date(2026, 6, 22)
    )
    other = ContactFactory(household__village=villages[1], start=datetime.date(2026, 6, 22)).cadre
    table = built("走访完成情况")
    assert labels(table)[4:8] == ["6.1—6.7", "6.8—6.14", "6.15—6.21", "6.22—6.28"]
    rows = {row[1]: row for row in table.rows}
    assert rows["马强"][3:9] == (2, 2, Flag(0, BAD), "请假", Flag(0, BAD), 2)
    assert rows["马强"][9:11] == (Flag(2, BAD), Flag(1, BAD))
    assert rows[other.name][4:7] == (Flag(None, NOT_APPLICABLE),) * 3


def test_a_week_that_was_made_up_and_one_that_runs(cadre):
    visit(cadre, (6, 10), (6, 11))
    table = built("走访完成情况", day=datetime.date(2026, 6, 16))
    (row,) = table.rows
    assert row[4].number_format == '0"（已补）"'
    assert row[5:7] == (2, Flag(0, NEAR))


def test_a_past_month_does_not_know_of_later_visits_and_handovers(cadre):
    visit(cadre, (6, 2), (6, 9), (6, 16))
    before = built("走访完成情况").rows
    visit(cadre, (7, 2), (7, 3), head="孙燕生")
    Contact.objects.hand_over(Contact.objects.filter(cadre=cadre), LeaderFactory(), JULY)
    assert built("走访完成情况", day=datetime.date(2026, 8, 3)).rows == before


def test_leaders_are_summed_and_open_as_numbers(cadre):
    visit(cadre, (6, 2), (6, 9), (6, 9 + 7), (6, 23))
    sheet = opened(built("走访完成情况"))
    total = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "合计")
    assert [value for value in total if isinstance(value, int)] == [2, 1, 1, 1, 1, 4, 0, 1]


# --- 困难户分村情况 -------------------------------------------------------------------------------------------


def by_village(table):
    """{village: {head: value}} of the rows."""
    return {row[1]: dict(zip(labels(table), row, strict=True)) for row in table.rows}


def test_villages_as_of_the_day(cadre, villages):
    first = household("张福永")
    HouseholdLabel.objects.create(household=first, kind="registered", start=datetime.date(2016, 1, 1))
    HouseholdLabel.objects.create(household=first, kind="minimum", start=JULY)
    for year, members in [(2025, 3), (2026, 2), (2027, 9)]:
        HouseholdYear.objects.create(household=first, year=year, members=members, cause="illness")
    visit(cadre, (6, 12))
    HouseholdFactory(village=villages[1], head="吴小满")
    rows = by_village(built("困难户分村情况", day=datetime.date(2026, 8, 1)))
    here, there = rows["西响石村"], rows[villages[1].name]
    assert (here["户数"], here["人口"], here["建档立卡户"], here["低保"]) == (2, 2, 1, 0)
    assert (here["已结对"], here["未结对"], here["本年走访户"], here["久未走访"]) == (2, 0, 1, Flag(1, BAD))
    assert (there["户数"], there["已结对"], there["未结对"]) == (1, 0, Flag(1, BAD))


def test_villages_of_a_past_month_stay_after_handover_and_removal(cadre):
    before = built("困难户分村情况").rows
    Contact.objects.hand_over(Contact.objects.filter(cadre=cadre), LeaderFactory(name="吴强"), JULY)
    first = household("张福永")
    first.removed_on, first.removal_reason = JULY, Household.RemovalReason.MOVED
    first.save()
    later = datetime.date(2026, 8, 1)
    assert built("困难户分村情况", day=later).rows == before
    assert by_village(built("困难户分村情况", month=JULY, day=later))["西响石村"]["户数"] == 1


def test_no_sheet_names_a_household(cadre):
    """The published workbook is read by offices that may not see the register."""
    first = household("张福永")
    NeedFactory(household=first, raised_on=datetime.date(2026, 6, 1), due=JUNE)
    written = edition()
    tables = [entry.table for entry in entries_of(written)]
    text = str([[str(cell) for row in table.rows for cell in row] for table in tables])
    assert "东屋漏雨" in text
    for row in Household.objects.all():
        assert row.head not in text and row.id_number_mask not in text


# --- 诉求办理 -------------------------------------------------------------------------------------------------


def test_needs_by_village(cadre, villages):
    first = household("张福永")
    answers = [
        ("solved", datetime.date(2026, 6, 20)),
        ("cannot", JULY),
        ("solved", datetime.date(2026, 5, 3)),
    ]
    for outcome, closed in answers:
        NeedFactory(
            household=first,
            raised_on=datetime.date(2026, 5, 1),
            due=datetime.date(2026, 5, 8),
            closed_on=closed,
            outcome=outcome,
            reply="已经答复",
        )
    NeedFactory(household=first, raised_on=JUNE_END, due=datetime.date(2026, 7, 7))
    NeedFactory(household=HouseholdFactory(village=villages[1]), raised_on=JULY, due=JULY)
    table = built("诉求办理", day=datetime.date(2026, 8, 1))
    assert table.rows == [(1, "西响石村", 1, 1, 4, 2, 0, 2, Flag(1, BAD), "")]
    july = built("诉求办理", month=JULY, day=datetime.date(2026, 8, 1))
    assert [row[1] for row in july.rows] == ["西响石村", villages[1].name]
    assert Need.objects.count() == 5


def test_needs_sheet_of_a_quiet_township_is_empty_and_says_so(villages):
    table = built("诉求办理")
    assert table.rows == []
    assert "没有诉求的村不列" in table.notes[0]


def test_titles_have_the_word_for_the_poor_of_the_day(villages):
    ParameterValue.objects.create(key=POOR_HOUSEHOLD.key, value="低收入户", valid_from=JUNE_END)
    titles = [built(title).title for title in ("困难户分村情况", "诉求办理")]
    assert titles == ["班庄镇低收入户分村情况表", "班庄镇低收入户诉求办理情况表"]


def test_lines_of_the_contents(cadre):
    NeedFactory(household=household("张福永"), raised_on=JUNE, due=datetime.date(2026, 6, 8))
    said = {sheet.title: sheet.highlight(edition()) for sheet in sheets.SHEETS if sheet.title}
    assert said == {
        "走访完成情况": "久未走访 2 户",
        "困难户分村情况": "在册 2 户，未结对 0 户",
        "诉求办理": "本月提出 1 件、解决 0 件，逾期未答复 1 件",
    }


# --- The workbook ---------------------------------------------------------------------------------------------


def test_sheets_stand_in_the_workbook_in_this_order(cadre):
    names = [entry.name for entry in entries_of(edition())]
    assert [name for name in names if name.startswith("M14")] == [
        "M14 助贫帮困",
        "M14 走访完成情况",
        "M14 困难户分村情况",
        "M14 诉求办理",
    ]


def test_asks_as_often_for_44_villages_as_for_2(count_queries):
    counts = []
    for villages in (lambda: factories.township_with(2), lambda: more_villages(42)):
        for village in villages():
            contact = ContactFactory(household__village=village)
            VisitFactory(household=contact.household, visitor=contact.cadre, date=JUNE)
            NeedFactory(household=contact.household, raised_on=JUNE, due=JUNE)
        made = edition()
        counts.append(count_queries(lambda made=made: [sheet.entry(made) for sheet in sheets.SHEETS]))
    assert counts[0] == counts[1]


def more_villages(count):
    township = factories.TownshipFactory()
    return [
        factories.VillageFactory(township=township, code=f"{township.code}{400 + place}", name=f"{place}庄村")
        for place in range(count)
    ]

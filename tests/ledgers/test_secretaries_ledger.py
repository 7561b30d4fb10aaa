"""村党组织书记信息表: what a row means for persons and posts."""

import datetime

import pytest

from banzhuang.accounts.models import User
from banzhuang.ledgers.plan import make_plan
from banzhuang.ledgers.staging import commit, stage
from cadres.models import Cadre, Post
from cadres.parameters import TERM_YEARS
from tests.factories import (
    BranchFactory,
    CadreFactory,
    CommitteeFactory,
    PostFactory,
    VillageFactory,
    id_number,
)

from .secretaries_book import person, register

DAY = datetime.date(2026, 6, 30)
NUMBER = id_number(50)

pytestmark = pytest.mark.django_db


@pytest.fixture
def village():
    """西响石村 with its organisations and nobody in post."""
    village = VillageFactory(code="320707109216", name="西响石村")
    BranchFactory(village=village)
    CommitteeFactory(village=village)
    return village


@pytest.fixture
def office(organisation_office):
    return organisation_office


def plan_of(tmp_path, user, *rows):
    path = register(tmp_path / "书记.xlsx", rows)
    return make_plan(path, path.name, user, DAY)


def write(tmp_path, user, *rows):
    plan = plan_of(tmp_path, user, *rows)
    batch = stage(plan, "书记.xlsx", b"")
    commit(batch, DAY)
    return plan


def problems(plan, place=0):
    return [(key, problem.severity, problem.message) for key, problem in plan.planned[place].fact.problems]


def test_a_new_secretary_is_a_person_and_a_post(village, office, tmp_path):
    write(tmp_path, office, person(1))
    post = Post.objects.get()
    assert (post.title, post.started.iso(), post.selection, post.origin) == (
        "secretary",
        "2019-02",
        "election",
        "returnee",
    )
    assert (post.cadre.name, post.cadre.village, post.cadre.category) == ("张建乙", village, "village")
    assert (post.cadre.born.iso(), post.cadre.ethnic_group, post.cadre.in_service_education) == (
        "1975-03",
        "汉族",
        "college",
    )


def test_an_official_sent_from_the_offices_stays_the_townships(village, office, tmp_path):
    write(tmp_path, office, person(1, origin="机关干部", way="机关选派"))
    cadre = Post.objects.get().cadre
    assert (cadre.village, cadre.category, cadre.scope_code) == (None, "clerk", "320707109")
    assert Cadre.objects.within([village.code]).get() == cadre


def test_the_same_again_changes_nothing(village, office, tmp_path):
    write(tmp_path, office, person(1))
    counts = plan_of(tmp_path, office, person(1)).counts
    assert (counts["new"], counts["changed"], counts["same"]) == (0, 0, 1)


def test_another_person_is_a_successor(village, office, tmp_path):
    former = PostFactory(
        organisation=village.organisations.get(kind="branch"), start=datetime.date(2015, 1, 1)
    )
    plan = write(tmp_path, office, person(1, start="2022-03-09"))
    assert "任职将止于 2022-03-09" in plan.planned[0].writes[-2].said[0]
    former.refresh_from_db()
    assert (former.ended.iso(), former.end_reason) == ("2022-03-09", "unstated")
    assert Post.objects.live(datetime.date(2022, 3, 9)).get().cadre.name == "张建乙"
    assert Post.objects.live(datetime.date(2022, 3, 8)).get() == former


def test_a_successor_needs_a_start(village, office, tmp_path):
    PostFactory(organisation=village.organisations.get(kind="branch"))
    plan = plan_of(tmp_path, office, person(1, start=None))
    assert plan.counts["invalid"] == 1
    assert problems(plan)[0][:2] == ("start", "error")
    assert "前任才知道何时离任" in problems(plan)[0][2]


def test_a_successor_does_not_start_before_the_former(village, office, tmp_path):
    PostFactory(organisation=village.organisations.get(kind="branch"), start=datetime.date(2022, 3, 1))
    plan = plan_of(tmp_path, office, person(1, start="2019.2"))
    assert problems(plan)[0][:2] == ("start", "error")


@pytest.mark.parametrize(
    ("start", "refused"), [("2026-06-09", True), ("2026-06-10", False), ("2026.6", True), ("2026.5", True)]
)
def test_after_a_vacancy_no_day_has_two(village, office, tmp_path, start, refused):
    """As 书记接任 refuses it: nobody is in post, and the last one left on 10 June."""
    branch = village.organisations.get(kind="branch")
    for end in (datetime.date(2020, 1, 1), datetime.date(2026, 6, 10)):
        PostFactory(
            organisation=branch,
            cadre__name="王强",
            start=datetime.date(2015, 1, 1),
            end=end,
            end_reason="age",
        )
    plan = plan_of(tmp_path, office, person(1, start=start))
    written = "2026-06" if start == "2026.6" else start.replace(".5", "-05")
    expected = [("start", "error", f"任职起 {written} 早于前任书记王强的离任（2026-06-10）。")]
    assert problems(plan) == (expected if refused else [])


def test_the_start_of_who_is_in_post_is_put_right_only_to_after_the_former(village, office, tmp_path):
    PostFactory(
        organisation=village.organisations.get(kind="branch"),
        cadre__name="王强",
        start=datetime.date(2015, 1, 1),
        end=datetime.date(2019, 2, 15),
        end_reason="age",
    )
    write(tmp_path, office, person(1, start="2019-02-15"))
    assert problems(plan_of(tmp_path, office, person(1, start="2019.2"))) == []
    assert problems(plan_of(tmp_path, office, person(1, start="2019-02-16"))) == []
    assert problems(plan_of(tmp_path, office, person(1, start="2019-02-14")))[0][:2] == ("start", "error")


def test_a_date_that_says_less_is_no_change(village, office, tmp_path):
    """Our own register writes months; a day that is known stays, also when another cell of the row changes."""
    write(tmp_path, office, person(1, start="2019-02-15", born="1975-03-09", joined="2004-08-01"))
    plan = write(tmp_path, office, person(1))
    assert (plan.counts["same"], plan.counts["changed"]) == (1, 0)
    write(tmp_path, office, person(1, note="新"))
    post = Post.objects.get()
    assert (post.note, post.started.iso(), post.cadre.born.iso()) == ("新", "2019-02-15", "1975-03-09")
    write(tmp_path, office, person(1, start="2019.3"))
    assert Post.objects.get().started.iso() == "2019-03"
    write(tmp_path, office, person(1, start="2019-03-02"))
    assert Post.objects.get().started.iso() == "2019-03-02"


@pytest.mark.parametrize(
    ("start", "term"),
    [
        ("2022.3", "2027-03"),
        ("2021.6", "2026-06"),
        ("2021-06-30", "2026-06"),
        ("2021.5", None),
        ("2022", "2027"),
    ],
)
def test_a_term_that_is_not_written_is_reckoned_unless_it_would_be_over(
    village, office, tmp_path, start, term
):
    plan = write(tmp_path, office, person(1, start=start))
    post = Post.objects.get()
    assert (post.term_ends.iso() if post.term_ends else None) == term
    said = [sentence for item in plan.planned for written in item.writes for sentence in written.said]
    assert said == ([f"届满时间没有填，按任期 5 年推算为 {term}。"] if term else [])


def test_a_term_that_is_not_known_of_who_is_in_post_stays_unknown(village, office, tmp_path):
    write(tmp_path, office, person(1, start="2022.3"))
    Post.objects.update(term_end=None)
    write(tmp_path, office, person(1, start="2022.4"))
    assert Post.objects.get().term_end is None


def test_both_posts_from_one_row(village, office, tmp_path):
    write(tmp_path, office, person(1, both="√"))
    director = Post.objects.get(title="director")
    assert (director.cadre.name, director.start, director.organisation.kind) == (
        "张建乙",
        None,
        "village_committee",
    )
    assert plan_of(tmp_path, office, person(1, both="√")).counts["same"] == 1


def test_another_director_in_post_is_a_warning_and_stays(village, office, tmp_path):
    director = PostFactory(
        organisation=village.organisations.get(kind="village_committee"), title=Post.Title.DIRECTOR
    )
    plan = write(tmp_path, office, person(1, both="是"))
    assert problems(plan)[0][:2] == ("also_director", "warning")
    assert Post.objects.get(title="director") == director


def test_number_2018_1_is_a_warning_and_the_stored_value_stays(village, office, tmp_path):
    write(tmp_path, office, person(1, start="2018.05"))
    plan = write(tmp_path, office, person(1, start=2018.1, note="复核"))
    assert problems(plan)[0][:2] == ("start", "warning")
    assert (Post.objects.get().started.iso(), Post.objects.get().note) == ("2018-05", "复核")


def test_wrong_check_digit_is_an_error_in_its_cell(village, office, tmp_path):
    wrong = NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")
    plan = plan_of(tmp_path, office, person(1, number=wrong))
    assert problems(plan)[0][0] == "id_number"
    assert plan.planned[0].fact.cells["id_number"] == 14


def test_sex_and_birth_must_agree_with_the_number(village, office, tmp_path):
    plan = plan_of(tmp_path, office, person(1, sex="女", born="1976.3"))
    assert {key for key, *_ in problems(plan)} == {"sex", "born"}


def test_an_empty_cell_never_wipes_what_is_known(village, office, tmp_path):
    write(tmp_path, office, person(1, note="有备注"))
    write(tmp_path, office, person(1, note=None, joined=None, phone=None, serving=None))
    post = Post.objects.get()
    assert (post.note, post.cadre.joined_party.iso(), post.cadre.phone) == (
        "有备注",
        "2004-08",
        "13900000001",
    )


def test_the_same_village_twice_is_an_error_in_the_second_row(village, office, tmp_path):
    plan = plan_of(tmp_path, office, person(1), person(2))
    assert [item.outcome for item in plan.planned] == ["new", "invalid"]
    assert "与第 5 行重复" in problems(plan, 1)[0][2]


def test_one_person_in_two_villages_is_one_person(village, office, tmp_path):
    other = BranchFactory(village=VillageFactory(code="320707109217", name="李小湾村")).village
    write(tmp_path, office, person(1), person(1, village="李小湾村", way="跨村任职"))
    assert Cadre.objects.count() == 1
    assert {post.organisation.village for post in Post.objects.all()} == {village, other}


def test_a_number_finds_its_person_under_another_name(village, office, tmp_path):
    cadre = CadreFactory(name="张健乙", id_number=NUMBER, village=village)
    write(tmp_path, office, person(1, number=NUMBER))
    cadre.refresh_from_db()
    assert (cadre.name, Cadre.objects.count()) == ("张建乙", 1)


def test_a_namesake_with_another_number_is_another_person(village, office, tmp_path):
    CadreFactory(name="张建乙", id_number=NUMBER, village=village)
    write(tmp_path, office, person(1))
    assert Cadre.objects.filter(name="张建乙").count() == 2


def test_several_namesakes_without_a_number_cannot_be_told(village, office, tmp_path):
    CadreFactory(name="张建乙", village=village)
    CadreFactory(name="张建乙", village=village)
    plan = plan_of(tmp_path, office, person(1, number=None))
    assert "分不清" in problems(plan)[0][2]


def test_a_village_outside_the_scope_is_an_error(village, outsider, tmp_path):
    VillageFactory(township__code="320707100", township__name="青口镇", code="320707100200", name="外村")
    plan = plan_of(tmp_path, outsider, person(1))
    assert plan.counts["invalid"] == 1
    assert "不在账号的范围内" in problems(plan)[0][2]


def test_missing_organisation_is_made(office, tmp_path):
    VillageFactory(code="320707109216", name="西响石村")
    write(tmp_path, office, person(1, both="是"))
    assert {post.organisation.name for post in Post.objects.all()} == {
        "中共班庄镇西响石村支部委员会",
        "班庄镇西响石村村民委员会",
    }


def test_queries_do_not_grow_with_the_rows(office, tmp_path, django_assert_num_queries):
    villages = [VillageFactory(code=f"3207071092{place:02}", name=f"{place}号村") for place in range(40)]
    for village in villages:
        BranchFactory(village=village)
    user = User.objects.get(pk=office.pk)
    rows = [person(place, village=village.name, name=f"王{place}") for place, village in enumerate(villages)]
    TERM_YEARS.on(DAY)  # parameters are read once a request
    for part in (rows[:3], rows):
        path = register(tmp_path / "书记.xlsx", part)
        user = User.objects.get(pk=office.pk)
        with django_assert_num_queries(11):
            make_plan(path, path.name, user, DAY)

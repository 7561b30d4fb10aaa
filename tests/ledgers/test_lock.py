"""What a commit judges without a lock holds only while nobody else has written; and the batch says how long it locked."""

import datetime

import pytest
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent
from banzhuang.ledgers import staging
from banzhuang.ledgers.apply import ApplyRefused
from banzhuang.ledgers.ledger import registry
from banzhuang.ledgers.models import BatchChange
from banzhuang.ledgers.plan import make_plan
from banzhuang.ledgers.staging import commit, stage, writings
from cadres.models import Cadre, Post
from tests.factories import (
    CadreFactory,
    HouseholdFactory,
    TownshipFactory,
    VillageFactory,
    VisitFactory,
    id_number,
)

from .secretaries_book import roster

DAY = datetime.date(2026, 6, 30)
NAMES = ["朱甲", "朱乙"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(villages, organisation_office, tmp_path):
    """Two cadres that nobody knows yet, staged."""
    Post.objects.all().delete()
    Cadre.objects.all().delete()
    path = roster(tmp_path / "名册.xlsx", [(name, "办事员", id_number(n)) for n, name in enumerate(NAMES)])
    return stage(make_plan(path, path.name, organisation_office, DAY), path.name, b"")


@pytest.fixture
def meanwhile(monkeypatch):
    """meanwhile(act, …): the first judging is followed by the first act, and so on; gives the list of judgings."""
    judging, judged = staging.judged_again, []

    def during(*acts):
        acts = iter(acts)

        def judge(*arguments):
            plan = judging(*arguments)
            judged.append(plan)
            next(acts, lambda: None)()
            return plan

        monkeypatch.setattr(staging, "judged_again", judge)
        return judged

    return during


def somebody():
    CadreFactory(name="别人", village=None, township=TownshipFactory(), id_number="")


@pytest.mark.parametrize(("writes", "judgings"), [(0, 1), (1, 2), (2, 3), (9, 3)])
def test_it_is_judged_again_when_somebody_has_written_meanwhile(batch, meanwhile, writes, judgings):
    """The last time with the lock, so that it comes to an end."""
    judged = meanwhile(*[somebody] * writes)
    assert commit(batch, DAY) == len(NAMES)
    assert len(judged) == judgings
    assert Cadre.objects.filter(name__in=NAMES).count() == len(NAMES)


def test_a_row_that_somebody_makes_meanwhile_is_not_made_twice(batch, meanwhile):
    meanwhile(
        lambda: CadreFactory(name=NAMES[1], village=None, township=TownshipFactory(), id_number=id_number(1))
    )
    with pytest.raises(ApplyRefused, match="核对之后有别人改过同样的数据"):
        commit(batch, DAY)
    batch.refresh_from_db()
    assert (batch.state, BatchChange.objects.count()) == ("staged", 0)
    assert not Cadre.objects.filter(name=NAMES[0]).exists()


def test_what_rows_refer_to_counts_as_well():
    """A contact refers to a cadre and a household to a village; to a visit none of them does."""
    household = HouseholdFactory()
    ledger, seen = registry["households"], []
    for act in (somebody, VillageFactory, household.save):
        before = writings(ledger)
        act()
        seen.append(writings(ledger) != before)
    before = writings(ledger)
    VisitFactory(household=household, visitor=Cadre.objects.get())
    assert (seen, writings(ledger)) == ([True, True, True], before)


def test_the_batch_says_for_how_long_nobody_else_could_write(batch, client, organisation_office):
    commit(batch, DAY)
    batch.refresh_from_db()
    assert 0 <= batch.counts["locked"] < 5
    assert AuditEvent.objects.latest("pk").detail["locked"] == batch.counts["locked"]
    client.force_login(organisation_office)
    page = client.get(reverse("import_batch", args=[batch.pk])).content.decode()
    assert f"<dt>写入用时</dt><dd>{batch.counts['locked']} 秒</dd>" in page

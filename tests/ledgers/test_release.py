"""How much goes out: so many rows at once, so many whole numbers a day, refused in a sentence and recorded."""

import threading

import openpyxl
import pytest
from django.db import DatabaseError, connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from msoffcrypto.exceptions import InvalidKeyError

from banzhuang.accounts.audit import Action, record
from banzhuang.accounts.models import AuditEvent, User
from banzhuang.core import disk
from banzhuang.core.clock import today
from banzhuang.core.models import ParameterValue
from banzhuang.duties.models import Notice
from banzhuang.ledgers import export, sealing
from banzhuang.ledgers.export import write_ledger
from banzhuang.ledgers.ledger import registry
from banzhuang.ledgers.parameters import MOST_ROWS, WHOLE_ROWS
from banzhuang.ledgers.release import NotReleased, refusal
from tests.factories import CadreFactory, UserFactory

from .sealed import PASSWORD, unsealed, whole
from .test_export_command import run

LONG_AGO = "2020-01-01"


@pytest.fixture
def at_most(july):
    """at_most(WHOLE_ROWS, 3): from long ago on so many."""

    def setting(parameter, count):
        ParameterValue.objects.create(key=parameter.key, value=str(count), valid_from=LONG_AGO)

    return setting


@pytest.fixture
def take(july, tmp_path):
    """take(user, 2, whole=True): an export of so many cadres, as the sheet has them."""

    def taking(user, count, whole_numbers=True, name="a.xlsx"):
        rows = registry["cadres"].rows(user, july)[:count]
        disclosure = whole("核对名单") if whole_numbers else None
        return write_ledger(registry["cadres"], rows, tmp_path / name, user, july, whole=disclosure)

    return taking


def page(client, user, **data):
    client.force_login(user)
    address = reverse("export_ledger", args=["cadres"])
    return client.post(address, data) if data else client.get(address)


def exports(**further):
    return AuditEvent.objects.filter(action="export", **further)


# --- The judge ----------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_nothing_goes_out_when_the_disk_is_full(organisation_office, july, monkeypatch):
    monkeypatch.setattr(disk, "look", lambda: disk.Disk(95, 5))
    assert [refusal(organisation_office, 1, whole, july) for whole in (True, False)] == [disk.SENTENCE] * 2


@pytest.mark.django_db
def test_as_shipped_a_clerk_takes_fifty_whole_rows_a_day_and_ten_thousand_masked(organisation_office, july):
    assert refusal(organisation_office, 50, True, july) == ""
    assert "今天还能导出 50 行，这里有 51 行" in refusal(organisation_office, 51, True, july)
    assert refusal(organisation_office, 10_000, False, july) == ""
    told = refusal(organisation_office, 10_001, False, july)
    assert told.startswith("一次最多导出 10,000 行，这里有 10,001 行，没有导出。")
    assert "在列表里筛选" in told and "镇领导" in told
    assert MOST_ROWS.security and WHOLE_ROWS.security


@pytest.mark.django_db
@given(taken=st.lists(st.integers(0, 60), max_size=4), rows=st.integers(0, 200), most=st.integers(0, 120))
def test_what_a_day_allows_is_never_passed(taken, rows, most):
    user, day = UserFactory(role="organisation"), today()
    ParameterValue.objects.update_or_create(
        key=WHOLE_ROWS.key, valid_from=LONG_AGO, defaults={"value": str(most)}
    )
    for count in taken:
        record(Action.EXPORT, "名册", user=user, rows=count, sensitive=True)
    record(Action.EXPORT, "名册", user=user, rows=500)  # masked
    record(Action.EXPORT, "名册", user=user, rows=500, sensitive=True, succeeded=False)
    record(Action.EXPORT, "名册", user=UserFactory(), rows=500, sensitive=True)
    assert (refusal(user, rows, True, day) == "") == (rows <= max(0, most - sum(taken)))


# --- Where it is asked --------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_several_small_exports_are_counted_together(villages, organisation_office, at_most, take, tmp_path):
    at_most(WHOLE_ROWS, 3)
    CadreFactory.create_batch(5, village=villages[0])
    assert (take(organisation_office, 2), take(organisation_office, 1)) == (2, 1)
    with pytest.raises(NotReleased, match="今天还能导出 0 行，这里有 1 行"):
        take(organisation_office, 1, name="b.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]
    refused = exports(succeeded=False).get()
    assert (refused.user, refused.subject) == (organisation_office, "干部花名册 1 行（含完整号码）")
    assert refused.detail["reason"].startswith("一天最多导出 3 行完整号码")
    assert take(organisation_office, 5, whole_numbers=False, name="b.xlsx") == 5
    assert take(UserFactory(role="leader"), 3, name="c.xlsx") == 3


@pytest.mark.django_db
def test_tomorrow_there_are_as_many_again(villages, organisation_office, at_most, take, time_machine):
    at_most(WHOLE_ROWS, 2)
    take(organisation_office, 2)
    time_machine.move_to("2026-07-15T15:59:59+00:00", tick=False)
    with pytest.raises(NotReleased):
        take(organisation_office, 1)
    time_machine.move_to("2026-07-15T16:00:00+00:00", tick=False)
    assert take(organisation_office, 2) == 2


@pytest.mark.django_db
def test_the_page_refuses_whole_numbers_and_offers_masked_ones(
    client, villages, organisation_office, at_most
):
    at_most(WHOLE_ROWS, 1)
    assert "今天还能导出完整号码 1 行" in page(client, organisation_office).content.decode()
    asked = {"numbers": "whole", "reason": "换届资格联审", "password": PASSWORD}
    answer = page(client, organisation_office, **asked)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "一天最多导出 1 行完整号码，今天还能导出 1 行，这里有 2 行，没有导出。" in text
    assert "改为脱敏导出" in text and "导出 2 行</button>" in text
    assert exports(succeeded=False).count() == 1
    assert page(client, organisation_office, **asked | {"numbers": "masked"}).status_code == 200


@pytest.mark.django_db
def test_more_rows_than_go_out_at_all_are_said_before_anything_is_asked(
    client, villages, organisation_office, at_most
):
    at_most(MOST_ROWS, 100)
    CadreFactory.create_batch(99, village=villages[0])
    text = page(client, organisation_office).content.decode()
    assert "一次最多导出 100 行，这里有 101 行，没有导出。" in text
    assert "导出 101 行</button>" not in text and 'name="numbers"' not in text
    assert not exports().exists()
    assert page(client, organisation_office, numbers="masked").status_code == 422
    assert exports(succeeded=False).get().subject == "干部花名册 101 行（脱敏）"


@pytest.mark.django_db
def test_the_command_refuses_as_the_page_does(villages, at_most, tmp_path, capsys):
    at_most(MOST_ROWS, 100)
    CadreFactory.create_batch(99, village=villages[0])
    status, out, err = run(capsys, "cadres", "--out", tmp_path / "a.xlsx")
    assert (status, out) == (2, "")
    assert err.startswith("一次最多导出 100 行")
    assert list(tmp_path.iterdir()) == []
    assert exports().get().succeeded is False


@pytest.mark.django_db
def test_numbers_that_cannot_be_recorded_do_not_go_out(
    villages, organisation_office, take, tmp_path, monkeypatch
):
    def failing(*args, **detail):
        raise DatabaseError("trail")

    monkeypatch.setattr(export, "record", failing)
    with pytest.raises(DatabaseError):
        take(organisation_office, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_the_security_administrator_is_told_when_a_day_is_used_up(
    villages, organisation_office, at_most, take
):
    security = UserFactory(role="security")
    at_most(WHOLE_ROWS, 2)
    take(organisation_office, 1)
    assert not Notice.objects.exists()
    take(organisation_office, 1)
    notice = Notice.objects.get()
    assert (notice.user, notice.text) == (
        security,
        "周敏（zuzhi）导出完整号码：今天已导出 2 行，到了一天的上限。",
    )


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_pass_the_limit(villages, organisation_office, at_most, take, monkeypatch):
    """Both were judged while nothing had gone out; the second is judged again under the lock."""
    at_most(WHOLE_ROWS, 2)
    together, found, seal = threading.Barrier(2), [], export.seal

    def waiting(path, password):
        together.wait()
        seal(path, password)

    monkeypatch.setattr(export, "seal", waiting)

    def taking(name):
        try:
            found.append(take(User.objects.get(pk=organisation_office.pk), 2, name=name))
        except NotReleased:
            found.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=taking, args=[name]) for name in ("a.xlsx", "b.xlsx")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, found)) == ["2", "refused"]
    assert (exports(succeeded=True).count(), exports(succeeded=False).count()) == (1, 1)


# --- The password and the mark ------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_what_is_whole_opens_with_its_password_alone(villages, organisation_office, take, tmp_path):
    take(organisation_office, 2)
    content = (tmp_path / "a.xlsx").read_bytes()
    assert content.startswith(b"\xd0\xcf\x11\xe0") and b"PK\x03\x04" not in content
    assert unsealed(content).startswith(b"PK")
    with pytest.raises(InvalidKeyError):
        unsealed(content, "K7MQ-3XWR-H2PE")


@pytest.mark.django_db
def test_what_is_masked_opens_without_one(villages, organisation_office, take, tmp_path):
    take(organisation_office, 2, whole_numbers=False)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    said = sheet["A3"].value
    assert said == "导出说明：周敏（zuzhi）于 2026-07-15 12时00分 导出，号码脱敏"
    assert sheet.oddHeader.right.text == said.removeprefix("导出说明：")


@pytest.mark.django_db
def test_a_mark_with_odd_characters_breaks_no_file(villages, july, tmp_path):
    """Excel takes an & for a code, and calls a header of more than 255 characters damage."""
    user = UserFactory(role="organisation", name="甲&P乙", username="u" * 32)
    rows = registry["cadres"].rows(user, july)
    write_ledger(registry["cadres"], rows, tmp_path / "a.xlsx", user, july, whole=whole("&D" * 50))
    (tmp_path / "a.xlsx").write_bytes(unsealed((tmp_path / "a.xlsx").read_bytes()))
    mark = openpyxl.load_workbook(tmp_path / "a.xlsx").active.oddHeader.right.text
    assert mark.startswith("甲＆P乙（") and "&" not in mark and "＆D＆D" in mark
    assert len(mark) < 255


@pytest.mark.django_db
def test_the_password_stands_on_the_page_and_nowhere_else(
    client, villages, organisation_office, caplog, capfd
):
    password = page(client, organisation_office).context["form"]["password"].value()
    asked = {"numbers": "whole", "reason": "换届资格联审", "password": password}
    answer = page(client, organisation_office, **asked)
    assert unsealed(b"".join(answer.streaming_content), password)
    said = capfd.readouterr()
    kept = f"{list(AuditEvent.objects.values())}{answer.headers}{caplog.text}{said.out}{said.err}"
    assert password not in kept
    assert password not in repr(whole("核对名单")) and PASSWORD not in repr(whole("核对名单"))


def test_passwords_are_strong_and_each_is_another():
    found = {sealing.new_password() for _ in range(200)}
    assert len(found) == 200
    for password in found:
        assert len(password) == 14 and any(c.isdigit() for c in password) and any(map(str.isalpha, password))


@pytest.mark.django_db
def test_the_own_password_is_no_password_of_a_file(client, villages, organisation_office):
    organisation_office.change_password("Qingshan#2026")
    asked = {"numbers": "whole", "reason": "换届资格联审", "password": "Qingshan#2026"}
    assert page(client, organisation_office, **asked).status_code == 422
    assert not exports().exists()

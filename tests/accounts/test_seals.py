"""The chain of seals: whatever the order in which events are written and committed, and whoever changes what."""

import datetime
import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from banzhuang.accounts import tasks, trail
from banzhuang.accounts.audit import Action, record
from banzhuang.accounts.models import AuditEvent, Seal, TrailEnd
from tests.accounts.trails import EVENTS, SEALS, check, run, seal, unguarded

ON_THE_DATABASE = hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
STEPS = st.lists(st.sampled_from(["write", "begin", "commit", "undo", "seal"]), max_size=25)
MINUTE = datetime.timedelta(minutes=1)


def write(number, **values):
    """An event with a number of its own, as a transaction commits it that drew the number long before."""
    content = {"action": "change", "subject": f"第 {number} 件事", "at": timezone.now()} | values
    return AuditEvent.objects.bulk_create([AuditEvent(pk=number, **content)])[0]


def play(steps):
    """Do the steps; → numbers of the events that were committed."""
    drawn, open_ones, committed = 0, [], []
    for step in steps:
        if step in {"write", "begin"}:
            drawn += 1
            open_ones += [drawn] if step == "begin" else []
            committed += [write(drawn).pk] if step == "write" else []
        elif step == "commit" and open_ones:
            committed.append(write(open_ones.pop()).pk)
        elif step == "undo" and open_ones:
            open_ones.pop()
        elif step == "seal":
            trail.seal_events()
    return committed


@pytest.fixture
def sealed(db, clerk):
    """Five events, sealed."""
    events = [record(Action.CHANGE, f"第 {number} 件事", user=clerk, reason="测试") for number in range(5)]
    trail.seal_events()
    return events


# --- One chain -------------------------------------------------------------------------------------------------
def test_an_event_is_written_unsealed_and_locks_nothing(clerk):
    record(Action.CHANGE, "一件事", user=clerk)
    assert not Seal.objects.exists() and not TrailEnd.objects.exists()
    assert trail.seal_events() == 1
    assert trail.seal_events() == 0


@pytest.mark.django_db
@ON_THE_DATABASE
@given(steps=STEPS)
def test_every_committed_event_is_sealed_once_in_one_chain(steps):
    with transaction.atomic():
        committed = play([*steps, "seal"])
        state = trail.trail_state()
        assert (state.sealed, state.unsealed, state.broken) == (len(committed), 0, None)
        assert sorted(Seal.objects.values_list("event_id", flat=True)) == sorted(committed)
        assert list(Seal.objects.values_list("pk", flat=True)) == list(range(1, len(committed) + 1))
        transaction.set_rollback(True)


def test_the_sealer_goes_on_where_one_lock_holds_no_more(db, monkeypatch):
    monkeypatch.setattr(trail, "AT_ONCE", 2)
    for number in range(1, 6):
        write(number)
    assert trail.seal_events() == 5
    assert trail.trail_state().broken is None


def test_what_took_longer_to_commit_than_any_transaction_is_sealed_by_a_thorough_look(db):
    write(2)
    trail.seal_events()
    write(1, at=timezone.now() - 3 * trail.LATE)
    assert trail.seal_events() == 0
    assert trail.trail_state().unsealed == 1
    assert trail.seal_events(thorough=True) == 1
    assert trail.trail_state().broken is None


def test_nothing_to_do_costs_the_same_few_look_ups_however_long_the_trail(sealed, count_queries):
    assert count_queries(tasks.seal_events) == 4


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain():
    """Writers and two sealers, each with a connection of its own."""
    errors, ready = [], threading.Barrier(6)

    def work(number):
        try:
            ready.wait(10)
            for step in range(5):
                if number < 4:
                    record(Action.CHANGE, f"{number}-{step}", scope_code="320707109")
                else:
                    trail.seal_events()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    trail.seal_events()
    assert errors == []
    state = trail.trail_state()
    assert (state.sealed, state.unsealed, state.broken) == (20, 0, None)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_open_transactions_write_and_neither_waits():
    """And the one that commits last, with the smaller number, is sealed last."""
    done = []

    def second():
        try:
            with transaction.atomic():
                run("SET LOCAL lock_timeout = '2s'")
                record(Action.CHANGE, "后写先成")
            done.append(trail.seal_events())
        finally:
            connection.close()

    with transaction.atomic():
        record(Action.CHANGE, "先写后成")
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(60)
        assert done == [1]
    assert trail.seal_events() == 1
    order = [seal.event.subject for seal in Seal.objects.select_related("event")]
    assert order == ["后写先成", "先写后成"]
    first, then = AuditEvent.objects.order_by("pk").values_list("subject", flat=True)
    assert (first, then) == ("先写后成", "后写先成")
    assert trail.trail_state().broken is None


# --- What is found ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("subject", "第 3 件事"),
        ("username", "jigaun"),
        ("address", "10.0.0.9"),
        ("action", "export"),
        ("scope_code", "320707108"),
        ("detail", '{"reason": "测试 "}'),
        ("succeeded", False),
        ("at", "2026-01-01 00:00:00+00:00"),
        ("user_id", None),
    ],
)
def test_a_changed_event_is_found(sealed, column, value):
    with unguarded():
        run(f"UPDATE {EVENTS} SET {column} = %s WHERE id = %s", value, sealed[2].pk)
    broken = trail.trail_state().broken
    assert (broken.number, broken.event) == (3, sealed[2].pk)
    assert check() == (
        f"审计记录在第 3 条（记录号 {sealed[2].pk}）断开：这一条被改过，或换了次序，或封印被重做。"
    )


def change(first, second):
    run(f"UPDATE {EVENTS} SET subject = 'x' WHERE id = %s", first)


def change_the_time_of_a_seal(first, second):
    run(f"UPDATE {SEALS} SET at = '2026-01-01 00:00:00+00:00' WHERE event_id = %s", first)


def remove(first, second):
    run(f"DELETE FROM {EVENTS} WHERE id = %s", first)


def remove_with_its_seal(first, second):
    remove(first, second)
    run(f"DELETE FROM {SEALS} WHERE event_id = %s", first)


def remove_to_the_end(first, second):
    """With all seals from there on; the end is told to be the seal before."""
    number = Seal.objects.get(event=first).number
    gone = list(Seal.objects.filter(number__gte=number).values_list("event_id", flat=True))
    last = Seal.objects.filter(number=number - 1).first()
    run(f"DELETE FROM {SEALS} WHERE number >= %s", number)
    for event in gone:
        run(f"DELETE FROM {EVENTS} WHERE id = %s", event)
    TrailEnd.objects.update(seal=last.digest if last else "", events=number - 1)


def cut_off_the_end(first, second):
    """The same, and the end is left as it is."""
    number = Seal.objects.get(event=first).number
    run(f"DELETE FROM {SEALS} WHERE number >= %s", number)


def lose_the_end(first, second):
    TrailEnd.objects.all().delete()


def swap_events(first, second):
    for old, new in ((first, 0), (second, first), (0, second)):
        run(f"UPDATE {EVENTS} SET id = %s WHERE id = %s", new, old)


def swap_seals(first, second):
    one, other = Seal.objects.get(event=first).number, Seal.objects.get(event=second).number
    for number, event in ((one, 0), (other, first), (one, second)):
        run(f"UPDATE {SEALS} SET event_id = %s WHERE number = %s", event, number)


def make_the_chain_anew(first, second):
    """Remove an event and seal all again as the sealer does, but with a key of one's own."""
    remove(first, second)
    run(f"DELETE FROM {SEALS}")
    TrailEnd.objects.all().delete()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.AUDIT_KEY", "not-the-key")
        trail.seal_events()


TAMPERING = [
    change,
    change_the_time_of_a_seal,
    remove,
    remove_with_its_seal,
    remove_to_the_end,
    cut_off_the_end,
    lose_the_end,
    swap_events,
    swap_seals,
    make_the_chain_anew,
]


@pytest.mark.django_db
@pytest.mark.parametrize("tamper", TAMPERING)
@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS, data=st.data())
def test_whatever_is_done_to_a_sealed_trail_is_found_and_stays_found(tamper, steps, data):
    with transaction.atomic():
        committed = play(["write", "begin", "seal", "write", "commit", *steps, "seal"])
        first, second = data.draw(st.permutations(committed))[:2]
        with unguarded():
            tamper(first, second)
        assert trail.trail_state().broken is not None
        write(max(committed) + 100)
        seal()
        assert trail.trail_state().broken is not None
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("tamper", [remove_to_the_end, cut_off_the_end, lose_the_end])
def test_an_end_that_is_not_the_last_one_sealed_is_seen_without_a_walk(sealed, tamper):
    assert trail.trail_state(walk=False).broken is None
    with unguarded():
        tamper(sealed[3].pk, sealed[4].pk)
    assert trail.trail_state(walk=False).broken is not None


@pytest.mark.parametrize("taken", [1, 2, 3])
def test_true_seals_of_two_histories_make_no_chain(db, taken):
    """Who keeps an older end and lets the sealer go on from it has two true seals of each number: only the seal
    before it tells that one does not belong behind the other."""
    for number in range(1, 5):
        write(number)
    trail.seal_events()
    kept, end = list(Seal.objects.filter(number__gt=taken)), TrailEnd.objects.get()
    with unguarded():
        run(f"DELETE FROM {SEALS}")
        TrailEnd.objects.all().delete()
    trail.seal_events()
    assert trail.trail_state().broken is None
    with unguarded():
        run(f"DELETE FROM {SEALS} WHERE number > %s", taken)
        Seal.objects.bulk_create(kept)
        TrailEnd.objects.update(seal=end.seal, mark=end.mark)
    assert trail.trail_state().broken.number == taken + 1


def test_an_end_written_by_somebody_else_is_not_sealed_on(sealed, caplog):
    TrailEnd.objects.update(events=4)
    record(Action.CHANGE, "后来的事")
    tasks.seal_events()
    assert "审计封印已停" in caplog.text
    state = trail.trail_state()
    assert (state.sealed, state.unsealed) == (5, 1)
    assert check().startswith("审计封印已停：链的末尾与封印不符。")


def test_with_another_key_nothing_is_sealed_until_it_is_put_back(sealed, settings):
    settings.AUDIT_KEY = "another"
    record(Action.CHANGE, "后来的事")
    assert "BANZHUANG_AUDIT_KEY 换过的，放回原来的" in check()
    settings.AUDIT_KEY = "only-for-tests-too"
    assert check() == 0


# --- check_audit -----------------------------------------------------------------------------------------------
def test_an_untouched_trail_is_whole(sealed, capsys):
    assert check() == 0
    head = Seal.objects.get(number=5)
    at = timezone.localtime(head.at)
    assert capsys.readouterr().out == (
        f"审计记录完整，共 5 条，链头 {head.groups}（{at:%Y-%m-%d %H:%M:%S} 封印）。\n"
    )


def test_an_empty_trail_is_whole(db, capsys):
    assert check() == 0
    assert capsys.readouterr().out == "审计记录完整，共 0 条。\n"


@pytest.mark.parametrize(("waited", "warned"), [(MINUTE, False), (MINUTE + MINUTE / 60, True)])
def test_a_sealer_that_is_down_is_named_and_made_up_for(sealed, capsys, time_machine, waited, warned):
    now = timezone.now().replace(microsecond=0)
    time_machine.move_to(now, tick=False)
    record(Action.CHANGE, "后来的事")
    time_machine.move_to(now + waited, tick=False)
    state = trail.trail_state()
    assert (state.unsealed, state.oldest, state.is_behind(now + waited)) == (1, now, warned)
    assert check() == 0
    said = capsys.readouterr()
    since = timezone.localtime(now)
    sentence = f"注意：有 1 条记录没有封印，最早的是 {since:%Y-%m-%d %H:%M:%S}。"
    assert said.err.startswith(sentence) is warned
    assert "共 6 条" in said.out


# --- The head on paper -----------------------------------------------------------------------------------------
def test_a_printed_head_is_found_again_as_long_as_the_chain_stands(sealed, capsys):
    head = trail.head_to_print()
    assert head["events"] == 5
    record(Action.CHANGE, "后来的事")
    assert check("--head", *head["seal"].split()) == 0
    assert f"链头 {head['seal']} 仍在链中：第 5 条" in capsys.readouterr().out
    assert check("--head", head["seal"].lower().replace(" ", "")) == 0


def test_a_printed_head_tells_of_a_chain_that_was_put_back_to_an_older_end(sealed):
    """What the database alone cannot tell: who kept an older end puts all back to it."""
    kept = TrailEnd.objects.get()
    record(Action.CHANGE, "不该有人知道的事")
    printed = trail.head_to_print()
    with unguarded():
        gone = Seal.objects.get(number=6).event_id
        run(f"DELETE FROM {SEALS} WHERE number = 6")
        run(f"DELETE FROM {EVENTS} WHERE id = %s", gone)
    kept.save()
    assert check() == 0
    assert "链里没有链头" in check("--head", printed["seal"])


@pytest.mark.parametrize("typed", ["9F3C", "9F3C 21AB 07D4 E5BG", "第五条"])
def test_what_is_no_head_is_said_to_be_none(sealed, typed):
    assert check("--head", typed).startswith(f"“{typed}”不是链头。")


def test_without_the_right_key_no_head_is_printed(sealed, settings):
    settings.AUDIT_KEY = "another"
    record(Action.CHANGE, "后来的事")
    assert trail.head_to_print() is None


def test_an_empty_trail_has_no_head(db):
    assert trail.head_to_print() is None

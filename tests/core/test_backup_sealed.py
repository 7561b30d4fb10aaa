"""Sealed files: nothing is read without the passphrase, nothing is changed unseen, nothing half ever has the name."""

import io
import itertools
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banzhuang.core.backups import BackupRefused, sealed
from banzhuang.core.backups.sealed import DATA, HEADER, KEYS, TAG, Reader, Writer, WrongPassphrase, sealing

from .backed_up import PASSPHRASE

CHUNK = 64


@pytest.fixture(scope="module", autouse=True)
def small():
    """Small chunks, and a passphrase that costs nothing to try."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed, "CHUNK", CHUNK)
        patch.setattr(sealed, "COST", 2)
        yield


def seal(content: bytes, kind=DATA, passphrase=PASSPHRASE) -> bytes:
    file = io.BytesIO()
    writer = Writer(file, kind, passphrase)
    writer.write(content)
    writer.finish()
    return file.getvalue()


def read(content: bytes, kind=DATA, passphrases=(PASSPHRASE,), size=100) -> bytes:
    reader = Reader(io.BytesIO(content), kind, passphrases)
    return b"".join(iter(lambda: reader.read(size), b""))


def chunks_of(content: bytes) -> tuple[bytes, list[bytes]]:
    body, step = content[HEADER:], CHUNK + TAG
    return content[:HEADER], [body[place : place + step] for place in range(0, len(body), step)]


CONTENT = bytes(range(250))


@pytest.fixture(scope="module")
def whole(small):
    """Four chunks, the last shorter."""
    return seal(CONTENT)


# --- There and back -----------------------------------------------------------------------------------------


@given(st.binary(max_size=5 * CHUNK), st.integers(1, 3 * CHUNK))
def test_what_is_sealed_comes_back(content, size):
    assert read(seal(content), size=size) == content


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1])
def test_so_it_does_at_the_edges_of_a_chunk(size):
    content = b"x" * size
    assert read(seal(content)) == content


def test_no_two_files_are_alike_and_nothing_shows():
    first, second = seal(CONTENT), seal(CONTENT)
    assert first[HEADER:] != second[HEADER:] and CONTENT[:32] not in first


def test_one_chunk_is_held_at_a_time():
    file = io.BytesIO()
    writer = Writer(file, DATA, PASSPHRASE)
    for _ in range(1000):
        writer.write(b"x" * 50)
        assert len(writer.waiting) <= CHUNK
    writer.finish()
    reader = Reader(io.BytesIO(file.getvalue()), DATA, [PASSPHRASE])
    while reader.read(50):
        assert len(reader.opened) < 50 + CHUNK


def test_however_a_passphrase_is_typed():
    """One and the same letter has two spellings in Unicode, and an input method may widen letters."""
    assert (
        read(seal(b"1", passphrase="Caf\u00e9 im Winter 26"), passphrases=["Cafe\u0301 im Winter ２６"])
        == b"1"
    )


# --- Damage -------------------------------------------------------------------------------------------------


@given(st.data())
def test_a_changed_byte_is_found_wherever_it_is(whole, data):
    place = data.draw(st.integers(0, len(whole) - 1))
    other = bytes([whole[place] ^ data.draw(st.integers(1, 255))])
    with pytest.raises(BackupRefused):
        read(whole[:place] + other + whole[place + 1 :])


@given(st.data())
def test_a_cut_is_found_wherever_it_is(whole, data):
    with pytest.raises(BackupRefused):
        read(whole[: data.draw(st.integers(0, len(whole) - 1))])


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_cut_between_chunks_is_found(whole, count):
    header, chunks = chunks_of(whole)
    with pytest.raises(BackupRefused, match="已损坏或不完整"):
        read(header + b"".join(chunks[:count]))


@given(st.permutations(range(4)), st.lists(st.integers(0, 3), max_size=2))
def test_another_order_and_repeated_chunks_are_found(whole, order, again):
    header, chunks = chunks_of(whole)
    order = [*order, *again]
    if order == [0, 1, 2, 3]:
        return
    with pytest.raises(BackupRefused, match="已损坏或不完整"):
        read(header + b"".join(chunks[place] for place in order))


@given(st.binary(min_size=1, max_size=200))
def test_what_was_added_at_the_end_is_found(whole, more):
    with pytest.raises(BackupRefused, match="已损坏或不完整"):
        read(whole + more)


def test_a_chunk_of_another_file_is_found(whole):
    header, chunks = chunks_of(whole)
    _, others = chunks_of(seal(CONTENT))
    with pytest.raises(BackupRefused, match="已损坏或不完整"):
        read(header + b"".join([chunks[0], others[1], *chunks[2:]]))


# --- Not this one -------------------------------------------------------------------------------------------


def test_a_wrong_passphrase_is_told_from_damage(whole):
    with pytest.raises(WrongPassphrase, match="口令不对"):
        read(whole, passphrases=[PASSPHRASE.lower()])


def test_the_next_passphrase_is_asked_for_only_when_needed(whole):
    def passphrases():
        yield PASSPHRASE
        raise AssertionError("asked without need")

    assert read(whole, passphrases=passphrases()) == CONTENT
    assert read(whole, passphrases=["an old one", PASSPHRASE]) == CONTENT


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"banzhuang-backup-2\n" + bytes(400), bytes(9)])
def test_a_foreign_file_is_named_so(content):
    with pytest.raises(BackupRefused, match="不是本平台的备份文件"):
        read(content)


def test_keys_are_no_data_and_data_no_keys(whole):
    with pytest.raises(BackupRefused, match="restore --keys"):
        read(seal(b"1", KEYS))
    with pytest.raises(BackupRefused, match="不带 --keys"):
        read(whole, KEYS)


# --- The file -----------------------------------------------------------------------------------------------


def test_its_name_is_there_once_it_is_whole_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "far" / "one.backup"
    with sealing(path, DATA, PASSPHRASE) as stream:
        stream.write(CONTENT)
        assert not path.exists()
    assert read(path.read_bytes()) == CONTENT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("fault", [OSError(28, "full"), KeyboardInterrupt(), BackupRefused("不行。")])
def test_a_fault_on_the_way_leaves_nothing(tmp_path, fault):
    with (
        pytest.raises(type(fault)),
        sealing(tmp_path / "one.backup", DATA, PASSPHRASE) as stream,
    ):
        stream.write(CONTENT)
        raise fault
    assert list(tmp_path.iterdir()) == []


def test_what_the_disk_did_not_keep_never_gets_the_name(tmp_path, monkeypatch):
    """It is read back first."""
    told = itertools.count()
    monkeypatch.setattr(sealed, "nonce", lambda number, last: next(told).to_bytes(12, "big"))
    with (
        pytest.raises(BackupRefused, match="已损坏"),
        sealing(tmp_path / "one.backup", DATA, PASSPHRASE) as stream,
    ):
        stream.write(CONTENT)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays(tmp_path):
    path = tmp_path / "one.backup"
    path.write_text("这是别的")
    with pytest.raises(BackupRefused, match="已经存在"), sealing(path, DATA, PASSPHRASE):
        pass
    assert path.read_text() == "这是别的"


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path):
    with (
        pytest.raises(BackupRefused, match="读不到备份文件"),
        sealed.opened(tmp_path / "none", DATA, [PASSPHRASE]),
    ):
        pass

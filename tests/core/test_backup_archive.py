"""Files in a sealed stream: each as it was, none outside its folder, none missing or beside."""

import io
import json
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banzhuang.core.backups import BackupRefused, sealed
from banzhuang.core.backups.archive import ABOUT, MANIFEST, archiving, unpack
from banzhuang.core.backups.sealed import DATA, Reader, Writer

from .backed_up import PASSPHRASE


@pytest.fixture(autouse=True, scope="module")
def cheap():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed, "COST", 2)
        yield


def sealed_with(fill) -> bytes:
    file = io.BytesIO()
    stream = Writer(file, DATA, PASSPHRASE)
    fill(stream)
    stream.finish()
    return file.getvalue()


def unpacked(content: bytes, folder, accept=lambda about: None):
    return unpack(Reader(io.BytesIO(content), DATA, [PASSPHRASE]), folder, accept)


def members(*items) -> bytes:
    """A sealed tar of (name, content or TarInfo type)."""

    def fill(stream):
        with tarfile.open(fileobj=stream, mode="w|") as tar:
            for name, content in items:
                member = tarfile.TarInfo(name)
                if isinstance(content, str):
                    member.size = len(content.encode())
                    tar.addfile(member, io.BytesIO(content.encode()))
                else:
                    member.type, member.linkname = content, "/etc/passwd"
                    tar.addfile(member)

    return sealed_with(fill)


@pytest.fixture(scope="module")
def small(cheap, tmp_path_factory):
    """A whole backup of one small file."""
    path = tmp_path_factory.mktemp("source") / "one"
    path.write_bytes(b"a photo")

    def fill(stream):
        with archiving(stream, {"program": "banzhuang"}) as archive:
            archive.add("media/走访/one.jpg", path)
            archive.finish(tables={"cadres_cadre": 2})

    return sealed_with(fill)


def test_there_and_back(small, tmp_path):
    found = unpacked(small, tmp_path)
    assert found.about == {"program": "banzhuang"}
    assert found.manifest["tables"] == {"cadres_cadre": 2}
    assert (tmp_path / "media/走访/one.jpg").read_bytes() == b"a photo"


@given(st.data())
def test_damaged_at_any_byte_it_is_refused(small, tmp_path_factory, data):
    place = data.draw(st.integers(0, len(small) - 1))
    other = bytes([small[place] ^ data.draw(st.integers(1, 255))])
    with pytest.raises(BackupRefused):
        unpacked(small[:place] + other + small[place + 1 :], tmp_path_factory.mktemp("to"))


def test_what_does_not_fit_is_refused_before_a_file_is_written(small, tmp_path):
    def refuse(about):
        raise BackupRefused(about["program"])

    with pytest.raises(BackupRefused, match=r"^banzhuang$"):
        unpacked(small, tmp_path, refuse)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "media/../../out"])
def test_nothing_leaves_the_folder(name, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    with pytest.raises(BackupRefused, match="已损坏"):
        unpacked(members((ABOUT, "{}"), (name, "x")), folder)
    assert list(tmp_path.iterdir()) == [folder] and list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_only_files_come(kind, tmp_path):
    with pytest.raises(BackupRefused, match="已损坏"):
        unpacked(members((ABOUT, "{}"), ("media/one", kind)), tmp_path)


SUM = [1, "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"]  # of "x"


@pytest.mark.parametrize(
    "files",
    [
        {"media/one": [1, "0" * 64]},
        {"media/one": [2, SUM[1]]},
        {},
        {"media/one": SUM, "media/two": SUM},
        {"media/two": SUM},
    ],
)
def test_a_file_that_is_not_as_listed_is_found(files, tmp_path):
    with pytest.raises(BackupRefused, match="已损坏"):
        unpacked(
            members((ABOUT, "{}"), ("media/one", "x"), (MANIFEST, json.dumps({"files": files}))), tmp_path
        )


def test_as_listed_it_is_taken(tmp_path):
    listed = json.dumps({"files": {"media/one": SUM}})
    assert unpacked(members((ABOUT, "{}"), ("media/one", "x"), (MANIFEST, listed)), tmp_path).about == {}


@pytest.mark.parametrize("items", [[], [(ABOUT, "{}")], [(MANIFEST, '{"files": {}}')]])
def test_what_lacks_its_beginning_or_end_is_refused(items, tmp_path):
    with pytest.raises(BackupRefused, match="已损坏"):
        unpacked(members(*items), tmp_path)


def test_bytes_that_are_no_archive_are_refused(tmp_path):
    with pytest.raises(BackupRefused, match="已损坏"):
        unpacked(sealed_with(lambda stream: stream.write(b"no archive" * 100)), tmp_path)

"""The keys apart: into a file of their own, and back where none stand."""

import stat

import pytest
from django.core.management import call_command

from banzhuang.core.backups import keys, sealed

from .backed_up import PASSPHRASE, once, refusal, refuse_and_compare, typed

PORTAL_ENV = "# 密钥\nSECRET_KEY=a\nBANZHUANG_FIELD_KEYS=b=\nBANZHUANG_HASH_KEY=c\nALLOWED_HOSTS=*\n"


@pytest.fixture
def key_file(portal, tmp_path, monkeypatch):
    """The keys of `portal` in a file of their own."""
    (portal / "portal.env").write_text(PORTAL_ENV)
    typed(monkeypatch, "Another-passphrase-26", "Another-passphrase-26")
    call_command("backup", "--keys", "--out", str(tmp_path / "usb.keys"))
    return tmp_path / "usb.keys"


@once
def test_keys_go_into_a_file_of_their_own(key_file):
    assert b"SECRET_KEY" not in key_file.read_bytes() and stat.S_IMODE(key_file.stat().st_mode) == 0o600
    with sealed.opened(key_file, sealed.KEYS, ["Another-passphrase-26"]) as stream:
        assert stream.read(10_000).decode() == PORTAL_ENV


@once
def test_keys_and_data_are_kept_apart(key_file, tmp_path, settings, monkeypatch):
    assert "用 --out 写明" in refusal("backup", "--keys")
    typed(monkeypatch, PASSPHRASE, PASSPHRASE)
    assert "要与每日备份的不同" in refusal("backup", "--keys", "--out", str(tmp_path / "two.keys"))
    typed(monkeypatch, "Another-passphrase-26", "Another-passphrase-26")
    beside = str(settings.BACKUPS_DIR / "two.keys")
    assert "不能和数据备份放在一个文件夹" in refusal("backup", "--keys", "--out", beside)


@once
def test_keys_of_the_environment_are_said_to_be_there(portal, tmp_path, monkeypatch):
    (portal / "portal.env").write_text("ALLOWED_HOSTS=*\n")
    typed(monkeypatch, "Another-passphrase-26", "Another-passphrase-26")
    assert refusal("backup", "--keys", "--out", str(tmp_path / "one.keys")) == keys.IN_ENVIRONMENT


# --- Back ---------------------------------------------------------------------------------------------------


@pytest.fixture
def sealed_keys(tmp_path, cheap):
    def make(text):
        with sealed.sealing(tmp_path / "one.keys", sealed.KEYS, "Another-passphrase-26") as stream:
            stream.write(text.encode())
        return str(tmp_path / "one.keys")

    return make


def env_of(settings) -> str:
    return f"SECRET_KEY=s\nBANZHUANG_FIELD_KEYS={','.join(settings.FIELD_KEYS)}\nBANZHUANG_HASH_KEY={settings.HASH_KEY}\n"


@once
def test_keys_come_back_where_none_stand(portal, sealed_keys, settings, monkeypatch, capsys):
    path, text = sealed_keys(env_of(settings)), env_of(settings)
    for said in ("密钥已放回 portal.env", "同样的密钥已经在，没有改动"):
        typed(monkeypatch, "Another-passphrase-26")
        call_command("restore", "--keys", path)
        assert capsys.readouterr().out.startswith(said)
    assert (portal / "portal.env").read_text() == text
    assert oct((portal / "portal.env").stat().st_mode)[-3:] == "600"


@once
def test_other_keys_are_not_overwritten(portal, sealed_keys, settings, monkeypatch, standing):
    (portal / "portal.env").write_text("SECRET_KEY=other\n")
    path = sealed_keys(env_of(settings))
    typed(monkeypatch, "Another-passphrase-26")
    assert refuse_and_compare(standing, "restore", "--keys", path) == keys.OTHERS_STAND


@once
def test_keys_that_do_not_read_the_data_here_are_refused(
    portal, sealed_keys, settings, monkeypatch, standing
):
    path = sealed_keys(
        "SECRET_KEY=s\nBANZHUANG_FIELD_KEYS=bm90LXRoZS1rZXlzLW5vdC10aGUta2V5cy1ub3QtMTI=\nBANZHUANG_HASH_KEY=x\n"
    )
    typed(monkeypatch, "Another-passphrase-26")
    settings.FIELD_KEYS, settings.HASH_KEY = [""], ""
    assert refuse_and_compare(standing, "restore", "--keys", path) == keys.DO_NOT_FIT


@once
def test_a_backup_of_data_brings_no_keys(portal, backup, standing, monkeypatch):
    typed(monkeypatch, PASSPHRASE)
    assert refuse_and_compare(standing, "restore", "--keys", str(backup)) == sealed.OTHER_KIND[sealed.KEYS]

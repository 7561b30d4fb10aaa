"""Bytes under a passphrase: nothing is read without it, and no byte is changed, moved, cut off or added unseen.

    MAGIC · kind (1) · salt (16) · proof (32) · chunks of 1 MiB, each with a tag (16)

scrypt makes two keys of passphrase and salt: one is the HMAC of what stands before `proof`, by which a wrong passphrase
is told from damage; the other seals the chunks with AES-256-GCM. A chunk's nonce is its number and whether it is the
last (the STREAM construction); a key is used for one file, so no nonce comes twice. One chunk is in memory at a time.
"""

import contextlib
import hmac
import os
import secrets
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from . import BackupRefused

MAGIC = b"banzhuang-backup-1\n"
DATA, KEYS = b"D", b"K"
SALT, PROOF, TAG, CHUNK = 16, 32, 16, 2**20
HEADER = len(MAGIC) + 1 + SALT + PROOF
COST = 2**17  # of scrypt: 128 MiB and half a second
HALF = "half-backup-"

FOREIGN = "这不是本平台的备份文件，或由更新版本的程序做成。核对文件；程序旧的，先升级程序。"
DAMAGED = "备份文件已损坏或不完整，没有改动任何数据。换用另一份备份。"
OTHER_KIND = {
    DATA: "这是密钥的备份，不是数据的备份。密钥用 restore --keys 放回。",
    KEYS: "这是数据的备份，不是密钥的备份。数据不带 --keys 恢复。",
}


class WrongPassphrase(BackupRefused):
    def __init__(self):
        super().__init__("口令不对，没有改动任何数据。用做这份备份时的口令再试。")


def unlock(kind: bytes, salt: bytes, passphrase: str) -> tuple[bytes, AESGCM]:
    """(the header, the cipher of the chunks) of a file with this salt."""
    text = unicodedata.normalize("NFKC", passphrase).encode()
    keys = Scrypt(salt=salt, length=64, n=COST, r=8, p=1).derive(text)
    begin = MAGIC + kind + salt
    return begin + hmac.digest(keys[32:], begin, "sha256"), AESGCM(keys[:32])


def nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Writer:
    """Seals what is written to it into an open file; `finish` makes it whole."""

    def __init__(self, file, kind: bytes, passphrase: str):
        self.file, self.number, self.waiting = file, 0, bytearray()
        self.header, self.cipher = unlock(kind, secrets.token_bytes(SALT), passphrase)
        file.write(self.header)

    def write(self, data: bytes) -> int:
        self.waiting += data
        while len(self.waiting) > CHUNK:  # what waits may be the last chunk, which says so
            self.seal(self.waiting[:CHUNK], last=False)
            del self.waiting[:CHUNK]
        return len(data)

    def finish(self) -> None:
        self.seal(self.waiting, last=True)

    def seal(self, chunk: bytearray, last: bool) -> None:
        self.file.write(self.cipher.encrypt(nonce(self.number, last), bytes(chunk), self.header))
        self.number += 1


class Reader:
    """What was sealed, in its order. Raises BackupRefused at the first byte that is not as it was written."""

    def __init__(self, file, kind: bytes, passphrases: Iterable[str]):
        """passphrases: tried in turn; the next is only asked for when the one before does not fit."""
        header = file.read(HEADER)
        if not header.startswith(MAGIC):
            raise BackupRefused(FOREIGN)
        found, salt = header[len(MAGIC) :][:1], header[len(MAGIC) + 1 :][:SALT]
        if len(header) < HEADER or found not in OTHER_KIND:
            raise BackupRefused(DAMAGED)
        if found != kind:
            raise BackupRefused(OTHER_KIND[kind])
        self.file, self.number, self.opened = file, 0, b""
        self.header, self.cipher = self.fitting(header, kind, salt, passphrases)
        self.ahead = file.read(CHUNK + TAG)

    def fitting(self, header, kind, salt, passphrases) -> tuple[bytes, AESGCM]:
        for passphrase in passphrases:
            expected, cipher = unlock(kind, salt, passphrase)
            if hmac.compare_digest(expected, header):
                return header, cipher
        raise WrongPassphrase

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, fewer only at the end; b"" says that all of the file was right."""
        while len(self.opened) < size and (self.ahead or not self.number):
            self.opened += self.next_chunk()
        data, self.opened = self.opened[:size], self.opened[size:]
        return data

    def next_chunk(self) -> bytes:
        sealed, self.ahead = self.ahead, self.file.read(CHUNK + TAG)
        try:
            chunk = self.cipher.decrypt(nonce(self.number, not self.ahead), sealed, self.header)
        except (InvalidTag, ValueError):  # ValueError: shorter than a tag
            raise BackupRefused(DAMAGED) from None
        self.number += 1
        return chunk

    def drain(self) -> None:
        """Read on to the end, so that it was seen."""
        while self.read(CHUNK):
            pass


@contextlib.contextmanager
def opened(path: Path, kind: bytes, passphrases: Iterable[str]) -> Iterator[Reader]:
    """A Reader of the file. Raises BackupRefused, WrongPassphrase among them."""
    try:
        file = path.open("rb")
    except OSError as fault:
        raise BackupRefused(f"读不到备份文件 {path}（{fault.strerror}）。核对路径和权限。") from None
    with file:
        yield Reader(file, kind, passphrases)


@contextlib.contextmanager
def sealing(path: Path, kind: bytes, passphrase: str) -> Iterator[Writer]:
    """Write a file that only its owner can read. It is read back before it gets its name: no half one ever has it."""
    if path.exists():
        raise BackupRefused(f"{path} 已经存在，没有覆盖。换一个文件名。")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=HALF, delete=False) as file:
        half = Path(file.name)
        try:
            writer = Writer(file, kind, passphrase)
            yield writer
            writer.finish()
            file.flush()
            os.fsync(file.fileno())
            with opened(half, kind, [passphrase]) as reader:
                reader.drain()
        except BaseException:
            file.close()
            half.unlink()
            raise
    half.replace(path)

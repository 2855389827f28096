"""Backups and what becomes of them."""

import shutil
import stat
import threading
from pathlib import Path

import pytest

from embedded_eventstore.storage import schema
from embedded_eventstore.storage.data_directory import DataDirectory
from embedded_eventstore.storage.log import Log
from embedded_eventstore.upkeep import backup as backups
from embedded_eventstore.upkeep.backup import BackupRefusedError, back_up, restore
from embedded_eventstore.upkeep.tests import given
from embedded_eventstore.upkeep.verification import verify


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory with a log of 32 events."""
    directory = tmp_path / "data"
    directory.mkdir(mode=0o700)
    given.a_log(directory, *(given.append(f"s-{n % 3}", b"{}", b"x" * 9000) for n in range(15)))
    return directory


def test_a_restored_log_is_the_same_log(data: Path, tmp_path: Path) -> None:
    made, backed_up = back_up(data, tmp_path / "copy.db")
    restored = restore(made, tmp_path / "new" / "home")

    assert restored == backed_up == verify(data / schema.FILE_NAME)
    assert given.everything(tmp_path / "new" / "home") == given.everything(data)
    given.a_log(tmp_path / "new" / "home", given.append("s-1", b"more"))
    assert verify(tmp_path / "new" / "home" / schema.FILE_NAME).problems == ()


def test_a_backup_is_one_file_for_its_owner(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    target.mkdir()
    made, _ = back_up(data, target)

    assert list(target.iterdir()) == [made]
    assert made.name.startswith("eventstore-2")
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_a_backup_holds_what_is_still_in_the_write_ahead_log(data: Path, tmp_path: Path) -> None:
    log = Log(data)
    given.write(log, given.append("s-9", b"new"))
    _, report = back_up(data, tmp_path / "copy.db")
    log.close()
    assert report.events == 33


def test_every_backup_under_way_is_the_log_as_it_was_at_one_moment(
    data: Path, tmp_path: Path
) -> None:
    log, done = Log(data), threading.Event()

    def write() -> None:
        while not done.is_set():
            given.write(log, given.append("s-1", b"x" * 3000, b"y"))
            log.checkpoint()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [back_up(data, tmp_path / f"{number}.db")[0] for number in range(5)]
    finally:
        done.set()
        writer.join()
    log.close()

    everything = given.everything(data)
    for number, backup in enumerate(made):
        restore(backup, tmp_path / f"home-{number}")
        restored = given.everything(tmp_path / f"home-{number}")
        assert restored == everything[: len(restored)]
    assert verify(data / schema.FILE_NAME).problems == ()


def test_nothing_is_overwritten(data: Path, tmp_path: Path) -> None:
    made, _ = back_up(data, tmp_path / "copy.db")
    before = made.read_bytes()
    with pytest.raises(BackupRefusedError, match="nothing is overwritten"):
        back_up(data, made)
    with pytest.raises(BackupRefusedError, match="not empty"):
        restore(made, data)
    assert made.read_bytes() == before


def test_a_log_is_not_restored_under_a_running_server(data: Path, tmp_path: Path) -> None:
    made, _ = back_up(data, tmp_path / "copy.db")
    home = DataDirectory(tmp_path / "home")
    with pytest.raises(schema.UnusableStoreError, match="Another server is using"):
        restore(made, tmp_path / "home")
    home.release()
    restore(made, tmp_path / "home")


def test_a_damaged_log_is_neither_backed_up_nor_restored(data: Path, tmp_path: Path) -> None:
    made, _ = back_up(data, tmp_path / "good.db")
    image = bytearray(made.read_bytes())
    image[image.rindex(b"xxxxxxxx")] ^= 1
    (tmp_path / "bad.db").write_bytes(image)
    shutil.copy(tmp_path / "bad.db", data / schema.FILE_NAME)

    with pytest.raises(BackupRefusedError, match="The log is damaged"):
        back_up(data, tmp_path / "another.db")
    assert not (tmp_path / "another.db").exists()
    with pytest.raises(BackupRefusedError, match="not what was recorded"):
        restore(tmp_path / "bad.db", tmp_path / "home")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["server.lock"]
    restore(made, tmp_path / "home")


def test_a_backup_that_breaks_off_leaves_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(backups, "_sync", broken)
    with pytest.raises(BackupRefusedError, match="could not be copied"):
        back_up(data, tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_there_must_be_a_log_and_a_place(data: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupRefusedError, match="no log"):
        back_up(tmp_path, tmp_path / "copy.db")
    with pytest.raises(BackupRefusedError, match="cannot be written"):
        back_up(data, tmp_path / "nowhere" / "copy.db")
    with pytest.raises(BackupRefusedError, match="no backup"):
        restore(tmp_path / "copy.db", tmp_path / "home")

"""Zip files, looked into without unpacking them, and only after their list of files was checked."""

import stat
import zipfile
from pathlib import Path, PurePosixPath

from cutaway.errors import CorruptFile, UnsafeArchive
from cutaway.reading import readable
from cutaway.weights.known_files import expect_weights
from cutaway.words import in_one_line

# GPT-2 XL's 1.6 billion numbers at 25 characters each, which is more than any float32 needs.
MOST_BYTES = 40_000_000_000
# Digits shrink to a third or half of their size. Small files may be all zeros, and shrink further.
MOST_RATIO = 100
MOST_MEMBERS = 10_000  # GPT-2 XL has 580 tensors, each a file
RATIO_COUNTS_FROM = 100_000_000


def open_zip(path: Path) -> zipfile.Path:
    """The folder in the zip that holds its files: the only folder at the top, or the top itself.

    Raises:  CorruptFile when it is no zip or is encrypted; UnsafeArchive when a member lies outside
             of it or is a link, or when it would unpack to far more than any GPT-2 needs
    """
    expect_weights(path)
    with readable(path.name, CorruptFile, "{name} is no zip file, or one that was cut short. Get "
                  "it again, or unpack it with another program and open the folder."):
        archive = zipfile.ZipFile(path)
    if len(archive.filelist) > MOST_MEMBERS:
        raise UnsafeArchive(f"{path.name} holds {len(archive.filelist):,} files; at most "
                            f"{MOST_MEMBERS:,} are expected. It was not opened.")
    members = [member for member in archive.infolist()
               if not member.filename.startswith("__MACOSX/")]  # which macOS adds by itself
    for member in members:
        _expect_safe(path, member)
    _expect_reasonable_size(path, members)
    tops = {member.filename.split("/")[0] for member in members}
    has_one_folder = len(tops) == 1 and all("/" in member.filename for member in members)
    return zipfile.Path(archive, f"{tops.pop()}/" if has_one_folder else "")


def _expect_safe(path: Path, member: zipfile.ZipInfo) -> None:
    name, shown = member.filename.replace("\\", "/"), in_one_line(member.filename, 100)
    if name.startswith("/") or ".." in PurePosixPath(name).parts or ":" in name.split("/")[0]:
        raise UnsafeArchive(
            f"{path.name} holds {shown!r}, which lies outside of its folder: it was not "
            "opened. Get the file from a source that you trust.")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise UnsafeArchive(f"{path.name} holds {shown!r}, which is a link: it was not "
                            "opened. Pack the files themselves.")
    if member.flag_bits & 1:
        raise CorruptFile(f"{path.name}: {shown!r} is encrypted. Unpack it with its "
                          "password first and open the folder.")


def _expect_reasonable_size(path: Path, members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = path.stat().st_size
    if unpacked > MOST_BYTES:
        raise UnsafeArchive(
            f"{path.name} would unpack to {unpacked:,} bytes; the largest GPT-2 needs at most "
            f"{MOST_BYTES:,}. It was not opened.")
    if unpacked > RATIO_COUNTS_FROM and unpacked > MOST_RATIO * packed:
        raise UnsafeArchive(
            f"{path.name} has {packed:,} bytes and would unpack to {unpacked:,}, which is "
            f"{unpacked // packed:,} times as much; up to {MOST_RATIO} times is expected of "
            "numbers. It was not opened.")

"""Zip files that do harm are refused before anything in them is read."""

import stat
import zipfile

import pytest

from cutaway.errors import CorruptFile, UnsafeArchive
from cutaway.weights import read_model_files
from cutaway.weights.archive import open_zip


def zip_of(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, contents in members:
            archive.writestr(member, contents)
    return path


def test_a_file_that_is_no_zip_is_corrupt(tmp_path):
    file = tmp_path / "gpt2.zip"
    file.write_bytes(b"Not found")
    with pytest.raises(CorruptFile) as caught:
        read_model_files(file)
    assert str(caught.value) == (
        "gpt2.zip is no zip file, or one that was cut short. Get it again, or unpack it with "
        "another program and open the folder.")


def test_a_zip_that_was_cut_short_is_corrupt(tmp_path):
    file = zip_of(tmp_path / "gpt2.zip", ("model_wte.csv", "0.5,1\n" * 1000))
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(CorruptFile, match=r"gpt2\.zip is no zip file, or one that was cut short"):
        read_model_files(file)


@pytest.mark.parametrize("member", [
    "../model_wte.csv", "a/../../model_wte.csv", "/etc/model_wte.csv", "..\\model_wte.csv",
    "C:\\model_wte.csv", "\\\\server\\model_wte.csv"])
def test_a_member_outside_of_the_zip_is_refused(tmp_path, member):
    file = zip_of(tmp_path / "gpt2.zip", (member, "0.5"))
    with pytest.raises(UnsafeArchive) as caught:
        read_model_files(file)
    assert str(caught.value) == (
        f"gpt2.zip holds {member!r}, which lies outside of its folder: it was not opened. Get the "
        "file from a source that you trust.")


def test_a_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("model_wte.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    file = zip_of(tmp_path / "gpt2.zip", (link, "/etc/passwd"))
    with pytest.raises(UnsafeArchive) as caught:
        read_model_files(file)
    assert str(caught.value) == (
        "gpt2.zip holds 'model_wte.csv', which is a link: it was not opened. Pack the files "
        "themselves.")


def test_an_encrypted_member_is_refused(tmp_path):
    file = zip_of(tmp_path / "gpt2.zip", ("model_wte.csv", "0.5"))
    marked = bytearray(file.read_bytes())
    marked[marked.index(b"PK\x01\x02") + 8] |= 1  # the flag of encryption in the list of members
    file.write_bytes(marked)
    with pytest.raises(CorruptFile) as caught:
        read_model_files(file)
    assert str(caught.value) == (
        "gpt2.zip: 'model_wte.csv' is encrypted. Unpack it with its password first and open the "
        "folder.")


def test_a_zip_that_unpacks_to_far_more_than_it_weighs_is_refused(tmp_path):
    file = zip_of(tmp_path / "bomb.zip", ("model_wte.csv", bytes(120_000_000)))
    size = file.stat().st_size
    with pytest.raises(UnsafeArchive) as caught:
        read_model_files(file)
    assert str(caught.value) == (
        f"bomb.zip has {size:,} bytes and would unpack to 120,000,000, which is "
        f"{120_000_000 // size:,} times as much; up to 100 times is expected of numbers. It was "
        "not opened.")


def test_a_zip_that_unpacks_to_more_than_any_gpt2_is_refused(tmp_path):
    members = [(f"{i}.csv", "0") for i in range(20)]
    file = zip_of(tmp_path / "huge.zip", *members)
    claimed = bytearray(file.read_bytes())
    at = -1
    while (at := claimed.find(b"PK\x01\x02", at + 1)) >= 0:  # the size that each member claims
        claimed[at + 24:at + 28] = (4_000_000_000).to_bytes(4, "little")
    file.write_bytes(claimed)
    with pytest.raises(UnsafeArchive) as caught:
        read_model_files(file)
    assert str(caught.value) == (
        "huge.zip would unpack to 80,000,000,000 bytes; the largest GPT-2 needs at most "
        "40,000,000,000. It was not opened.")


def test_a_member_that_is_longer_than_it_claims_is_not_read_on(tmp_path):
    file = zip_of(tmp_path / "liar.zip", ("model_wte.csv", "0.5,1\n" * 1000))
    claimed = bytearray(file.read_bytes())
    at = claimed.index(b"PK\x01\x02") + 24
    claimed[at:at + 4] = (12).to_bytes(4, "little")
    file.write_bytes(claimed)
    with pytest.raises(CorruptFile, match=r"model_wte\.csv cannot be read as a table of numbers"):
        read_model_files(file)


@pytest.mark.parametrize(("members", "top"), [
    (["model_wte.csv", "config.json"], ["config.json", "model_wte.csv"]),
    (["gpt2/", "gpt2/model_wte.csv", "__MACOSX/gpt2/._model_wte.csv"], ["model_wte.csv"]),
    (["gpt2/model_wte.csv"], ["model_wte.csv"]),
    (["gpt2/model_wte.csv", "readme.txt"], ["gpt2", "readme.txt"]),
])
def test_a_single_folder_at_the_top_is_looked_into(tmp_path, members, top):
    file = zip_of(tmp_path / "gpt2.zip", *((member, "") for member in members))
    found = open_zip(file)
    assert sorted(path.name for path in found.iterdir()) == top

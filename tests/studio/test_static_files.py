"""The page's own files."""

import pytest
from starlette.testclient import TestClient

from cutaway.studio.server.app import StaticFiles


@pytest.fixture
def client(tmp_path):
    (tmp_path / "panels").mkdir()
    (tmp_path / "panels" / "map.js").write_text("export const map = 1;", encoding="utf-8")
    (tmp_path.parent / "secret.txt").write_text("secret", encoding="utf-8")
    return TestClient(StaticFiles(tmp_path))


def test_a_file_is_answered_with_its_type(client):
    answer = client.get("/panels/map.js")
    assert answer.text == "export const map = 1;"
    assert answer.headers["content-type"].startswith("text/javascript")


def test_a_browser_that_has_the_file_is_told_that_it_is_still_so(client):
    tag = client.get("/panels/map.js").headers["etag"]
    again = client.get("/panels/map.js", headers={"if-none-match": tag})
    assert again.status_code == 304 and again.content == b""


@pytest.mark.parametrize("path", ["/../secret.txt", "/panels/../../secret.txt", "/panels", "/",
                                  "/%2e%2e/secret.txt", "//etc/passwd", "/panels/map.js/"])
def test_nothing_but_the_files_of_the_folder_is_found(client, path):
    assert client.get(path).status_code == 404


def test_files_are_read_only(client):
    assert client.post("/panels/map.js").status_code == 405


def test_head_gives_no_body(client):
    assert client.head("/panels/map.js").content == b""

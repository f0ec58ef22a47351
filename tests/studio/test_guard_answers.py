"""What the guard asks of bodies, what it answers, and how it opens the door.

What is expected comes from RFC 9110 (status codes), RFC 6265bis (SameSite), the Fetch standard
and the content security policy of the design.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.studio.server.guard import Guard, Keys, Refusals, cookie_name
from tests.studio.visits import (
    HOME,
    KEYS,
    PORT,
    Seen,
    answer_of,
    guarded,
    having,
    insider,
    stand_in,
)


def status(scope, **options):
    """What the guard answers."""
    return answer_of(guarded(**options), scope).status


# Bodies

@pytest.mark.parametrize(("path", "kind", "expected"), [
    ("/do/undo", "application/json", 200), ("/do/undo", "application/json; charset=utf-8", 200),
    ("/do/undo", "Application/JSON", 200), ("/do/undo", "text/plain", 415),
    ("/do/undo", "application/x-www-form-urlencoded", 415),
    ("/do/undo", "multipart/form-data; boundary=application/json", 415),
    ("/do/undo", "application/jsonx", 415), ("/do/undo", "", 415),
    ("/do/undo", "text/plain, application/json", 415),
    ("/do/undo", "application/octet-stream", 415),
    ("/upload/a.csv", "application/octet-stream", 200), ("/upload/a.csv", "text/csv", 415),
    ("/upload/a.csv", "application/json", 415), ("/uploads", "application/octet-stream", 415)])
def test_a_change_is_json_and_a_file_is_bytes(path, kind, expected):
    assert status(having(insider(path, "POST"), "content-type", kind)) == expected


def test_there_is_exactly_one_content_type():
    json_kind = "application/json"
    assert status(having(insider("/do/undo", "POST"), "content-type")) == 415
    assert status(having(insider("/do/undo", "POST"), "content-type", json_kind, json_kind)) == 415


@pytest.mark.parametrize(("path", "length", "expected"), [
    ("/do/undo", "10", 200), ("/do/undo", "11", 413), ("/do/undo", "0" * 5000 + "10", 200),
    ("/do/undo", "9" * 5000, 413), ("/upload/a", "20", 200), ("/upload/a", "21", 413),
    ("/do/undo", "-1", 400), ("/do/undo", "+1", 400), ("/do/undo", "1_0", 400),
    ("/do/undo", "ten", 400), ("/do/undo", "", 400), ("/do/undo", "²", 400),
    ("/do/undo", "1.0", 400)])
def test_a_body_is_as_small_as_it_says(path, length, expected):
    scope = having(insider(path, "POST"), "content-length", length)
    assert status(scope, body_bytes=10, upload_bytes=20) == expected


def test_a_body_has_one_length():
    assert status(having(insider("/do/undo", "POST"), "content-length", "2", "3")) == 400


@pytest.mark.parametrize(("path", "pieces", "expected"), [
    ("/do/undo", [b"12345", b"67890"], 200), ("/do/undo", [b"12345", b"67890", b"!"], 413),
    ("/upload/a", [b"1234567890"] * 2, 200), ("/upload/a", [b"1234567890"] * 3, 413)])
def test_a_body_that_does_not_say_its_length_is_counted(path, pieces, expected):
    seen = Seen()
    app = guarded(seen, body_bytes=10, upload_bytes=20)
    answer = answer_of(app, having(insider(path, "POST"), "content-length"), pieces)
    assert answer.status == expected
    assert seen.bodies == ([b"".join(pieces)] if expected == 200 else [])


def test_a_body_may_have_a_mebibyte():
    scope = insider("/do/undo", "POST")
    assert status(having(scope, "content-length", "1048576")) == 200
    assert status(having(scope, "content-length", "1048577")) == 413


# The door

def knock(query=f"token={KEYS.token}", path="/", method="GET"):
    """A browser that has nothing but the address that was printed."""
    scope = insider(path, method, query=query if isinstance(query, bytes) else query.encode())
    for name in ("origin", "cookie", "x-cutaway-page"):
        scope = having(scope, name)
    return having(scope, "sec-fetch-site", "none")


def from_a_file(scope, site="cross-site", mode="navigate", dest="document"):
    """The same, led there by a file or by a link on another site."""
    scope = having(having(scope, "sec-fetch-mode", mode), "sec-fetch-dest", dest)
    return having(scope, "sec-fetch-site", site)


def test_the_token_opens_the_door_and_is_gone_from_the_address():
    answer = answer_of(guarded(), knock())
    assert answer.status == 303
    assert answer["location"] == f"/#page={KEYS.page}"
    assert answer["cache-control"] == "no-store"
    name, *attributes = answer["set-cookie"].split("; ")
    assert name == f"cutaway_{PORT}={KEYS.cookie}"
    assert {word.lower() for word in attributes} == {"httponly", "samesite=strict", "path=/"}


def test_a_browser_that_does_not_say_whence_it_comes_may_knock():
    assert status(having(knock(), "sec-fetch-site")) == 303


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_who_is_led_to_the_door_goes_on_from_a_page_of_ours(site):
    answer = answer_of(guarded(), from_a_file(knock(), site))
    assert answer.status == 200
    assert f'content="0; url=/#page={KEYS.page}"' in answer.body.decode()
    assert answer["set-cookie"].startswith(f"cutaway_{PORT}={KEYS.cookie}; ")
    assert KEYS.token not in repr(answer)


@pytest.mark.parametrize(("mode", "dest"), [
    ("navigate", "iframe"), ("navigate", "frame"), ("navigate", "object"), ("no-cors", "image"),
    ("cors", "empty"), ("no-cors", "script"), ("navigate", ""), ("", "document")])
def test_no_other_site_gets_through_the_door_in_a_frame_or_a_script(mode, dest):
    answer = answer_of(guarded(), from_a_file(knock(), "cross-site", mode, dest))
    assert answer.status == 403
    assert "set-cookie" not in dict(answer.headers)


@pytest.mark.parametrize("query", [
    "token=", "token", f"token={KEYS.token[:-1]}", f"token={KEYS.token}T", f"token=x{KEYS.token}",
    f"token={KEYS.token.lower()}", f"token={KEYS.cookie}", f"token={KEYS.page}",
    f"token={KEYS.token}&token={KEYS.token}", f"token=x&token={KEYS.token}",
    f"token={KEYS.token}&a=b", f"a=b&token={KEYS.token}", f"Token={KEYS.token}",
    f"token={KEYS.token}#", f"%74oken={KEYS.token}", f"token=%54{KEYS.token[1:]}",
    f"token[]={KEYS.token}", f" token={KEYS.token}", b"token=\xff\xfe"])
def test_the_door_opens_for_nothing_but_the_token(query):
    for scope in (knock(query), from_a_file(knock(query))):
        answer = answer_of(guarded(), scope)
        assert answer.status in (401, 403)
        assert "set-cookie" not in dict(answer.headers)


@pytest.mark.parametrize("scope", [
    knock(path="/static/app.js"), knock(path="/socket"), knock(path="/do/undo"), knock(path="//"),
    knock(method="HEAD"), knock(method="POST"), knock(method="OPTIONS"),
    having(knock(), "host", "evil.com"), having(knock(), "host", HOME, HOME),
    having(knock(), "origin", "http://evil.com"), having(knock(), "origin", "null"),
    having(knock(), "content-length", "9" * 30)])
def test_the_token_opens_one_door_by_one_method_at_one_host(scope):
    answer = answer_of(guarded(), scope)
    assert 400 <= answer.status < 500
    assert "set-cookie" not in dict(answer.headers)


@pytest.mark.parametrize("query", [f"token={KEYS.token}", f"a=b&%74oken={KEYS.token}", "token=x"])
def test_a_token_in_another_address_is_refused_even_to_those_inside(query):
    for scope in (insider("/static/app.js", query=query.encode()),
                  insider("/do/undo", "POST", query=query.encode()),
                  insider("/socket", is_socket=True, query=query.encode())):
        assert status(scope) == 403


@given(token=st.text(st.characters(max_codepoint=127)))
def test_no_other_text_is_the_token(token):
    assert status(knock(f"token={token}")) == (303 if token == KEYS.token else 403)


@pytest.mark.parametrize("query", [f"token={KEYS.token}", "token=mistyped", "a=b&token=x"])
def test_the_server_finds_no_token_to_write_into_its_log(query):
    heard = {}

    async def remember(scope, receive, send):
        heard["scope"] = scope
        await guarded()(scope, receive, send)

    answer_of(remember, knock(query))
    assert heard["scope"]["query_string"] == b""


# Headers of every answer

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
          f"font-src 'self'; connect-src 'self' ws://127.0.0.1:{PORT} ws://localhost:{PORT}; "
          "frame-src 'none'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
          "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'")


@pytest.mark.parametrize("scope", [
    insider(), insider("/static/app.js"), insider("/do/undo", "POST"), insider("/nowhere"), knock(),
    from_a_file(knock()), knock("token=x"), having(insider(), "cookie"),
    having(insider(), "host", "evil.com"), insider("/", "TRACE")])
def test_every_answer_closes_what_the_page_does_not_need(scope):
    answer = answer_of(guarded(), scope)
    assert answer["content-security-policy"] == POLICY
    assert answer["x-content-type-options"] == "nosniff"
    assert answer["referrer-policy"] == "no-referrer"
    assert answer["cross-origin-opener-policy"] == "same-origin"
    assert answer["cross-origin-resource-policy"] == "same-origin"
    assert answer["cross-origin-embedder-policy"] == "require-corp"
    assert "camera=(), " in answer["permissions-policy"]
    assert not [name for name, _ in answer.headers if name.startswith("access-control-")]


def test_a_policy_names_no_ipv6_number_since_it_cannot():
    guard = Guard(stand_in(), KEYS, PORT, hosts=("::1", "localhost"))
    answer = answer_of(guard, insider())
    assert f"connect-src 'self' ws://localhost:{PORT};" in answer["content-security-policy"]


def test_files_may_be_kept_if_asked_for_each_time_and_all_else_is_not_kept():
    assert answer_of(guarded(), insider("/static/app.js"))["cache-control"] == "no-cache"
    for scope in (insider(), insider("/table.csv"), insider("/do/undo", "POST"), knock()):
        assert answer_of(guarded(), scope)["cache-control"] == "no-store"


def test_an_app_cannot_loosen_the_policy_or_call_other_sites_in():
    async def loose(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [
            (b"Content-Security-Policy", b"default-src *"), (b"X-Kept", b"yes"),
            (b"Access-Control-Allow-Origin", b"*"), (b"cache-control", b"public")]})
        await send({"type": "http.response.body", "body": b""})

    answer = answer_of(Guard(loose, KEYS, PORT), insider())
    assert answer["content-security-policy"] == POLICY
    assert answer["cache-control"] == "no-store"
    assert answer["X-Kept"] == "yes"
    assert "Access-Control-Allow-Origin" not in dict(answer.headers)


# What is told

def test_a_refusal_says_what_was_found_what_is_expected_and_what_to_do():
    answer = answer_of(guarded(), having(insider(), "host", "evil.com"))
    assert answer.body.decode() == (
        "This request is for 'evil.com'; Cutaway answers only at 127.0.0.1:8765 or localhost:8765. "
        "Open the address that Cutaway printed when it started.\n")
    assert answer["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("host", ["127.0.0.1:9999", "localhost:1", "localhost"])
def test_a_tunnel_to_another_port_is_told_what_to_type(host):
    answer = answer_of(guarded(), having(insider(), "host", host))
    assert "give both ends the same port: ssh -L 8765:127.0.0.1:8765." in answer.body.decode()


def test_a_refused_change_is_told_as_the_page_reads_errors():
    answer = answer_of(guarded(), having(insider("/do/undo", "POST"), "x-cutaway-page"))
    assert json.loads(answer.body) == {"error": {"kind": "Refused", "message":
        "This request does not carry the secret of Cutaway's page. Open the address that Cutaway "
        "printed when it started."}}


@pytest.mark.parametrize(("scope", "words"), [
    (knock("token=x"), "The key in this address is not the one of this start of Cutaway. "),
    (knock(path="/static/a"), "A key was found in an address where none belongs. "),
    (having(insider(), "origin", "http://evil.com"), "This request comes from 'http://evil.com'; "
     "Cutaway takes it only from its own page. "),
    (having(insider(), "sec-fetch-site", "same-site"), "The browser says that this request comes "
     "from 'same-site'; only Cutaway's own page may ask. "),
    (having(insider(), "cookie"), "This browser has no key for Cutaway, or one of an earlier "
     "start. "),
    (insider("/a/../b"), "'/a/../b' is no plain path such as /static/app.js."),
    (insider("/", "PUT"), "The method is 'PUT'; Cutaway knows GET, HEAD, POST."),
    (having(insider("/do/x", "POST"), "content-type", "text/plain"),
     "The content is 'text/plain'; application/json is expected."),
    (having(insider("/do/x", "POST"), "content-length", "2000000"),
     "The content has '2000000' bytes; at most 1,048,576 are taken here."),
    (having(insider("/do/x", "POST"), "content-length", "x"),
     "The content's length is 'x'; a number is expected.")])
def test_every_refusal_has_its_own_sentence(scope, words):
    answer = answer_of(guarded(), scope)
    told = json.loads(answer.body)["error"]["message"] if scope["method"] == "POST" else (
        answer.body.decode())
    assert told.strip() in (words, f"{words}Open the address that Cutaway printed when it started.")


def test_what_a_stranger_wrote_comes_back_short_and_plain():
    answer = answer_of(guarded(), having(insider(), "host", "<script>\xe9" + "x" * 1000))
    assert b"'<script>\\xe9xxx" in answer.body
    assert len(answer.body) < 300


@given(name=st.sampled_from(["host", "origin", "cookie", "sec-fetch-site", "x-cutaway-page",
                             "content-length", "content-type"]),
       values=st.lists(st.binary(max_size=60), max_size=3))
def test_no_header_makes_the_guard_fall_over_or_tell_a_secret(name, values):
    for scope in (insider("/do/undo", "POST"), insider("/socket", is_socket=True)):
        answer = answer_of(guarded(), having(scope, name, *values))
        told = repr(answer.headers) + repr(answer.body)
        assert not any(secret in told for secret in (KEYS.token, KEYS.cookie, KEYS.page))


def test_keys_are_three_different_secrets_of_256_bits_that_are_not_shown():
    keys, others = Keys.new(), Keys.new()
    every = {keys.token, keys.cookie, keys.page, others.token, others.cookie, others.page}
    assert len(every) == 6
    assert all(len(secret) == 43 for secret in every)  # 32 bytes in base64, without the padding
    assert not any(secret in f"{keys!r} {keys}" for secret in every)


def test_the_cookies_name_has_the_port_in_it():
    assert cookie_name(8765) == "cutaway_8765"


# Many attempts

def test_after_a_hundred_refusals_in_a_minute_only_a_number_is_told():
    minutes = [0.0]
    app = guarded(refusals=Refusals(clock=lambda: minutes[0] * 60))
    wrong = having(insider(), "cookie")
    assert {answer_of(app, wrong).status for _ in range(100)} == {401}
    late = answer_of(app, wrong)
    assert late.status == 429
    assert late["retry-after"] == "60"
    assert b"Too many requests were refused within a minute." in late.body
    assert answer_of(app, insider()).status == 200, "whoever has the keys is not kept out"
    minutes[0] = 1.0
    assert answer_of(app, wrong).status == 401

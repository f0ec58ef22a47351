"""Models on the page: listed, opened, deleted, and put together from what is dropped."""

import json
import os
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from cutaway.weights import Store
from tests.studio.dropping import (
    HPARAMS,
    N_TOKENS,
    served,
    speaking,
    wait_until,
    write_csvs,
    write_tokenizer,
)
from tests.studio.weights_app import weights_app
from tests.weights import peers
from tests.weights.hub_server import Hub, running

CHOOSER = "input[type=file][multiple]"


@pytest.fixture(scope="module")
def numbers():
    return speaking(peers.digits())


@pytest.fixture
def csvs(tmp_path, numbers):
    return write_csvs(tmp_path / "my csvs", numbers)


@pytest.fixture
def tokenizer(tmp_path):
    """A folder with a tokenizer's files, and hparams.json for a model of as many tokens."""
    return write_tokenizer(tmp_path / "tokenizer")


@pytest.fixture
def app(tmp_path):
    return weights_app(tmp_path / "store" / "models")


@pytest.fixture
def weights(app, page):
    """The weights' place, drawn."""
    with served(app) as address:
        page.goto(f"http://{address}/#page=secret")
        page.get_by_role("table").wait_for()
        yield page


def choose(page, *files):
    page.locator(CHOOSER).set_input_files([str(file) for file in files])


def line(page, name):
    """The line of a model in the list."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))


def box(page, name):
    """The box of a tensor in the drawing."""
    own = page.locator(".wt-own", has_text=re.compile(f"{name}$"))
    return page.locator(".wt-box").filter(has=own)


def drop(page, files):
    """Files let fall in the middle of the place, as a browser gives them to the page."""
    held = page.evaluate_handle("""(files) => {
      const held = new DataTransfer();
      for (const {name, bytes} of files) held.items.add(new File([new Uint8Array(bytes)], name));
      return held;
    }""", [{"name": name, "bytes": list(data)} for name, data in files])
    place = page.get_by_role("region", name="Models", exact=True)
    for kind in ("dragenter", "dragover", "drop"):
        place.dispatch_event(kind, {"dataTransfer": held})


def store_of(app):
    return Store(app.state.book.desk.store_folder)


def test_the_models_are_listed_with_what_they_consist_of(weights):
    cells = line(weights, "storybook").get_by_role("cell")
    assert cells.all_inner_texts()[:8] == [
        "3,505,152", "6", "6", "192", "256", "4,096", "7.0 MB", "Cutaway"]
    expect(line(weights, "storybook")).to_have_attribute("aria-current", "true")


def test_every_weight_of_the_open_model_can_be_opened_as_a_table(weights):
    boxes = weights.get_by_role("list", name="The weights of storybook").get_by_role("button")
    expect(boxes).to_have_count(76)
    expect(weights.get_by_text("76 tensors, 3,505,152 numbers, float16")).to_be_visible()
    weights.get_by_role("button", name=re.compile(r"Open h3\. ?c_fc_w 192 × 768")).click()
    assert weights.evaluate("[stage.place.value, stage.table.value]") == ["table", "h3.c_fc_w"]


def test_csv_files_with_one_missing_are_red_and_the_missing_one_makes_the_model(
        weights, app, csvs, tokenizer, numbers):
    last = csvs.pop("h0.c_attn_w")
    choose(weights, *csvs.values(), *(tokenizer / name for name in (
        "hparams.json", "vocab.json", "merges.txt")))
    told = weights.get_by_text("1 tensor is missing: h0.c_attn_w")
    expect(told).to_be_visible()
    red = weights.evaluate("""() => {
      const probe = document.body.appendChild(document.createElement("i"));
      probe.style.color = "var(--danger)";
      return getComputedStyle(probe).color;
    }""")
    expect(told).to_have_css("color", red)
    missing = box(weights, "c_attn_w").first
    expect(missing).to_contain_text("missing")
    expect(missing).to_have_css("color", red)
    expect(box(weights, "c_attn_w").nth(1)).to_contain_text("8 × 24")
    expect(weights.get_by_text("1 of 12 to come")).to_be_visible()
    expect(weights.get_by_role("button", name="Keep in the store")).to_have_count(0)

    choose(weights, last)
    expect(weights.get_by_text("Ready: all 28 tensors loaded")).to_be_visible()
    weights.get_by_label("Keep it as").fill("mine")
    weights.get_by_role("button", name="Keep in the store and open").click()
    expect(line(weights, "mine")).to_have_attribute("aria-current", "true")
    expect(weights.get_by_text("The weights of mine")).to_be_visible()
    peers.assert_same(store_of(app).open("mine").weights, numbers)


def test_a_kept_model_is_there_after_a_restart(page, faults, csvs, tokenizer, tmp_path):
    faults.expect("ERR_CONNECTION_REFUSED")  # the page asks for its server once more as it goes
    home = tmp_path / "store" / "models"
    with served(weights_app(home)) as address:
        page.goto(f"http://{address}/#page=secret")
        choose(page, *csvs.values(), tokenizer / "hparams.json", tokenizer / "tokenizer.json")
        page.get_by_label("Keep it as").fill("mine")
        page.get_by_role("button", name="Keep in the store and open").click()
        expect(line(page, "mine")).to_have_attribute("aria-current", "true")
        page.goto("about:blank")
    with served(weights_app(home)) as address:
        page.goto(f"http://{address}/#page=another")
        page.get_by_role("button", name="Open mine").click()
        expect(line(page, "mine")).to_have_attribute("aria-current", "true")


def test_a_folder_that_transformers_wrote_can_be_chosen(weights, app, tokenizer, tmp_path):
    from transformers import GPT2Config, GPT2LMHeadModel

    peer = GPT2LMHeadModel(GPT2Config(vocab_size=N_TOKENS, n_positions=16, n_embd=8, n_layer=2,
                                      n_head=2))
    folder = tmp_path / "my model!"
    peer.save_pretrained(folder)
    (folder / "tokenizer.json").write_bytes((tokenizer / "tokenizer.json").read_bytes())
    (folder / "onnx").mkdir()
    (folder / "onnx" / "config.json").write_text("{}")  # what lies deeper is of other formats
    weights.locator("input[webkitdirectory]").set_input_files(str(folder))
    expect(weights.get_by_text("Ready: all 28 tensors loaded")).to_be_visible()
    expect(weights.get_by_label("Keep it as")).to_have_value("my-model")
    expect(weights.get_by_text("as config.json says")).to_be_visible()
    weights.get_by_role("button", name="Keep in the store and open").click()
    expect(line(weights, "my-model")).to_have_attribute("aria-current", "true")
    peers.assert_same(store_of(app).open("my-model").weights, {
        ours: peer.state_dict()[theirs].numpy()
        for ours, (theirs, _) in peers.spellings().items()})


def test_files_can_be_dropped_anywhere_on_the_place(weights, csvs):
    drop(weights, [(file.name, file.read_bytes()) for file in (*csvs.values(), HPARAMS)])
    expect(weights.get_by_text(re.compile("tensors? (is|are) missing|wrong shape|Ready")).first
           ).to_be_visible()


def test_a_file_that_is_not_what_it_says_is_named_and_the_others_stay(weights, csvs, tmp_path):
    csvs["wpe"].write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    choose(weights, *csvs.values(), tmp_path / "photo.png")
    refused = weights.get_by_role("list", name="Files that were refused")
    expect(refused).to_contain_text("model_wpe.csv is no table of numbers")
    expect(weights.get_by_text("1 tensor is missing: wpe")).to_be_visible()
    expect(weights.get_by_text("28 files, 1 not taken")).to_be_visible()
    refused.get_by_role("button", name="Take model_wpe.csv away").click()
    expect(refused).to_have_count(0)


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>.csv", "..\\..\\evil.csv",
                                  "<script>document.title='taken'</script>.png", "nul", "a\u202eb"])
def test_a_name_with_markup_or_a_path_in_it_stays_text(weights, app, name):
    weights.on("dialog", lambda dialog: pytest.fail("a script ran"))
    drop(weights, [(name, b"1,2")])
    expect(weights.locator(".wt-list li")).to_have_count(1)
    expect(weights.get_by_text("None of GPT-2's tensors has come yet.")).to_be_visible()
    assert weights.title() == "Weights"
    assert weights.locator("#stage img, #stage script").count() == 0
    written = [path.name for path in app.state.book.desk.store_folder.rglob("*")
               if path.is_file() and path.name != "lock"]
    assert all(re.fullmatch(r"[\w ._()+-]+", one) for one in written)


def test_a_tensor_of_a_wrong_shape_is_told(weights, csvs, tokenizer, numbers, tmp_path):
    other = write_csvs(tmp_path / "other", numbers | {"h1.c_fc_w": numbers["h1.c_fc_w"].T})
    csvs["h1.c_fc_w"] = other["h1.c_fc_w"]
    choose(weights, *csvs.values(), tokenizer / "hparams.json")
    expect(weights.get_by_text("h1.c_fc_w has a wrong shape: 32 x 8 in model_h1_mlp_c_fc_w.csv; "
                               "8 x 32 is expected: it is transposed.")).to_be_visible()
    expect(box(weights, "c_fc_w").nth(1)).to_contain_text("wrong shape")


def test_without_a_config_the_page_asks_for_the_heads(weights, app, csvs):
    choose(weights, *csvs.values())
    heads = weights.get_by_label("Heads of each block")
    heads.fill("2")
    weights.get_by_role("button", name="Use this number").click()
    expect(weights.get_by_text("Ready: all 28 tensors loaded")).to_be_visible()
    weights.get_by_role("button", name="Keep in the store").click()
    expect(line(weights, "my-csvs").or_(line(weights, "my-model"))).to_be_visible()
    [name] = store_of(app).names()
    assert store_of(app).open(name).config.n_head == 2


def test_a_model_without_a_tokenizer_says_what_it_lacks(weights, csvs, tokenizer):
    choose(weights, *csvs.values(), tokenizer / "hparams.json")
    expect(weights.get_by_text("No tokenizer has come: without one, the model cannot read a text.")
           ).to_be_visible()
    weights.get_by_label("Keep it as").fill("mute")
    weights.get_by_role("button", name="Keep in the store", exact=True).click()
    expect(line(weights, "mute").get_by_role("button", name="mute cannot be opened")
           ).to_be_disabled()


def test_a_tokenizer_can_be_lent_by_another_model(weights, csvs, tokenizer):
    choose(weights, *csvs.values(), tokenizer / "hparams.json", tokenizer / "tokenizer.json")
    weights.get_by_label("Keep it as").fill("lender")
    weights.get_by_role("button", name="Keep in the store and open").click()
    expect(line(weights, "lender")).to_be_visible()
    choose(weights, *csvs.values(), tokenizer / "hparams.json")
    weights.get_by_label("with the tokenizer of").select_option("lender")
    weights.get_by_label("Keep it as").fill("borrower")
    weights.get_by_role("button", name="Keep in the store and open").click()
    expect(line(weights, "borrower")).to_have_attribute("aria-current", "true")


def test_a_name_that_is_taken_is_replaced_only_when_that_is_said(weights, app, csvs, tokenizer,
                                                                 numbers):
    for replace in (False, True):
        choose(weights, *csvs.values(), tokenizer / "hparams.json", tokenizer / "tokenizer.json")
        weights.get_by_label("Keep it as").fill("mine")
        button = weights.get_by_role("button", name="Keep in the store and open")
        if replace:
            expect(weights.get_by_text("There is a model mine already.")).to_be_visible()
            expect(button).to_be_disabled()
            weights.get_by_label("replace the one that is there").check()
        button.click()
        expect(button).to_have_count(0)
        expect(line(weights, "mine")).to_have_attribute("aria-current", "true")
        np.savetxt(csvs["wpe"], 2 * numbers["wpe"], delimiter=",")
    np.testing.assert_array_equal(store_of(app).open("mine").weights["wpe"], 2 * numbers["wpe"])


def test_the_bundled_models_name_cannot_be_taken(weights, csvs, tokenizer):
    choose(weights, *csvs.values(), tokenizer / "hparams.json")
    weights.get_by_label("Keep it as").fill("storybook")
    expect(weights.get_by_text("storybook comes with Cutaway.")).to_be_visible()
    expect(weights.get_by_role("button", name="Keep in the store")).to_be_disabled()


def test_a_model_is_deleted_after_a_question_by_keyboard_alone(weights, app, csvs, tokenizer):
    choose(weights, *csvs.values(), tokenizer / "hparams.json")
    weights.get_by_label("Keep it as").fill("mine")
    weights.keyboard.press("Enter")
    expect(line(weights, "mine")).to_be_visible()
    ask = weights.get_by_role("button", name="Delete mine …")
    ask.focus()
    weights.keyboard.press("Enter")
    expect(weights.get_by_role("button", name="Keep it")).to_be_focused()
    weights.keyboard.press("Escape")
    expect(ask).to_be_focused()
    assert store_of(app).names() == ["mine"]
    weights.keyboard.press("Enter")
    expect(weights.get_by_role("button", name="Keep it")).to_be_focused()
    weights.keyboard.press("Shift+Tab")
    weights.keyboard.press("Enter")
    expect(line(weights, "mine")).to_have_count(0)
    assert store_of(app).names() == []


def test_what_is_dropped_is_let_go(weights, app, csvs):
    choose(weights, *csvs.values())
    weights.get_by_label("Heads of each block").wait_for()
    weights.get_by_role("button", name="Let it all go").click()
    expect(weights.get_by_text("The weights of storybook")).to_be_visible()
    wait_until(lambda: not list(app.state.book.desk.store_folder.glob(".uploads/*/*/files")))


def test_a_page_that_is_loaded_anew_goes_on_with_its_files(weights, csvs, tokenizer):
    last = csvs.pop("ln_f_b")
    choose(weights, *csvs.values(), tokenizer / "hparams.json")
    expect(weights.get_by_text("1 tensor is missing: ln_f_b")).to_be_visible()
    weights.reload()
    expect(weights.get_by_text("1 tensor is missing: ln_f_b")).to_be_visible()
    choose(weights, last)
    expect(weights.get_by_text("Ready: all 28 tensors loaded")).to_be_visible()


def test_sending_shows_how_far_it_is_and_can_be_broken_off(weights, app, tmp_path):
    (tmp_path / "model_wte.csv").write_bytes(b"1,2\n" * 2_000_000)
    slow = weights.context.new_cdp_session(weights)
    slow.send("Network.enable")
    slow.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_000_000})
    choose(weights, tmp_path / "model_wte.csv")
    bar = weights.get_by_role("progressbar", name="model_wte.csv")
    bar.wait_for()
    assert bar.get_attribute("max") == "8000000"
    expect(weights.get_by_text(re.compile(r"Taking in 1 file: 0 here, .* of 8\.0 MB"))
           ).to_be_visible()
    weights.get_by_role("button", name="Let it all go").click()
    expect(weights.get_by_text("The weights of storybook")).to_be_visible()
    wait_until(lambda: not list(app.state.book.desk.store_folder.glob(".uploads/*/*/*")))


def test_a_disk_without_room_is_told_in_words(weights, app, tmp_path):
    app.state.book.desk.uploads._free_bytes = lambda folder: 500_000_010
    (tmp_path / "model_wte.csv").write_text("1,2\n3,4\n5,6\n")
    choose(weights, tmp_path / "model_wte.csv")
    expect(weights.get_by_role("log")).to_contain_text("There is no room for these 12 bytes")


def test_nothing_is_fetched_before_the_button_is_pressed(weights, app, tmp_path, numbers,
                                                         monkeypatch):
    peers.huggingface_model(peers.digits()).save_pretrained(tmp_path / "hub")
    for name in [name for name in os.environ if "proxy" in name.lower()]:
        monkeypatch.delenv(name)
    with running(Hub("openai-community/gpt2", tmp_path / "hub")) as hub:
        for name, value in {"HF_ENDPOINT": hub.address, "HF_HUB_OFFLINE": "0",
                            "HF_HOME": str(tmp_path / "hf"),
                            "HF_HUB_DISABLE_TELEMETRY": "1"}.items():
            monkeypatch.setenv(name, value)
        expect(weights.get_by_text("The one thing here that leaves this machine")).to_be_visible()
        weights.get_by_label("Model of the hub").select_option("gpt2")
        assert hub.requests == []
        weights.get_by_role("button", name="Fetch", exact=True).click()
        expect(weights.get_by_text("gpt2 is in the store.")).to_be_visible()
        expect(line(weights, "gpt2")).to_be_visible()
        expect(weights.get_by_role("button", name="It is here already")).to_be_disabled()
        assert hub.requests


def test_without_a_network_fetching_says_so(weights):
    weights.get_by_role("button", name="Fetch", exact=True).click()
    expect(weights.get_by_text("openai-community/gpt2 was not downloaded")).to_be_visible()


def test_the_config_of_a_stranger_stays_text(weights, csvs, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(
        {"activation_function": "<img src=x onerror=alert(1)>"}))
    choose(weights, *csvs.values(), tmp_path / "config.json")
    expect(weights.get_by_text("activation_function is '<img src=x onerror=alert(1)>'")
           ).to_be_visible()
    assert weights.locator("#stage img").count() == 0


@pytest.mark.parametrize("width", [1192, 828, 560])
def test_nothing_sticks_out_of_the_page(app, new_page, width, csvs):
    page = new_page(viewport={"width": width, "height": 800})
    with served(app) as address:
        page.goto(f"http://{address}/#page=secret")
        choose(page, *csvs.values())
        page.get_by_label("Heads of each block").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.goto("about:blank")

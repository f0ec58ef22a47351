"""Files dropped on the page: red while one is missing, ready when none is, else words."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.studio.dropping import HPARAMS, N_TOKENS, wait_until, write_csvs
from tests.studio.weights_app import box, choose, drop, line, store_of
from tests.weights import peers


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
    written = [path.name for path in app.state.document.models.store_folder.rglob("*")
               if path.is_file() and path.name != "lock"]
    assert all(re.fullmatch(r"[\w ._()+-]+", one) for one in written)


def test_a_tensor_of_a_wrong_shape_is_told(weights, csvs, tokenizer, numbers, tmp_path):
    other = write_csvs(tmp_path / "other", numbers | {"h1.c_fc_w": numbers["h1.c_fc_w"].T})
    csvs["h1.c_fc_w"] = other["h1.c_fc_w"]
    choose(weights, *csvs.values(), tokenizer / "hparams.json")
    expect(weights.get_by_text("h1.c_fc_w has a wrong shape: 32 x 8 in model_h1_mlp_c_fc_w.csv; "
                               "8 x 32 is expected: it is transposed.")).to_be_visible()
    expect(box(weights, "c_fc_w").nth(1)).to_contain_text("wrong shape")


def test_what_is_dropped_is_let_go(weights, app, csvs):
    choose(weights, *csvs.values())
    weights.get_by_label("Heads of each block").wait_for()
    weights.get_by_role("button", name="Let it all go").click()
    expect(weights.get_by_text("The weights of storybook")).to_be_visible()
    wait_until(lambda: not list(app.state.document.models.store_folder.glob(".uploads/*/*/files")))


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
    wait_until(lambda: not list(app.state.document.models.store_folder.glob(".uploads/*/*/*")))


def test_a_disk_without_room_is_told_in_words(weights, app, tmp_path):
    app.state.document.models.uploads._free_bytes = lambda folder: 500_000_010
    (tmp_path / "model_wte.csv").write_text("1,2\n3,4\n5,6\n")
    choose(weights, tmp_path / "model_wte.csv")
    expect(weights.get_by_role("log")).to_contain_text("There is no room for these 12 bytes")


def test_the_config_of_a_stranger_stays_text(weights, csvs, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(
        {"activation_function": "<img src=x onerror=alert(1)>"}))
    choose(weights, *csvs.values(), tmp_path / "config.json")
    expect(weights.get_by_text("activation_function is '<img src=x onerror=alert(1)>'")
           ).to_be_visible()
    assert weights.locator("#stage img").count() == 0

"""The suite's own logic: what it counts, what it draws, and that every file says what it does."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from bench import edits, growth, prefill, suite
from bench.generation import bytes_a_token
from bench.plots import apart
from bench.random_model import SIZES, SMALL, random_arrays
from bench.worker import NotHere

FILES = sorted(file.stem for file in Path(suite.__file__).parent.glob("*.py")
               if "__main__" in file.read_text(encoding="utf-8") and file.stem != "worker")


@pytest.mark.parametrize("name", FILES)
def test_every_file_says_what_it_measures_without_measuring(name):
    done = subprocess.run([sys.executable, "-m", f"bench.{name}", "--help"], capture_output=True,
                          cwd=suite.REPOSITORY, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage:")


def test_the_parameters_of_gpt2_are_counted_as_published():
    """Source: 124,439,808 and 354,823,168 are Hugging Face's counts of gpt2 and gpt2-medium."""
    assert growth.parameters(SMALL) == 124_439_808
    assert growth.parameters(SIZES["355 M"]) == 354_823_168


def test_a_token_reads_every_weight_but_those_of_positions():
    assert bytes_a_token(SMALL, "float32") == 4 * (124_439_808 - 1024 * 768)
    wide = 12 * 12 * 768 ** 2 + 50257 * 768
    narrow = 124_439_808 - 1024 * 768 - wide
    assert bytes_a_token(SMALL, "int8") == wide + 4 * narrow


def test_the_limit_counts_each_product_and_half_of_attention():
    small = prefill.limits(SMALL, 1, "last")
    assert small["flop"] == 2 * (12 * 12 * 768 ** 2 + 50257 * 768 + 12 * 768 * 2)
    every, last = (prefill.limits(SMALL, 100, rows)["flop"] for rows in ("all", "last"))
    spared = 99 * 50257 * 768 + 99 * 10 * 768 ** 2 + 768 * 100 * 101 - 768 * 2 * 100
    assert every - last == 2 * spared  # one row of logits, and of all but the last keys and values


def test_the_limit_is_the_longer_of_memory_and_products():
    seconds = {"memory read": [2.0], "products": [1.0]}
    race = {"seconds": seconds, "repeated": 0, "spoilt": 0, "left_out": {}}
    record = {"all": {"6": race}, "limits": {"all 6": {"bytes": prefill.READ_BYTES, "flop": 0}}}
    assert prefill.limit_seconds(record, "all", 6) == (2.0, "memory")
    record["limits"]["all 6"] = {"bytes": 0, "flop": 3 * prefill.FLOP}
    assert prefill.limit_seconds(record, "all", 6) == (3.0, "products")


def test_an_edit_may_cost_the_blocks_from_it_on_and_a_tenth():
    assert edits.allowed(12, 1) == pytest.approx(1.1)
    assert edits.allowed(12, 12) == pytest.approx(1 / 12 + 0.1)


def test_an_edits_share_is_that_of_the_same_round():
    race = {"seconds": {"whole": [1.0, 2.0, 4.0], "1": [0.5, 1.0, 4.0]}, "repeated": 0,
            "spoilt": 0, "left_out": {}}
    assert edits.share({"next_logits": race}, "next_logits", 1) == pytest.approx(0.5)


def test_random_weights_are_the_same_every_time_and_spread_as_gpt2_began():
    config = SIZES["4 M"]
    one, other = random_arrays(config), random_arrays(config)
    assert all(np.array_equal(one[name], other[name]) for name in one)
    assert one["wte"].std() == pytest.approx(0.02, rel=0.01)
    assert one["h0.mlp_c_proj_w"].std() == pytest.approx(0.02 / np.sqrt(12), rel=0.02)
    assert one["h0.ln_1_g"].mean() == pytest.approx(1, abs=0.01)


def test_names_at_the_ends_of_lines_do_not_stand_on_one_another():
    heights = [10.0, 12.0, 50.0, 11.0]
    placed = sorted(height + lift for height, lift in zip(heights, apart(heights, 13), strict=True))
    assert min(np.diff(placed)) >= 13
    assert apart([1.0, 100.0], 13) == [0, 0]


def test_a_part_that_cannot_be_measured_is_said_and_the_others_go_on(monkeypatch, tmp_path):
    class Absent(suite.Part):
        def measure(self, asked, work):
            raise NotHere("its peer is not installed")

    class Present(suite.Part):
        def measure(self, asked, work):
            return {"blocks": 0, "left_out": {}}

    monkeypatch.setattr(suite, "PARTS", {"one": Absent("bench.edits"),
                                         "edits": Present("bench.edits")})
    records = suite.measured(suite.PARTS, suite.Effort(), tmp_path)
    assert records["one"] == {"unmeasured": "its peer is not installed"}
    first, second = suite.figures_of(records)
    assert first.found == "not measured: its peer is not installed"
    assert second.met is None


def test_an_unknown_part_is_named_with_those_there_are(capsys):
    with pytest.raises(SystemExit):
        suite.parser().parse_args(["--only", "generation,prefil"])
    assert "'prefil' is no part of the suite; it has generation" in capsys.readouterr().err


def test_the_document_and_the_plots_are_written_together(monkeypatch, tmp_path):
    monkeypatch.setattr(suite, "DOCUMENT", tmp_path / "performance.md")
    monkeypatch.setattr(suite, "FIGURES", tmp_path)
    monkeypatch.setattr("bench.plots.draw", lambda records, folder: [])
    suite.DOCUMENT.write_text("By hand.\n", encoding="utf-8")
    suite.write({"training": {"unmeasured": "no torch"}}, "a machine")
    text = suite.DOCUMENT.read_text(encoding="utf-8")
    assert text.startswith("By hand.\n")
    assert "| training | not measured: no torch |" in text
    assert (tmp_path / suite.RECORDS).exists()

"""Figures beside their targets, and the tables that they stand in."""

from bench.figure import at_least, at_most, compared, faster, left_out_in_words, percent, table
from bench.rounds import Race


def test_a_figure_on_its_target_meets_it():
    assert at_least("speed", 1.05, 1.05).met
    assert not at_least("speed", 1.04, 1.05).met
    assert at_most("time", 150, 150).met
    assert not at_most("time", 151, 150).met


def test_the_fastest_peer_is_the_one_to_beat():
    race = Race({"ours": [2.0, 2.0], "slow": [9.0, 9.0], "fast": [3.0, 5.0]})
    found = faster("Generation", race, "ours", ["slow", "fast", "not here"], 1.5)
    assert found.what == "Generation, to the fastest peer (fast)"
    assert found.found == "2.00 x (1.50 to 2.50)"
    assert found.met


def test_without_us_or_without_peers_nothing_is_claimed():
    race = Race({"peer": [1.0]}, left_out={"ours": "numba is not installed"})
    assert faster("Generation", race, "ours", ["peer"], 1.0).met is None
    assert "numba is not installed" in faster("Generation", race, "ours", ["peer"], 1.0).found
    assert faster("Generation", Race({"ours": [1.0]}), "ours", ["peer"], 1.0).met is None


def test_a_share_is_told_in_percent_with_a_space():
    assert at_least("share", 0.881, 0.88, form="{:.1%}").found == "88.1 %"
    assert percent(1.5) == "150 %"


def test_a_row_compares_where_both_were_there():
    races = [Race({"ours": [0.1], "peer": [0.2]}), Race({"ours": [0.1]})]
    assert compared(races, "peer", "ours") == ["peer", "200", "2.00 x", "", ""]
    assert compared(races, "ours", "ours") == ["**ours**", "100", "", "100", ""]


def test_a_table_is_markdown():
    assert table(["a", "b"], [["x", 1]]) == "| a | b |\n|---|---:|\n| x | 1 |"


def test_who_is_left_out_is_named_with_the_reason():
    assert left_out_in_words({}) == ""
    assert left_out_in_words({"OpenVINO": "openvino is not installed"}) \
        == "Left out: OpenVINO (openvino is not installed)."

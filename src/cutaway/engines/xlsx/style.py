"""The look of the sheets: calm paper, ink, one warm and one cold hue.

A colour never stands alone: what kind of cell it is, the legend and the titles say too.
"""

from dataclasses import dataclass
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

PAPER, WHITE, SHADE = "#F6F2E9", "#FDFCF8", "#ECE6D8"
INK, INK_2, INK_3, LINE, LINE_2 = "#1D2430", "#465063", "#7A8190", "#D5CDBB", "#A89F8B"
WARM, COLD, SHARE = "#BF4A1D", "#1F5A96", "#1C6F61"
WARM_LIGHT, COLD_LIGHT, SHARE_LIGHT = "#F0B49C", "#A9C4E2", "#8CC9BC"
INPUT, PARAMETER = "#FBEECB", "#E3EAF2"
NUMBER = "0.000;-0.000;0.000"
RANK = '[>=1000000000]"·";[<0]"–";0'  # no merge joins them; no token there any more
MASKABLE = '[<-1E+299]"·";0.000'  # minus infinity stands in the cells as -1E+300


@dataclass(frozen=True)
class Styles:
    """Every format of the workbook, by what it is for."""

    paper: Format
    title: Format
    lead: Format
    heading: Format
    number_of_step: Format
    step: Format
    formula: Format
    explanation: Format
    label: Format
    token: Format
    column: Format
    column_words: Format
    column_middle: Format
    value: Format
    maskable: Format
    helper: Format
    parameter: Format
    whole: Format
    working: Format
    symbol: Format
    input: Format
    input_number: Format
    status: Format
    predicted: Format
    share: Format
    link: Format
    faint: Format
    hidden: Format
    warm: Format
    cold: Format
    green: Format
    first_of_head: Format


def make_styles(book: Workbook) -> Styles:
    """The formats, entered into a workbook."""
    def style(size: int = 9, color: str = INK, paper: str = PAPER, **more: Any) -> Format:
        return book.add_format({"font_name": "Calibri", "font_size": size, "font_color": color,
                                "bg_color": paper, "valign": "vcenter", **more})

    hair: dict[str, Any] = {"border": 4, "border_color": LINE}
    right: dict[str, Any] = {"align": "right"}
    return Styles(
        paper=style(),
        title=style(22, bold=True), lead=style(11, INK_2, text_wrap=True, valign="top"),
        heading=style(13, bold=True, bottom=1, bottom_color=LINE_2),
        number_of_step=style(12, WARM, bold=True, indent=1, **right),
        step=style(12, bold=True),
        formula=style(10, COLD, font_name="Consolas"),
        explanation=style(10, INK_2, italic=True),
        label=style(color=INK_3, indent=1, **right), token=style(indent=1, **right),
        column=style(8, INK_3, align="right", bottom=1, bottom_color=LINE_2),
        column_words=style(8, INK_2, align="right", bottom=1, bottom_color=LINE_2),
        column_middle=style(8, INK_2, align="center", bottom=1, bottom_color=LINE_2),
        value=style(8, paper=WHITE, num_format=NUMBER, **right, **hair),
        maskable=style(8, INK_2, paper=SHADE, num_format=MASKABLE, **right, **hair),
        helper=style(8, INK_2, paper=SHADE, num_format=NUMBER, **right, **hair),
        parameter=style(8, paper=PARAMETER, num_format=NUMBER, **right),
        whole=style(paper=WHITE, num_format="0", **right, **hair),
        working=style(8, INK_2, paper=SHADE, num_format=RANK, **right, **hair),
        symbol=style(paper=WHITE, align="center", **hair),
        input=style(14, paper=INPUT, text_wrap=True, border=1, border_color=LINE_2, indent=1,
                    num_format="@"),
        input_number=style(12, paper=INPUT, border=1, border_color=LINE_2, num_format="0.0##",
                           **right),
        status=style(10, WARM, bold=True),
        predicted=style(20, WARM, bold=True),
        share=style(10, paper=WHITE, num_format="0.00 %", **right, **hair),
        link=style(10, COLD, underline=1),
        hidden=style(2, PAPER),
        warm=style(paper=WARM_LIGHT, **hair), cold=style(paper=COLD_LIGHT, **hair),
        green=style(paper=SHARE_LIGHT, **hair),
        first_of_head=book.add_format({"top": 1, "top_color": LINE_2}),
        faint=book.add_format({"font_color": LINE_2, "bg_color": PAPER}),
    )


HEAT = {"type": "3_color_scale", "min_color": COLD_LIGHT, "mid_color": WHITE,
        "max_color": WARM_LIGHT, "mid_type": "num", "mid_value": 0}
SHARES = {"type": "2_color_scale", "min_color": WHITE, "max_color": SHARE_LIGHT,
          "min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}

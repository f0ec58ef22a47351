"""Draw the pictures of docs/spreadsheet.md again, with a real LibreOffice.

    python -m docs.screenshots_spreadsheet [FOLDER]

It needs LibreOffice and `pdftoppm` (apt-get install -y libreoffice-calc-nogui python3-uno
poppler-utils); the workbook lies in a temporary folder.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from docs.small_png import small_png
from tests.engines.xlsx.office import running_office
from tests.studio.picture import pixels

from cutaway import open_model
from cutaway.engines.xlsx import write_xlsx
from cutaway.engines.xlsx.layout import lay_out

PROMPT, POSITIONS = "Mike is quick. He moves", 16
DOTS_AN_INCH = "170"
WHITE = 250


def pictures(folder: Path, working: Path) -> None:
    """The front page, the merges of the page Tokens, and attention in block 3."""
    model = open_model()
    write_xlsx(model, PROMPT, working / "gpt.xlsx", POSITIONS)
    attention = lay_out(model.book, POSITIONS).places.of("h3.attention", (0,)).row
    cells = {"spreadsheet-front": ("Cutaway", "A1:R42"),
             "spreadsheet-tokens": ("Tokens", "A6:AC37"),
             "spreadsheet-attention": ("Block 3", f"A{attention - 3}:S{attention + 34}")}
    with running_office(working) as office:
        office.open(working / "gpt.xlsx")
        for name, (sheet, area) in cells.items():
            office.pdf(sheet, area, working / f"{name}.pdf")
            (folder / f"{name}.png").write_bytes(small_png(cut_out(working / f"{name}.pdf")))


def cut_out(pdf: Path) -> bytes:
    """The first page as a PNG without its white margins."""
    rows, columns = np.nonzero((pixels(drawn(pdf)) < WHITE).any(axis=2))
    left, top = columns.min(), rows.min()
    return drawn(pdf, "-x", left, "-y", top, "-W", columns.max() - left, "-H", rows.max() - top)


def drawn(pdf: Path, *options: object) -> bytes:
    picture = pdf.with_suffix("")
    subprocess.run(["pdftoppm", "-png", "-r", DOTS_AN_INCH, "-f", "1", "-singlefile",
                    *map(str, options), pdf, picture], check=True)
    return picture.with_suffix(".png").read_bytes()


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "screenshots"
    with tempfile.TemporaryDirectory() as temporary:
        pictures(place, Path(temporary))

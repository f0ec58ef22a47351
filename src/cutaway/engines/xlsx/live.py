"""A workbook that LibreOffice calculates when it opens it."""

from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.packager import Packager

APPLICATION = "<Application>{}</Application>"


class LiveWorkbook(Workbook):
    """XlsxWriter's workbook under our own name.

    XlsxWriter signs as Excel. LibreOffice then trusts the values in the file and calculates
    nothing on opening; of a block that one formula fills it trusts the first cell only, and what
    reads the other cells would stay as it was when a prompt is typed.
    """

    def _get_packager(self) -> Packager:
        return _SignedPackager()


class _SignedPackager(Packager):
    def _write_app_file(self) -> None:
        super()._write_app_file()
        file = Path(self.filenames[-1][0])
        signed = file.read_text(encoding="utf-8").replace(
            APPLICATION.format("Microsoft Excel"), APPLICATION.format("Cutaway"))
        file.write_text(signed, encoding="utf-8")

"""Drives LibreOffice through UNO: one request a line on standard input, one answer a line.

Run by the Python that LibreOffice brings, or the system's with `python3-uno`:

    python3 office_script.py PIPE_NAME
"""

import json
import sys
import time

import uno  # type: ignore[import-not-found]
from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found]
from com.sun.star.connection import NoConnectException  # type: ignore[import-not-found]


def connect(pipe):
    """LibreOffice's desktop, once it has started."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", local)
    end = time.monotonic() + 120
    while True:
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext(
                "com.sun.star.frame.Desktop", context)
        except NoConnectException:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def _property(name, value):
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


class Office:
    def __init__(self, desktop):
        self.desktop, self.document = desktop, None

    def open(self, path):
        """A workbook, or a CSV: parted by commas, in UTF-8."""
        started = time.monotonic()
        how = (_property("FilterName", "Text - txt - csv (StarCalc)"),
               _property("FilterOptions", "44,34,76")) if path.endswith(".csv") else ()
        self.document = self.desktop.loadComponentFromURL(
            uno.systemPathToFileUrl(path), "_blank", 0, (_property("Hidden", True), *how))
        if self.document is None:
            raise ValueError(f"{path} was not opened")
        return time.monotonic() - started

    def close(self):
        """Also takes away the lock file that LibreOffice puts beside a document."""
        if self.document is not None:
            self.document.close(True)
            self.document = None

    def calculate(self):
        started = time.monotonic()
        self.document.calculateAll()
        return time.monotonic() - started

    def cells(self, name):
        return self.document.NamedRanges.getByName(name).getReferredCells()

    def put(self, name, value, row=0, column=0):
        cell = self.cells(name).getCellByPosition(column, row)
        if isinstance(value, str):
            cell.setString(value)
        else:
            cell.setValue(value)

    def read(self, *names):
        return [self.cells(name).getDataArray() for name in names]

    def formula(self, name):
        return self.cells(name).getCellByPosition(0, 0).getFormula()

    def sheets(self):
        return list(self.document.Sheets.ElementNames)

    def everything(self, sheet):
        """All cells of a sheet from its first to its last used one."""
        page = self.document.Sheets.getByName(sheet)
        cursor = page.createCursor()
        cursor.gotoEndOfUsedArea(False)
        end = cursor.getRangeAddress()
        return page.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow).getDataArray()

    def pdf(self, sheet, cells, path):
        """Prints some cells of a sheet."""
        page = self.document.Sheets.getByName(sheet).getCellRangeByName(cells)
        selection = uno.Any("[]com.sun.star.beans.PropertyValue", (_property("Selection", page),))
        self.document.storeToURL(uno.systemPathToFileUrl(path), (
            _property("FilterName", "calc_pdf_Export"), _property("FilterData", selection)))

    def formulas(self, sheet):
        """Where a sheet has formulas."""
        found = self.document.Sheets.getByName(sheet).queryFormulaCells(7)  # whatever they give
        return [area for area in found.getRangeAddressesAsString().split(";") if area]

    def errors(self, sheet):
        """How many formulas of a sheet give an error."""
        page = self.document.Sheets.getByName(sheet)
        found = page.queryFormulaCells(4)  # com.sun.star.sheet.FormulaResult.ERROR
        return [area for area in found.getRangeAddressesAsString().split(";") if area]


def main():
    office = Office(connect(sys.argv[1]))
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        verb, arguments = json.loads(line)
        try:
            answer = {"gives": getattr(office, verb)(*arguments)}
        except Exception as error:
            answer = {"fails": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
    office.close()
    office.desktop.terminate()


if __name__ == "__main__":
    main()

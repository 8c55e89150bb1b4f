"""Texts that stay texts: XlsxWriter takes one that starts with `<r>` and ends with `</r>` for rich text, as raw XML.

An account may be called anything, so that shortcut is closed: whoever writes the file here never writes rich text.
"""

from __future__ import annotations

from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings
from xlsxwriter.workbook import Workbook


class PlainTextWorkbook(Workbook):  # type: ignore[misc] # XlsxWriter is untyped
    """A workbook whose every text is written as it stands."""

    def _get_packager(self) -> Packager:
        return _PlainTextPackager()


class _PlainTextPackager(Packager):  # type: ignore[misc]
    def _write_shared_strings_file(self) -> None:
        if not self.workbook.str_table.count:
            return
        strings = _PlainStrings()
        strings.string_table = self.workbook.str_table
        strings._set_xml_writer(self._filename("xl/sharedStrings.xml"))
        strings._assemble_xml_file()


class _PlainStrings(SharedStrings):  # type: ignore[misc]
    def _write_si(self, string: str) -> None:
        text = self._escape_control_characters(string)
        self._xml_si_element(text, [("xml:space", "preserve")] if text != text.strip() else [])

"""Render the pictures of the workbook that README shows: `python tools/pictures.py [BOOK.xlsx]`.

Each is one sheet's first page as LibreOffice prints it, cut to what stands on it, in 256 colours: small enough to be
kept beside the code. Needs what `render.py` needs.
"""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import render

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "sample_workbooks" / "a_year" / "health scores.xlsx"
FOLDER = ROOT / "docs" / "pictures"
#: Sheet -> which part of its first page is shown, from the top.
SHEETS = {"Dashboard": 1.0, "Enterprise": 1.0, "Explain": 1.0}
_DPI, _MARGIN = 115, 14

Pixels = npt.NDArray[np.uint8]


def pixels(document: Path, page: int) -> Pixels:
    """Return a page of a PDF: height × width × red, green, blue."""
    command = ["pdftoppm", "-f", str(page), "-l", str(page), "-r", str(_DPI), "-singlefile", str(document)]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    kind, size, most, rest = raw.split(b"\n", 3)
    if (kind, most) != (b"P6", b"255"):
        raise RuntimeError(f"pdftoppm gave no colour picture: {raw[:20]!r}")
    wide, tall = map(int, size.split())
    return np.frombuffer(rest, dtype=np.uint8).reshape(tall, wide, 3)


def cut(picture: Pixels, part: float) -> Pixels:
    """Cut away the foot of the page and what is white around the rest."""
    body = picture[: int(len(picture) * min(part, 0.935))]
    rows, cols = (np.flatnonzero((body < 250).any(axis=axis)) for axis in ((1, 2), (0, 2)))
    top, left = max(0, rows[0] - _MARGIN), max(0, cols[0] - _MARGIN)
    return body[top : rows[-1] + _MARGIN, left : cols[-1] + _MARGIN]


def png(picture: Pixels) -> bytes:
    """Return a picture as PNG with a palette: its colours rounded, the 256 most frequent kept, others put to the next."""
    rounded = (picture.astype(np.uint16) + 4) // 8 * 8
    flat = np.minimum(rounded, 255).astype(np.uint8).reshape(-1, 3)
    colours, where, counts = np.unique(flat, axis=0, return_inverse=True, return_counts=True)
    kept = np.argsort(-counts, kind="stable")[:256]
    palette = colours[kept]
    apart = np.abs(colours[:, None, :].astype(int) - palette[None].astype(int)).sum(axis=2)
    index = apart.argmin(axis=1).astype(np.uint8)[where.ravel()].reshape(picture.shape[:2])
    lines = b"".join(b"\0" + line.tobytes() for line in index)
    head = struct.pack(">IIBBBBB", picture.shape[1], picture.shape[0], 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )


def main() -> int:
    """Render README's pictures anew."""
    book = Path(sys.argv[1]) if len(sys.argv) > 1 else BOOK
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        document = render.pdf(book, Path(folder))
        names = [sheet for sheet, _ in render.pages(document)]
        for sheet, part in SHEETS.items():
            target = FOLDER / f"{sheet.lower()}.png"
            target.write_bytes(png(cut(pixels(document, names.index(sheet) + 1), part)))
            print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())

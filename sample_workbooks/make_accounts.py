"""Makes the sample accounts of every model: invented customers, as a CRM would export them.

Run `python sample_workbooks/make_accounts.py`; it rewrites `<model>/accounts.csv` beside it, and the copy that
`healthscore demo` scores. The same files come out every time: each account draws from a generator seeded with its own
name, so that changing one leaves the others alone. How each sample is made stands in `makers/<model>.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from makers import SAMPLES

HERE = Path(__file__).resolve().parent
#: Samples of which there is a further copy: model -> where.
COPIES = {"journey": HERE.parent / "templates" / "demo" / "accounts.csv"}


def files() -> Iterator[tuple[Path, bytes]]:
    """Yield each file and what stands in it: UTF-8 with the mark that lets Excel show the accents on a double click."""
    for sample in SAMPLES:
        content = sample.csv_text().encode("utf-8-sig")
        yield HERE / sample.model / "accounts.csv", content
        if sample.model in COPIES:
            yield COPIES[sample.model], content


def main() -> None:
    """Write every file."""
    for path, content in files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()

"""What the benchmarks print, and keep as JSON."""

import json
from pathlib import Path
from typing import Any


class Table:
    """Collect rows of a name, a value with its unit, and what it is to something measured in the same run."""

    def __init__(self, kept_in: Path | None = None) -> None:
        """Keep the rows in a file, too, after each of them."""
        self.rows: list[dict[str, Any]] = []
        self.kept_in = kept_in

    def add(self, name: str, value: float, unit: str, of: str = "", base: float = 0.0, wanted: str = "") -> float:
        """Note a row and print it; `base` is what the value is compared with."""
        row = {"name": name, "value": round(value, 2), "unit": unit}
        if base:
            row |= {"ratio": round(value / base, 3), "of": of}
        if wanted:
            row["wanted"] = wanted
        self.rows.append(row)
        ratio = f"{row['ratio']:>7} of {of}" if base else ""
        print(f"{name:<46} {value:>10.2f} {unit:<4} {ratio:<24} {wanted}", flush=True)
        if self.kept_in is not None:
            self.kept_in.write_text(json.dumps(self.rows, indent=2) + "\n")
        return value

"""Figures of tables by pandas, as JSON: what Reprise's have to agree with.

Paths come as arguments, or one a line on standard input. Nothing of pandas' defaults is changed, save that numbers are
read exactly (its own fast reader may be off by one in the last digit), and columns by all of their values at once.
"""

import json
import math
import sys
import warnings

import pandas as pd

ENDS = (("q25", 0.25), ("q50", 0.5), ("q75", 0.75))


def plain(value):
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if hasattr(value, "item") else value


def figures(series):
    finite = series[~series.isin([math.inf, -math.inf])].astype(float)
    return {
        "notFinite": int(len(series.dropna()) - len(finite.dropna())),
        "mean": plain(finite.mean()),
        "std": plain(finite.std()),
        "min": plain(finite.min()),
        "max": plain(finite.max()),
        "quantiles": {name: plain(finite.quantile(q)) for name, q in ENDS},
    }


def column(series):
    if series.map(lambda value: isinstance(value, (list, dict))).any():
        texts = series.dropna().map(lambda value: json.dumps(value, sort_keys=True))
        return {"kind": "nested", "missing": int(series.isna().sum()), "distinct": int(texts.nunique()), "counts": {}}
    found = {"missing": int(series.isna().sum()), "distinct": int(series.nunique())}
    found["counts"] = {str(key): int(count) for key, count in series.dropna().value_counts().items()}
    if pd.api.types.is_bool_dtype(series):
        return {"kind": "boolean", **found}
    if pd.api.types.is_numeric_dtype(series):
        return {"kind": "number", **found, **figures(series)}
    if series.dropna().map(lambda value: isinstance(value, bool)).all() and series.notna().any():
        return {"kind": "boolean", **found}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        times = pd.to_datetime(series.dropna().astype(str), errors="coerce", format="ISO8601")
    if times.notna().all() and len(times) > 0:
        found["ends"] = [str(times.min()), str(times.max())]
    return {"kind": "text", **found}


def frame(path):
    name = path.lower()
    for packed in (".gz", ".bz2", ".zip"):
        name = name[: -len(packed)] if name.endswith(packed) else name
    if name.endswith((".jsonl", ".ndjson")):
        return pd.read_json(path, lines=True, convert_dates=False, dtype=False, precise_float=True)
    if name.endswith(".json"):
        return pd.read_json(path, convert_dates=False, dtype=False, precise_float=True)
    if name.endswith(".parquet"):
        return pd.read_parquet(path)
    exact = {"low_memory": False}
    if pd.__version__ < "3":
        exact["float_precision"] = "round_trip"
    if name.endswith((".tsv", ".tab")):
        return pd.read_csv(path, sep="\t", **exact)
    found = pd.read_csv(path, **exact)
    if len(found.columns) > 1:
        return found
    for other in (";", "\t", "|"):
        try:
            parted = pd.read_csv(path, sep=other, **exact)
        except ValueError:
            continue
        if len(parted.columns) > 1:
            return parted
    return found


def has_index(path, found):
    """Whether pandas took the first cells of rows for labels: they have more cells than the head."""
    if path.lower().split(".")[-1] in ("json", "jsonl", "parquet"):
        return False
    return not isinstance(found.index, pd.RangeIndex) or (len(found) > 0 and found.index[0] != 0)


def table(path):
    try:
        found = frame(path)
    except (ValueError, KeyError, TypeError, OSError, AttributeError) as error:
        return {"error": "%s: %s" % (type(error).__name__, error)}
    if has_index(path, found):
        return {"error": "rows have more cells than the head names"}
    if found.columns.has_duplicates:
        return {"error": "column names come twice"}
    columns = [{"name": str(name), **column(found[name])} for name in found.columns]
    return {"rows": len(found), "columns": columns}


if __name__ == "__main__":
    paths = sys.argv[1:] or sys.stdin.read().splitlines()
    json.dump({path: table(path) for path in paths}, sys.stdout)

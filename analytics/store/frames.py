"""Answers as pandas.

Owns the one conversion from Arrow to a DataFrame, so that every backend gives the same dtypes.
"""

import pandas as pd
import pyarrow as pa


def as_frame(table: pa.Table) -> pd.DataFrame:
    """`table` as a DataFrame: text as `str`, Date as datetime64, everything else at its own width."""
    frame: pd.DataFrame = table.to_pandas(date_as_object=False)
    texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
    # An empty or all-null text column would otherwise come out as object.
    return frame.astype(dict.fromkeys(texts, "str"))

"""The one form of zip that a bundle has."""

import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from analytics.evidence.canonical_zip import zip_bytes

names = st.text("abcdefghij.-", min_size=1, max_size=12)


@given(st.dictionaries(names, st.binary(max_size=200)))
def test_ordinary_tools_read_it_back_whole(files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(zip_bytes(files))) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == list(files)
        assert {name: opened.read(name) for name in files} == files
        assert all(entry.date_time == (1980, 1, 1, 0, 0, 0) and not entry.extra for entry in opened.infolist())

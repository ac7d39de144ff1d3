"""The report as PDF: PDF/A-3a and PDF/UA-1, through typst with its own embedded fonts.

Promises: the same request makes the same bytes; no system font, package or network is used; text from the record is
handed over as data and never read as typst.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import typst

from analytics.evidence.proofs import Proven
from analytics.evidence.report_content import content
from analytics.evidence.request import BundleRequest
from config.errors import EvidenceError

_TEMPLATE: Final = Path(__file__).with_name("report.typ")


def render_report(request: BundleRequest, proven: Proven, visits: Sequence[Mapping[str, Any]]) -> bytes:
    """The PDF's bytes.

    Raises:
        EvidenceError: typst refused the document.
    """
    said = content(request, proven, visits)
    try:
        made: bytes = typst.compile(
            str(_TEMPLATE),
            root=str(_TEMPLATE.parent),
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=["a-3a", "ua-1"],
            sys_inputs={"content": json.dumps(said, ensure_ascii=False, sort_keys=True)},
            timestamp=datetime.fromtimestamp(request.made_ms // 1000, UTC),
        )
    except typst.TypstError as fault:
        raise EvidenceError(f"The report could not be set: {fault}") from fault
    return made

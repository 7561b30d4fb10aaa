"""The sentences of the report that M1 writes."""

from banzhuang.reports.phrase import Phrase

from .indicators import ADJUSTED, FORMER_OFFICIALS, OFFICIALS

PHRASES = [
    Phrase(
        code="m1.from_offices",
        mechanism="M1",
        text="目前共有{officials}名机关干部、{former}名退职干部在村担任党支部书记",
        figures={"officials": OFFICIALS, "former": FORMER_OFFICIALS},
    ),
    Phrase(
        code="m1.adjusted",
        mechanism="M1",
        text="今年先后对{adjusted}个村支部书记进行了调整",
        figures={"adjusted": ADJUSTED},
    ),
]

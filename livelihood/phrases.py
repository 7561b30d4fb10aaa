"""The sentence of the report that M14 writes."""

from dataclasses import dataclass

from banzhuang.reports.phrase import Phrase

from .indicators import CONTACTED, LEADERS, LEADERS_BELOW_LOAD, NEEDS_SOLVED, VISITED, VISITS
from .parameters import LOAD, POOR_HOUSEHOLD


@dataclass(frozen=True)
class ContactsPhrase(Phrase):
    """“每人不少于20户” is said only where it is so; else how many look after fewer."""

    def write(self, figures, day) -> str:
        values = {name: figures.value(indicator, day) for name, indicator in self.figures.items()}
        load, below = LOAD.on(day), values["below"]
        said = f"其中{below}人联系户数少于{load}户" if below else f"每人不少于{load}户"
        return self.text.format(**values, load=said, poor=POOR_HOUSEHOLD.on(day))


PHRASES = [
    ContactsPhrase(
        code="m14.contacts",
        mechanism="M14",
        text="镇领导坚持开展结穷亲连穷户活动，{leaders}名领导干部联系{households}户{poor}，{load}，"
        "今年走访{visited}户、{visits}次，帮助解决诉求{solved}件",
        figures={
            "leaders": LEADERS,
            "households": CONTACTED,
            "below": LEADERS_BELOW_LOAD,
            "visited": VISITED,
            "visits": VISITS,
            "solved": NEEDS_SOLVED,
        },
    ),
]

"""List pages whose rows can be exported as a ledger, with the filters of the page."""

from banzhuang.dashboards.scope import scope_words
from banzhuang.ledgers.listing import ListPage

from .views import households as register
from .views import visits as visiting


def households(asked):
    rows, choice = register.listed(asked)
    return rows, [*scope_words(asked), *choice.words]


def visits(asked):
    rows, choice, chips = visiting.listed(asked)
    return rows, [*scope_words(asked), *(chip["label"] for chip in chips), *choice.words]


LIST_PAGES = [ListPage("households", "households", households), ListPage("visits", "visits", visits)]

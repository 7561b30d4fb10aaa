"""List pages whose rows can be exported as a ledger, with the filters of the page."""

from banzhuang.dashboards.scope import scope_words
from banzhuang.ledgers.listing import ListPage

from .views import village

LIST_PAGES = [ListPage("villages", "villages", lambda asked: (village.listed(asked), scope_words(asked)))]

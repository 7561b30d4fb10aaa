import pytest

from tests.crawl.rows import *

pytestmark = pytest.mark.django_db
def test_world():
    w=World(); a=w.plant("home","320707109216"); b=w.plant("abroad","320707100301"); w.tie(b,a)
    for r in w.rows(): print(r, r.instance.__dict__ if r.model.__name__ in("Post","Village") else "")
    print(len(w.marks))

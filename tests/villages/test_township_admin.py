"""乡镇 and 片区 in the admin: the second of two editors is told what the first one wrote."""

import pytest

from villages.admin import TownshipAdmin
from villages.models import Area

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(villages):
    township = villages[0].township
    return {"township": township, "area": Area.objects.create(township=township, name="山西片")}


def sent(response, **changes):
    form = response.context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items()} | changes


@pytest.mark.parametrize("kind", ["township", "area"])
def test_the_second_editor_is_not_written_over_the_first(
    client, organisation_office, rows, kind, monkeypatch
):
    # The access table lets no role write townships today.
    monkeypatch.setattr(TownshipAdmin, "has_change_permission", lambda *args, **kwargs: True)
    client.force_login(organisation_office)
    row = rows[kind]
    url = f"/admin/villages/{kind}/{row.pk}/change/"
    second = sent(client.get(url), name="第二")
    assert client.post(url, sent(client.get(url), name="第一")).status_code == 302
    page = client.post(url, second)
    row.refresh_from_db()
    assert row.name == "第一"
    assert "名称现为“第一”" in page.content.decode()
    assert 'value="第二"' in page.content.decode()
    again = sent(page)
    assert client.post(url, again).status_code == 302
    row.refresh_from_db()
    assert row.name == "第二"

import datetime, pytest
from django.urls import reverse
from banzhuang.core import jobs
from banzhuang.core.models import Job
from banzhuang.reports.making import make_month, publish
from cadres.models import Post
from .conftest import TOWNSHIP
@pytest.mark.django_db(transaction=True)
def test_shot(live_server, open_page, township, july, add_user):
    office=add_user("organisation")
    for m in (4,5,6):
        w=make_month(TOWNSHIP, datetime.date(2026,m,1), office); publish(w, office)
    Post.objects.update(selection="election")
    c=make_month(TOWNSHIP, datetime.date(2026,6,1), office)
    job=Job.objects.create(kind="reports.month",title="生成2026年6月月报",owner=office,arguments={},state="running",done=11,total=19,unit="张表")
    for name,size in (("d",{"width":1366,"height":768}),("p",{"width":390,"height":844})):
        page=open_page(office, viewport=size)
        for n,u in (("archive",reverse("reports")),("workbook",c.get_absolute_url()),("publish",reverse("workbook_publish",args=[c.pk])),("diff",reverse("workbook_differences",args=[c.pk])),("making",reverse("job",args=[job.pk]))):
            page.goto(u); page.screenshot(path=f"/tmp/w/r/out/shot-{name}-{n}.png")

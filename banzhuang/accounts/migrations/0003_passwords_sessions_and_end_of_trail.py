from django.db import migrations, models


def find_end(apps, schema_editor):
    """The trail as it stands ends where it ends."""
    events = apps.get_model("accounts", "AuditEvent").objects.order_by("-id")
    last = events.first()
    if last:
        end = apps.get_model("accounts", "TrailEnd")
        end.objects.create(pk=1, seal=last.seal, events=events.count())


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_append_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='TrailEnd',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seal', models.CharField(blank=True, default='', max_length=64, verbose_name='末条封印')),
                ('events', models.PositiveBigIntegerField(default=0, verbose_name='条数')),
            ],
            options={
                'verbose_name': '审计记录末尾',
                'verbose_name_plural': '审计记录末尾',
            },
        ),
        migrations.RunPython(find_end, migrations.RunPython.noop),
        migrations.AddField(
            model_name='user',
            name='former_passwords',
            field=models.JSONField(default=list, editable=False, verbose_name='用过的密码（散列）'),
        ),
        migrations.AddField(
            model_name='user',
            name='sessions_since',
            field=models.DateTimeField(editable=False, null=True, verbose_name='此前的登录已结束'),
        ),
    ]

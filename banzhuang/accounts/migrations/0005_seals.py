import django.db.models.deletion
from django.db import migrations, models

from banzhuang.accounts.append_only import install


def begin_anew(apps, schema_editor):
    """What stands in the trail is sealed by the new chain, from its first event on."""
    apps.get_model("accounts", "TrailEnd").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_attempts_to_log_in'),
    ]

    operations = [
        migrations.RunPython(begin_anew, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='auditevent',
            name='seal',
        ),
        migrations.AddField(
            model_name='trailend',
            name='mark',
            field=models.CharField(blank=True, default='', max_length=64, verbose_name='末尾记号'),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='action',
            field=models.CharField(choices=[('login', '登录'), ('logout', '退出'), ('refused', '登录被拒'), ('alarm', '登录告警'), ('denied', '访问被拒'), ('password', '修改密码'), ('change', '修改'), ('add', '新增'), ('delete', '删除'), ('import', '导入'), ('undo', '撤销导入'), ('export', '导出'), ('print', '打印'), ('reveal', '查看敏感信息'), ('publish', '发布'), ('rights', '权限变更')], db_index=True, max_length=10, verbose_name='行为'),
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('number', models.PositiveBigIntegerField(primary_key=True, serialize=False, verbose_name='序号')),
                ('at', models.DateTimeField(verbose_name='封印时间')),
                ('digest', models.CharField(max_length=64, verbose_name='封印')),
                ('event', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='seal', to='accounts.auditevent', verbose_name='审计记录')),
            ],
            options={
                'verbose_name': '审计封印',
                'verbose_name_plural': '审计封印',
                'ordering': ['number'],
            },
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]

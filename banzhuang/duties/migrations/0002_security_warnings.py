from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('duties', '0001_notices'),
    ]

    operations = [
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('day', '每日提醒'), ('urged', '催办'), ('security', '安全提醒')], max_length=8, verbose_name='种类'),
        ),
    ]

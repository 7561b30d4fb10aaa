from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_pulses_and_beats'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='address',
            field=models.CharField(blank=True, default='', max_length=45, verbose_name='发起地址'),
        ),
    ]

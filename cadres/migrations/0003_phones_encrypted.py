from django.db import migrations, models

import banzhuang.core.fields
from banzhuang.core.codes import mask_phone
from banzhuang.core.encrypting import encrypted_in_place, old_pages_overwritten

TABLES = ["cadre", "historicalcadre"]
IN_PLAIN = models.TextField(blank=True, default="", verbose_name="联系电话")


def each(operation, name, field):
    return [operation(model_name=table, name=name, field=field.clone()) for table in TABLES]


class Migration(migrations.Migration):
    dependencies = [("cadres", "0002_leave")]

    operations = [
        old_pages_overwritten(),
        *each(migrations.AlterField, "phone", IN_PLAIN),
        *each(
            migrations.AddField,
            "phone_mask",
            banzhuang.core.fields.PhoneMaskField(
                blank=True, default="", editable=False, max_length=60, source="phone", verbose_name="联系电话（掩码）"
            ),
        ),
        encrypted_in_place("cadres", TABLES, "phone", mask_phone),
        *each(
            migrations.AlterField,
            "phone",
            banzhuang.core.fields.EncryptedTextField(blank=True, default="", verbose_name="联系电话"),
        ),
    ]

"""What is sold out stands in the log from now on; what was so before stays so until it is back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_timers")]

    operations = [
        migrations.RenameField("MenuItem", "sold_out", "sold_out_before"),
        migrations.AlterField(
            "MenuItem",
            "sold_out_before",
            models.BooleanField(
                default=False, editable=False, help_text="Since before that was a fact."
            ),
        ),
    ]

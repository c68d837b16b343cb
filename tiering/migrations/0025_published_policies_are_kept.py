from django.db import migrations

# A later migration that has to rewrite them disables the trigger for itself.
KEPT = """
CREATE FUNCTION vf_published_policy_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A published grading policy is never changed (% refused).', TG_OP;
END $$;
CREATE TRIGGER policy_published_is_kept BEFORE UPDATE OR DELETE ON tiering_policy
    FOR EACH ROW WHEN (OLD.valid_from IS NOT NULL)
    EXECUTE FUNCTION vf_published_policy_is_kept();
"""
MAY_CHANGE = """
DROP TRIGGER policy_published_is_kept ON tiering_policy;
DROP FUNCTION vf_published_policy_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("tiering", "0024_sums_have_more_digits")]

    operations = [migrations.RunSQL(KEPT, MAY_CHANGE)]

-- Rights of the role that serves, on PostgreSQL. Run by the owner of the tables, after each upgrade:
--     psql "$OWNER_URL" -f deploy/postgresql-rights.sql
-- The role "matchsvc" exists already (docs/hardening.md) and owns nothing.

revoke create on schema public from public;
grant usage on schema public to matchsvc;
grant select, insert, update, delete on all tables in schema public to matchsvc;
grant usage, select on all sequences in schema public to matchsvc;
revoke insert, update, delete on alembic_version from matchsvc;

-- The log is added to, nothing else: by nobody but the owner, who does not serve. A trigger and not a
-- missing right, because sealing locks both tables, and PostgreSQL lets only those lock who may write.
create or replace function the_log_is_only_added_to() returns trigger language plpgsql as $$
begin
  if current_user <> (select tableowner from pg_tables where schemaname = tg_table_schema and tablename = tg_table_name)
  then raise exception 'the log is only added to' using errcode = 'insufficient_privilege';
  end if;
  return null;
end $$;

create or replace trigger only_added_to before update or delete or truncate on audit_event
  for each statement execute function the_log_is_only_added_to();
create or replace trigger only_added_to before update or delete or truncate on audit_seal
  for each statement execute function the_log_is_only_added_to();
-- What is left of a replaced month is the owner's to write at all (docs/audit.md).
create or replace trigger only_added_to before insert or update or delete or truncate on audit_month
  for each statement execute function the_log_is_only_added_to();

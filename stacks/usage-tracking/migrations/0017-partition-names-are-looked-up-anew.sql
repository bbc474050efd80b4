-- Who waited for the lock looks into pg_class: that is a statement with a snapshot of its own. to_regclass answers from
-- names that the session remembers, and an advisory lock does not make it forget that there was none.
create or replace function ensure_partition(parent text, unit text, moment timestamptz) returns boolean
  language plpgsql as
$$
declare
  first timestamp := date_trunc(unit, moment at time zone 'UTC');
  next timestamp := first + ('1 ' || unit)::interval;
  name text := parent || '_' || to_char(first, case unit when 'year' then 'YYYY' else 'YYYYMM' end);
  options text := case when parent like 'rollup%' then 'with (fillfactor = 70)' else '' end;
begin
  if to_regclass(name) is not null then
    return false;
  end if;
  perform pg_advisory_xact_lock(hashtext('usage-tracking partitions'));
  if exists (
    select from pg_class
    where relname = name and relnamespace = (select relnamespace from pg_class where oid = parent::regclass)
  ) then
    return false;
  end if;
  execute format('create table %I (like %I including all) %s', name, parent, options);
  execute format(
    'alter table %I attach partition %I for values from (%L) to (%L)',
    parent, name, first at time zone 'UTC', next at time zone 'UTC'
  );
  return true;
end
$$;

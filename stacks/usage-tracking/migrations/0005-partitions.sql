-- Makes the partition of `parent` that holds `moment`, if it is missing; true when it was. Attached rather than created
-- in place: that takes no lock that readers or writers of the parent would wait for.
create function ensure_partition(parent text, unit text, moment timestamptz) returns boolean
  language plpgsql as
$$
declare
  first timestamp := date_trunc(unit, moment at time zone 'UTC');
  next timestamp := first + ('1 ' || unit)::interval;
  name text := parent || '_' || to_char(first, case unit when 'year' then 'YYYY' else 'YYYYMM' end);
  options text := case parent when 'rollup' then 'with (fillfactor = 70)' else '' end;
begin
  if to_regclass(name) is not null then
    return false;
  end if;
  perform pg_advisory_xact_lock(hashtext('usage-tracking partitions'));
  if to_regclass(name) is not null then
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

-- Everything that an event of this time needs: its own partition and that of its totals.
create function ensure_event_partitions(moment timestamptz) returns void
  language plpgsql as
$$
begin
  perform ensure_partition('events', 'month', moment);
  perform ensure_partition('rollup', 'year', moment);
end
$$;

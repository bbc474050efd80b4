-- Weeks (ISO, from Monday) and months beside hours and days; errors, billable units of custom events (millionths), how
-- many users were active, and the latencies that percentiles are read from.
alter table rollup
  drop constraint rollup_period_check,
  add constraint rollup_period_check check (period in ('hour', 'day', 'week', 'month')),
  add column errors bigint not null default 0,
  add column custom_units numeric not null default 0,
  -- Different users with an event in it; kept for 'all', 'service' and 'provider'.
  add column users bigint not null default 0,
  -- Histogram of latencies: each element is count * 2048 + slot. A slot may occur more than once: batches append, and
  -- compact_latency joins them once in a while.
  add column latency bigint[] not null default '{}';

-- The slot of a latency in microseconds: its own below 32, then 32 to every power of two.
create function latency_slot(us bigint) returns bigint
  language sql immutable parallel safe
  return case when us < 32 then us else
    (length(ltrim(us::bit(64)::text, '0')) - 6) * 32 + (us >> (length(ltrim(us::bit(64)::text, '0')) - 6)) end;

-- What a slot stands for, in microseconds: the middle of its range, at most 1/64 away from any latency in it.
create function latency_of_slot(slot bigint) returns numeric
  language sql immutable parallel safe
  return case when slot < 64 then slot else
    (((slot % 32 + 32) << (slot / 32 - 1)::integer) + ((slot % 32 + 33) << (slot / 32 - 1)::integer) - 1) * 0.5 end;

-- Every slot once, in order.
create function compact_latency(latency bigint[]) returns bigint[]
  language sql immutable parallel safe
  return (
    select coalesce(array_agg(n * 2048 + slot order by slot), '{}') from (
      select e & 2047 as slot, sum(e >> 11)::bigint as n from unnest(latency) e group by 1
    ) s
  );

-- The latency in microseconds that a share `q` of all are at or below (nearest rank); null where there is none.
create function latency_quantile(latency bigint[], q numeric) returns numeric
  language sql immutable parallel safe
  return (
    select latency_of_slot(slot) from (
      select slot, sum(n) over (order by slot) as upto, sum(n) over () as total from (
        select e & 2047 as slot, sum(e >> 11) as n from unnest(latency) e group by 1
      ) s
    ) c
    where upto >= ceil(total * q) order by slot limit 1
  );

-- Totals by service, provider and model ('' where there is none): what costs are computed from. Yearly partitions.
create table rollup_model (
  tenant integer not null,
  period text not null check (period in ('hour', 'day')),
  bucket timestamptz not null,
  service text not null,
  provider text not null,
  model text not null,
  events bigint not null,
  input_tokens numeric not null,
  output_tokens numeric not null,
  total_tokens numeric not null,
  pages numeric not null,
  bytes numeric not null,
  requests numeric not null,
  latency_us numeric not null,
  custom_units numeric not null,
  primary key (tenant, period, bucket, service, provider, model)
) partition by range (bucket);

create index rollup_model_bucket on rollup_model using brin (bucket);

-- The same by user ('' for events without one) and day: whose costs they are, and who uses which service. `cell` is the
-- first half of the SHA-256 of service, provider and model (three long names and a user would be too long for a key).
create table rollup_user (
  tenant integer not null,
  bucket timestamptz not null,
  user_id text not null,
  cell uuid not null,
  service text not null,
  provider text not null,
  model text not null,
  events bigint not null,
  input_tokens numeric not null,
  output_tokens numeric not null,
  total_tokens numeric not null,
  pages numeric not null,
  bytes numeric not null,
  requests numeric not null,
  latency_us numeric not null,
  custom_units numeric not null,
  primary key (tenant, bucket, user_id, cell)
) partition by range (bucket);

create index rollup_user_bucket on rollup_user using brin (bucket);

-- Who was active: the users that `rollup.users` counts. Over any range of time: count(distinct user_id) of its days.
create table active_user (
  tenant integer not null,
  dimension text not null check (dimension in ('all', 'service', 'provider')),
  period text not null check (period in ('hour', 'day', 'week', 'month')),
  bucket timestamptz not null,
  key text not null,
  user_id text not null,
  primary key (tenant, dimension, period, bucket, key, user_id)
) partition by range (bucket);

create index active_user_bucket on active_user using brin (bucket);

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

-- The partitions of totals of a year.
create function ensure_rollup_partitions(moment timestamptz) returns void
  language plpgsql as
$$
begin
  perform ensure_partition(parent, 'year', moment)
    from unnest(array['rollup', 'rollup_model', 'rollup_user', 'active_user']) parent;
end
$$;

-- A week may begin in the year before.
create or replace function ensure_event_partitions(moment timestamptz) returns void
  language plpgsql as
$$
begin
  perform ensure_partition('events', 'month', moment);
  perform ensure_rollup_partitions(moment);
  perform ensure_rollup_partitions(date_trunc('week', moment at time zone 'UTC') at time zone 'UTC');
end
$$;

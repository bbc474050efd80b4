-- The users of a tenant by number, from 0 without gaps, as they were first seen: what `rollup_active` counts them under.
create table user_number (
  tenant integer not null,
  user_id text not null,
  number integer not null,
  primary key (tenant, user_id),
  unique (tenant, number)
);

-- How many events each user has in a total of everything, a service or a provider: 128 users a row, those of the numbers
-- from 128 * chunk on. An element of `users` is count * 2048 + number % 128; a number may occur more than once: batches
-- append, as in `rollup.latency`. Counts add up and can be taken away, so who was active in any range is who is left.
create table rollup_active (
  tenant integer not null,
  dimension text not null check (dimension in ('all', 'service', 'provider')),
  period text not null check (period in ('hour', 'day', 'week', 'month')),
  bucket timestamptz not null,
  key text not null,
  chunk integer not null,
  users bigint[] not null,
  primary key (tenant, dimension, period, bucket, key, chunk)
) partition by range (bucket);

create index rollup_active_bucket on rollup_active using brin (bucket);

alter function compact_latency(bigint[]) rename to compact_counts;

create or replace function ensure_rollup_partitions(moment timestamptz) returns void
  language plpgsql as
$$
begin
  perform ensure_partition(parent, 'year', moment)
    from unnest(array['rollup', 'rollup_model', 'rollup_user', 'rollup_active']) parent;
end
$$;

select ensure_rollup_partitions(make_timestamptz(right(inhrelid::regclass::text, 4)::integer, 1, 1, 0, 0, 0, 'UTC'))
from pg_inherits where inhparent = 'rollup'::regclass;

insert into user_number
select tenant, user_id, row_number() over (partition by tenant order by user_id) - 1
from (select distinct tenant, user_id from active_user) u;

-- Hours of events that are kept no more are left out: only their days are known.
insert into rollup_active
select tenant, dimension, period, bucket, key, number / 128, array_agg(n * 2048 + number % 128)
from (
  select tenant, dimension, 'hour' as period, date_trunc('hour', at, 'UTC') as bucket, key, number, count(*) as n
  from events join user_number using (tenant, user_id)
  cross join lateral (values ('all', ''), ('service', service), ('provider', provider)) d (dimension, key)
  group by 1, 2, 4, 5, 6
  union all
  select tenant, dimension, period, date_trunc(period, bucket, 'UTC'), key, number, sum(events)::bigint
  from rollup_user join user_number using (tenant, user_id)
  cross join lateral (values ('all', ''), ('service', service), ('provider', provider)) d (dimension, key)
  cross join unnest(array['day', 'week', 'month']) period
  group by 1, 2, 3, 4, 5, 6
) c
group by 1, 2, 3, 4, 5, 6;

drop table active_user;
alter table rollup drop column users;

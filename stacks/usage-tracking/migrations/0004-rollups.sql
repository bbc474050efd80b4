-- Totals per tenant, period and key of a dimension ('' for all), changed only by deltas that commit together with the
-- events they count. Sums are numeric: exact, and no sender can overflow them. Yearly partitions.
create table rollup (
  tenant integer not null,
  dimension text not null check (dimension in ('all', 'service', 'provider', 'user')),
  period text not null check (period in ('hour', 'day')),
  bucket timestamptz not null,
  key text not null,
  events bigint not null,
  input_tokens numeric not null,
  output_tokens numeric not null,
  total_tokens numeric not null,
  pages numeric not null,
  bytes numeric not null,
  requests numeric not null,
  latency_count bigint not null,
  latency_us numeric not null,
  primary key (tenant, dimension, period, bucket, key)
) partition by range (bucket);

-- The audit asks for one bucket of all tenants.
create index rollup_bucket on rollup using brin (bucket);

-- Grows by one with every transaction that changed something of a tenant: answers of one version are equal.
create table tenant_version (
  tenant integer primary key,
  version bigint not null
) with (fillfactor = 50);

-- What usage costs. A rule holds for a service and, where they are named, one provider and one model, on whole days in
-- UTC; of several that match, the one that names more decides (a model more than a provider). `parts` is
-- [{unit, tiers: [{from, to, rate}]}]: numbers as decimal texts. Rules are ended, not changed.
create table billing_rule (
  id integer generated always as identity primary key,
  service text not null check (service in ('llm_service', 'document_processor', 'api_service', 'custom')),
  provider text check (char_length(provider) between 1 and 255),
  model text check (char_length(model) between 1 and 255),
  effective_from date not null,
  effective_until date check (effective_until > effective_from),
  method text not null check (method in ('multiply', 'sum')),
  parts jsonb not null,
  minimum_charge numeric(26, 12) not null check (minimum_charge >= 0),
  created_at timestamptz not null default now()
);

-- What a tenant's month came to. `version` is the tenant's version that it shows; a finalised month never changes.
create table billing_summary (
  tenant integer not null references tenant (id),
  month date not null check (extract(day from month) = 1),
  total_cost numeric not null,
  cost_by_service jsonb not null,
  cost_by_user jsonb not null,
  total_events bigint not null,
  active_users bigint not null,
  is_finalized boolean not null default false,
  finalized_at timestamptz check ((finalized_at is not null) = is_finalized),
  version bigint not null,
  computed_at timestamptz not null default now(),
  primary key (tenant, month)
);

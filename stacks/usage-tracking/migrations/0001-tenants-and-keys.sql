-- `name` is the tenant_id of the API; `id` is what rows carry.
create table tenant (
  id integer generated always as identity primary key,
  name text not null unique check (char_length(name) between 1 and 255),
  created_at timestamptz not null default now()
);

-- `id` is the public part of a key, `hash` the HMAC-SHA-256 of the whole key under the pepper. A key is never stored.
create table api_key (
  id text primary key,
  tenant integer not null references tenant (id),
  hash bytea not null check (octet_length(hash) = 32),
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

create index api_key_tenant on api_key (tenant);

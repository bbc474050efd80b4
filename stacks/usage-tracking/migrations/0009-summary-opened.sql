-- Since when there is a summary: a month that is filled in later stays open as long as any other.
alter table billing_summary add column opened_at timestamptz not null default now();

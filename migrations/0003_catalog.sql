-- What is measured, what can be granted, what is sold.

create table meters (
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  key text not null check (key ~ '^[a-z0-9_]{1,64}$'),
  name text not null,
  event_type text not null,
  aggregation text not null check (aggregation in ('count', 'sum', 'max', 'unique', 'latest', 'time_weighted_sum')),
  value_property text,
  group_by jsonb not null default '{}',
  filters jsonb not null default '{}',
  unit text not null,
  created_at timestamptz not null,
  archived_at timestamptz,
  primary key (mode, id),
  unique (mode, key)
);

create table features (
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  key text not null check (key ~ '^[a-z0-9_]{1,64}$'),
  name text not null,
  meter_key text,
  metadata jsonb not null default '{}',
  created_at timestamptz not null,
  archived_at timestamptz,
  primary key (mode, id),
  unique (mode, key),
  foreign key (mode, meter_key) references meters (mode, key)
);

create table plans (
  mode text not null check (mode in ('test', 'live')),
  key text not null check (key ~ '^[a-z0-9_]{1,64}$'),
  -- The place in the plan order: moving to a higher position is an upgrade.
  position integer not null,
  is_default boolean not null default false,
  created_at timestamptz not null,
  primary key (mode, key)
);
create unique index plans_one_default on plans (mode) where is_default;

-- A version is a draft until it is published and never changes afterwards; subscriptions point to versions.
create table plan_versions (
  mode text not null,
  id text not null,
  plan_key text not null,
  version integer not null,
  state text not null check (state in ('draft', 'scheduled', 'active', 'archived')),
  definition jsonb not null,
  revision integer not null default 1,
  effective_from timestamptz,
  effective_to timestamptz,
  published_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (mode, id),
  unique (mode, plan_key, version),
  foreign key (mode, plan_key) references plans (mode, key)
);
create unique index plan_versions_one_active on plan_versions (mode, plan_key) where state = 'active';
create unique index plan_versions_one_draft on plan_versions (mode, plan_key) where state = 'draft';

-- Ours to Stripe's, per mode and Stripe account: a test id never meets a live row.
create table provider_mappings (
  mode text not null check (mode in ('test', 'live')),
  account text not null,
  entity_kind text not null check (entity_kind in ('coupon', 'customer', 'meter', 'plan', 'rate_card', 'subscription', 'test_clock')),
  entity_id text not null,
  external_id text not null,
  metadata jsonb not null default '{}',
  is_stale boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (mode, account, entity_kind, entity_id),
  unique (mode, account, entity_kind, external_id)
);

-- Numbers the fetches from Stripe: of two states of an object, the one fetched under the higher number is the newer.
create sequence fetch_tickets;

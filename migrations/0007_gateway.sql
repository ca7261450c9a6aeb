-- What the gateways stand on: where requests go, and the authority over quotas.

create table upstreams (
  key text primary key check (key ~ '^[a-z0-9_-]{1,64}$'),
  targets jsonb not null,
  policy jsonb not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- Shared by both modes: the key of a request tells its mode.
create table routes (
  key text primary key check (key ~ '^[a-z0-9_-]{1,64}$'),
  position integer not null,
  match_kind text not null check (match_kind in ('exact', 'prefix', 'pattern')),
  path text not null,
  methods text[] not null default '{}',
  host text,
  upstream_key text not null references upstreams (key),
  rewrite text,
  policy jsonb not null,
  is_enabled boolean not null default true,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- The authority over quotas: units are debited here before a gateway may spend them, so the sum of what gateways hold
-- and have spent never passes a hard limit. The limit itself is not here; whoever asks brings it.
create table quotas (
  mode text not null,
  -- Whose it is: a subscription's, or a customer's when it is a budget.
  subscription_id text not null,
  -- The feature and the length of its window, or the budget.
  quota_key text not null,
  window_starts_at timestamptz not null,
  window_ends_at timestamptz not null,
  granted numeric(38, 12) not null,
  -- How many blocks the window had so far.
  blocks integer not null default 0,
  -- When holders were last told that somebody else is short; until units are left again they keep nothing in stock.
  recalled_at timestamptz,
  updated_at timestamptz not null,
  primary key (mode, subscription_id, quota_key, window_starts_at)
) with (fillfactor = 50);
create index quotas_over on quotas (window_ends_at);

-- What each producer of usage got of a quota, and how much of it its usage log proves to be spent. The difference
-- comes back when the producer is gone and its log is counted.
create table quota_leases (
  producer_id text not null,
  mode text not null,
  subscription_id text not null,
  quota_key text not null,
  window_starts_at timestamptz not null,
  granted numeric(38, 12) not null,
  spent numeric(38, 12) not null,
  -- The batch of the log that was settled last.
  last_sequence bigint not null,
  -- The block the producer may take from; what it took is debited in the block until the producer says how much it was.
  block integer,
  primary key (producer_id, mode, subscription_id, quota_key, window_starts_at)
) with (fillfactor = 50);
create index quota_leases_quota on quota_leases (mode, subscription_id, quota_key, window_starts_at);

-- Units debited in stock for many producers at once, which then take them from Redis. Whatever Redis forgets, what may
-- have been spent is debited here. A closed block gives back the rest once no producer may take from it any more.
create table quota_blocks (
  mode text not null,
  subscription_id text not null,
  quota_key text not null,
  window_starts_at timestamptz not null,
  number integer not null,
  -- Put into the block, and how much of it no producer is known to have taken.
  filled numeric(38, 12) not null,
  unclaimed numeric(38, 12) not null,
  opened_at timestamptz not null,
  closed_at timestamptz,
  primary key (mode, subscription_id, quota_key, window_starts_at, number)
) with (fillfactor = 50);

-- What customers allow themselves or one of their keys to use. `amount` counts units of the meter or major units of the
-- currency.
create table budgets (
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  customer_id text not null,
  api_key_id text,
  name text not null,
  meter_key text,
  currency text,
  amount numeric(38, 12) not null check (amount >= 0),
  budget_window text not null check (budget_window in ('hour', 'day', 'week', 'month')),
  is_hard boolean not null,
  alert_percents integer[] not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (mode, id),
  foreign key (mode, customer_id) references customers (mode, id),
  foreign key (mode, api_key_id) references api_keys (mode, id),
  foreign key (mode, meter_key) references meters (mode, key),
  check ((meter_key is null) <> (currency is null))
);
create index budgets_customer on budgets (mode, customer_id);

-- Calls that gateways refused, by the hour of the mode's own time and by the reason.
create table refused_calls (
  mode text not null check (mode in ('test', 'live')),
  hour timestamptz not null,
  code text not null,
  count bigint not null,
  primary key (mode, hour, code)
);

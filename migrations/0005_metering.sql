-- Usage, from the gateway's log to hourly truth to Stripe.

-- The fence: a batch of a producer counts only when its number is higher than the last one counted.
create table usage_producers (
  id text primary key,
  last_sequence bigint not null,
  started_at timestamptz not null,
  updated_at timestamptz not null
) with (fillfactor = 50);

-- Billing truth. A bucket starts on the hour, or within it where a period of the subscription starts, so that every
-- bucket lies in one period. Half-filled pages keep the updates on the page and out of the indexes.
create table usage_rollups (
  mode text not null,
  subscription_id text not null,
  meter_key text not null,
  bucket_at timestamptz not null,
  api_key_id text not null default '',
  route_key text not null default '',
  dimension text not null default '',
  customer_id text not null,
  event_count bigint not null,
  value numeric(38, 12) not null,
  -- How much of the value has been handed to Stripe.
  reported numeric(38, 12) not null default 0,
  updated_at timestamptz not null,
  primary key (mode, subscription_id, meter_key, bucket_at, api_key_id, route_key, dimension)
) with (fillfactor = 50);
create index usage_rollups_customer on usage_rollups (mode, customer_id, bucket_at);
create index usage_rollups_unreported on usage_rollups (mode, subscription_id, meter_key) where value <> reported;

-- Events that came with an id of their own, through the API. The month keeps (source, id) unique whatever the time says.
create table usage_events (
  mode text not null,
  source text not null,
  id text not null,
  month date not null,
  at timestamptz not null,
  received_at timestamptz not null,
  type text not null,
  customer_id text not null,
  subscription_id text,
  api_key_id text,
  data jsonb not null,
  state text not null default 'counted' check (state in ('counted', 'unmatched', 'voided', 'replaced')),
  primary key (mode, source, id, month)
) partition by range (month);
create table usage_events_default partition of usage_events default;
create index usage_events_customer on usage_events (mode, customer_id, at desc);

-- Usage that arrived after its period was closed; booked as a line of its own on the next invoice.
create table usage_late (
  mode text not null,
  subscription_id text not null,
  meter_key text not null,
  bucket_at timestamptz not null,
  booked_period_id text not null,
  event_count bigint not null,
  value numeric(38, 12) not null,
  first_seen_at timestamptz not null,
  primary key (mode, subscription_id, meter_key, bucket_at, booked_period_id)
);

-- What was refused, with the reason, for the operator to see.
create table usage_rejects (
  id text primary key,
  mode text not null,
  reason text not null,
  payload jsonb not null,
  received_at timestamptz not null
);
create index usage_rejects_received on usage_rejects (mode, received_at desc);

-- One message to Stripe's meters: immutable once written, sent until Stripe has it exactly once.
create table meter_reports (
  mode text not null,
  id text not null,
  subscription_id text not null,
  customer_id text not null,
  meter_key text not null,
  bucket_at timestamptz not null,
  sequence integer not null,
  -- Whole units; Stripe's meters take no fractions.
  value bigint not null check (value <> 0),
  at timestamptz not null,
  state text not null default 'pending' check (state in ('pending', 'sent', 'verify', 'rejected', 'dead')),
  -- How often this usage was refused by Stripe before and is sent again, as a report of its own.
  resends integer not null default 0,
  attempts integer not null default 0,
  first_sent_at timestamptz,
  next_at timestamptz not null,
  lease_until timestamptz,
  error text,
  created_at timestamptz not null,
  sent_at timestamptz,
  primary key (mode, id),
  unique (mode, subscription_id, meter_key, bucket_at, sequence)
) with (fillfactor = 70);
create index meter_reports_totals on meter_reports (mode, customer_id, at);
create index meter_reports_due on meter_reports (mode, next_at) where state in ('pending', 'verify');
create index meter_reports_order on meter_reports (mode, customer_id, meter_key, id) where state in ('pending', 'verify');

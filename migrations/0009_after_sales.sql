-- After the sale: money that came in, was given back, is fought over, missing or paid in advance, what was said about
-- it, and whether all of it agrees with Stripe.

alter table payments
  -- What really came in; 0 until then.
  add column captured_minor bigint not null default 0,
  -- What Stripe kept for its work, in the currency it settles in.
  add column fee_minor bigint,
  add column fee_currency text,
  -- When a delayed payment was under way, as a list of spells: grace does not run meanwhile.
  add column processing jsonb not null default '[]',
  -- How disputes about it stand; inquiries count as none, they move no money.
  add column dispute_standing text not null default 'none' check (dispute_standing in ('none', 'open', 'won', 'lost'));
create index payments_invoice on payments (mode, invoice_id) where invoice_id is not null;
create index payments_charge on payments (mode, stripe_charge_id) where stripe_charge_id is not null;

-- One try to collect a payment; the bank's answer to each is what dunning goes by.
create table payment_attempts (
  mode text not null,
  id text not null,
  payment_id text not null,
  customer_id text not null,
  invoice_id text,
  amount_minor bigint not null,
  currency text not null,
  state text not null check (state in ('pending', 'succeeded', 'failed')),
  failure_code text,
  decline_code text,
  failure_message text,
  method jsonb,
  stripe_charge_id text not null,
  attempted_at timestamptz not null,
  primary key (mode, id),
  unique (mode, stripe_charge_id),
  foreign key (mode, payment_id) references payments (mode, id),
  foreign key (mode, invoice_id) references invoices (mode, id)
);
create index payment_attempts_invoice on payment_attempts (mode, invoice_id, attempted_at) where invoice_id is not null;
create index payment_attempts_customer on payment_attempts (mode, customer_id, attempted_at desc, id desc);
create index payment_attempts_recent on payment_attempts (mode, attempted_at);

-- The same card is recognized whoever enters it.
alter table payment_methods add column fingerprint text;

-- A customer whose last payment method is gone, until when another one is waited for.
create table payment_method_deadlines (
  mode text not null,
  customer_id text not null,
  removed_at timestamptz not null,
  due_at timestamptz not null,
  primary key (mode, customer_id),
  foreign key (mode, customer_id) references customers (mode, id)
);
create index payment_method_deadlines_due on payment_method_deadlines (mode, due_at);

-- What Stripe says about the customers that are ours: their balance there, who they are for the tax office.
create table stripe_customers (
  mode text not null,
  customer_id text not null,
  stripe_customer_id text not null,
  name text,
  email text,
  currency text,
  -- Stripe's sign: what the customer owes is positive, a credit is negative.
  balance_minor bigint not null default 0,
  is_delinquent boolean not null default false,
  default_payment_method_id text,
  tax_ids jsonb not null default '[]',
  deleted_at timestamptz,
  provider_ticket bigint not null default 0,
  updated_at timestamptz not null,
  primary key (mode, customer_id),
  foreign key (mode, customer_id) references customers (mode, id)
);

create table refunds (
  mode text not null,
  id text not null,
  payment_id text not null,
  customer_id text not null,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  state text not null check (state in ('requested', 'pending', 'succeeded', 'failed', 'canceled')),
  reason text not null check (reason in ('customer_request', 'billing_error', 'service_issue', 'duplicate', 'fraudulent', 'other')),
  note text,
  access_effect text not null check (access_effect in ('none', 'cancel_at_period_end', 'cancel_now')),
  credit_effect text not null check (credit_effect in ('none', 'void_unburned')),
  issues_credit_note boolean not null,
  origin text not null check (origin in ('farebox', 'stripe')),
  -- Large refunds wait for a second person; meanwhile their amount is spoken for.
  approval text not null check (approval in ('not_needed', 'waiting', 'approved', 'rejected')),
  requested_by text,
  approved_by text,
  failure_code text,
  failure_message text,
  stripe_refund_id text,
  provider_ticket bigint not null default 0,
  -- When access and credits followed; the effects of a refund happen once.
  effects_applied_at timestamptz,
  created_at timestamptz not null,
  settled_at timestamptz,
  updated_at timestamptz not null,
  primary key (mode, id),
  unique (mode, stripe_refund_id),
  foreign key (mode, payment_id) references payments (mode, id),
  foreign key (mode, customer_id) references customers (mode, id)
);
create index refunds_payment on refunds (mode, payment_id);
create index refunds_customer on refunds (mode, customer_id, id desc);
create index refunds_unsettled on refunds (mode, created_at) where state in ('requested', 'pending');

create index refunds_settled on refunds (mode, settled_at) where state = 'succeeded';

create table credit_notes (
  mode text not null,
  id text not null,
  customer_id text not null,
  invoice_id text not null,
  refund_id text,
  number text,
  state text not null check (state in ('requested', 'issued', 'void', 'failed')),
  reason text,
  memo text,
  currency text not null,
  amount_minor bigint not null,
  -- Where the amount went: off what was still owed, back to the card, onto the balance, or settled outside.
  owed_minor bigint not null default 0,
  refunded_minor bigint not null default 0,
  balance_minor bigint not null default 0,
  outside_minor bigint not null default 0,
  pdf_url text,
  stripe_credit_note_id text,
  provider_ticket bigint not null default 0,
  created_at timestamptz not null,
  voided_at timestamptz,
  updated_at timestamptz not null,
  primary key (mode, id),
  unique (mode, stripe_credit_note_id),
  foreign key (mode, invoice_id) references invoices (mode, id),
  foreign key (mode, refund_id) references refunds (mode, id)
);
create index credit_notes_invoice on credit_notes (mode, invoice_id);

create table disputes (
  mode text not null,
  id text not null,
  payment_id text not null,
  customer_id text not null,
  amount_minor bigint not null,
  currency text not null,
  fee_minor bigint not null default 0,
  reason text not null,
  network_reason_code text,
  state text not null check (state in ('warning_needs_response', 'warning_under_review', 'warning_closed', 'needs_response', 'under_review', 'won', 'lost', 'prevented')),
  evidence_due_at timestamptz,
  -- What we would send, or have sent; drafted from what the product knows, edited by people.
  evidence jsonb not null default '{}',
  evidence_state text not null check (evidence_state in ('none', 'drafted', 'submitting', 'submitted')),
  submitted_at timestamptz,
  reminded_at timestamptz,
  stripe_dispute_id text not null,
  provider_ticket bigint not null default 0,
  opened_at timestamptz not null,
  closed_at timestamptz,
  updated_at timestamptz not null,
  primary key (mode, id),
  unique (mode, stripe_dispute_id),
  foreign key (mode, payment_id) references payments (mode, id),
  foreign key (mode, customer_id) references customers (mode, id)
);
create index disputes_payment on disputes (mode, payment_id);
create index disputes_closed on disputes (mode, closed_at);
create index disputes_due on disputes (mode, evidence_due_at) where closed_at is null;

create table fraud_warnings (
  mode text not null,
  id text not null,
  payment_id text not null,
  customer_id text not null,
  fraud_type text not null,
  is_actionable boolean not null,
  stripe_warning_id text not null,
  provider_ticket bigint not null default 0,
  created_at timestamptz not null,
  primary key (mode, id),
  unique (mode, stripe_warning_id),
  foreign key (mode, payment_id) references payments (mode, id)
);

-- One unpaid invoice and what is done about it. Its attempts are those of its payments.
create table dunning_cases (
  mode text not null,
  id text not null,
  customer_id text not null,
  subscription_id text,
  invoice_id text not null,
  state text not null check (state in ('open', 'recovered', 'exhausted', 'canceled')),
  retries text not null check (retries in ('ours', 'stripe', 'none')),
  opened_at timestamptz not null,
  new_payment_method_at timestamptz,
  -- The method that was set most recently is tried, whatever Stripe holds for the default.
  new_payment_method_id text,
  sent text[] not null default '{}',
  -- The retry under way, by its number: written before Stripe is asked.
  acting_attempt integer,
  next_at timestamptz,
  closed_at timestamptz,
  updated_at timestamptz not null,
  primary key (mode, id),
  unique (mode, invoice_id),
  foreign key (mode, customer_id) references customers (mode, id),
  foreign key (mode, invoice_id) references invoices (mode, id)
);
create index dunning_cases_due on dunning_cases (mode, next_at) where state = 'open';
create index dunning_cases_customer on dunning_cases (mode, customer_id) where state = 'open';

-- A person may switch off what is not about money due; without a row a topic is on.
create table notification_preferences (
  mode text not null,
  customer_id text not null,
  topic text not null,
  is_enabled boolean not null,
  updated_at timestamptz not null,
  primary key (mode, customer_id, topic),
  foreign key (mode, customer_id) references customers (mode, id)
);
alter table notifications add column error text;
create index notifications_customer on notifications (mode, customer_id, id desc);

-- Besides differences: events that could not be applied, usage that Stripe refused, customers deleted there, warnings of
-- fraud, keys that are old.
alter table findings
  drop constraint findings_category_check,
  add constraint findings_category_check check (category in ('amount', 'rounding', 'missing_local', 'missing_remote', 'status', 'currency', 'mode', 'orphan', 'late', 'drift', 'webhook', 'meter', 'deleted', 'fraud', 'configuration')),
  -- What can be done about it at the press of a button; null leaves it to people.
  add column repair text;

create table reconcile_runs (
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  cause text not null check (cause in ('schedule', 'operator')),
  customer_id text,
  is_dry_run boolean not null,
  state text not null check (state in ('running', 'done', 'failed')),
  -- Where an interrupted run goes on.
  cursor text,
  counts jsonb not null default '{}',
  error text,
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (mode, id)
);
-- Of runs over everything there is one at a time.
create unique index reconcile_runs_one_running on reconcile_runs (mode) where state = 'running' and customer_id is null;

-- Parked events are found by whose they are when that customer moves.
create index stripe_events_parked on stripe_events (mode, customer_id) where state = 'parked';
create index stripe_events_bodies on stripe_events (received_at) where body is not null;

-- Credits on sale: so much money for so many credits.
create table credit_packs (
  mode text not null,
  key text not null,
  name text not null,
  unit text not null,
  amount_per_pack numeric(38, 12) not null check (amount_per_pack > 0),
  price_minor bigint not null check (price_minor > 0),
  currency text not null,
  priority integer not null check (priority between 1 and 255),
  -- How long bought credits stay valid; null is for good.
  valid_for text,
  applies_to text[],
  created_at timestamptz not null,
  archived_at timestamptz,
  primary key (mode, key)
);

create table credit_purchases (
  mode text not null,
  id text not null,
  customer_id text not null,
  pack_key text not null,
  quantity integer not null check (quantity > 0),
  amount_minor bigint not null,
  currency text not null,
  cause text not null check (cause in ('customer', 'top_up')),
  state text not null check (state in ('pending', 'paid', 'failed', 'expired')),
  failure_message text,
  checkout_url text,
  payment_id text,
  grant_id text,
  created_at timestamptz not null,
  settled_at timestamptz,
  primary key (mode, id),
  unique (mode, payment_id),
  foreign key (mode, customer_id) references customers (mode, id),
  foreign key (mode, pack_key) references credit_packs (mode, key)
);
create index credit_purchases_customer on credit_purchases (mode, customer_id, id desc);
-- One purchase at a time is made by itself.
create unique index credit_purchases_one_top_up on credit_purchases (mode, customer_id) where cause = 'top_up' and state = 'pending';

-- Balances somebody was given or bought. The sums are those of the ledger's entries.
create table credit_grants (
  mode text not null,
  id text not null,
  customer_id text not null,
  -- money:usd, feature:requests, custom:credits
  unit text not null,
  amount numeric(38, 12) not null check (amount > 0),
  category text not null check (category in ('paid', 'promotional', 'plan', 'compensation', 'rollover')),
  priority integer not null check (priority between 1 and 255),
  effective_at timestamptz not null,
  expires_at timestamptz,
  applies_to text[],
  -- What it came from grants once, however often it is told.
  source_kind text not null,
  source_id text not null,
  state text not null check (state in ('pending', 'active', 'voided')),
  is_frozen boolean not null default false,
  note text,
  granted numeric(38, 12) not null default 0,
  reserved numeric(38, 12) not null default 0 check (reserved >= 0),
  burned numeric(38, 12) not null default 0,
  expired numeric(38, 12) not null default 0,
  voided numeric(38, 12) not null default 0,
  created_at timestamptz not null,
  primary key (mode, id),
  unique (mode, source_kind, source_id),
  check (granted - reserved - burned - expired - voided >= 0),
  foreign key (mode, customer_id) references customers (mode, id)
);
create index credit_grants_customer on credit_grants (mode, customer_id, unit);
create index credit_grants_expiring on credit_grants (mode, expires_at)
  where expires_at is not null and granted - reserved - burned - expired - voided > 0;

-- What was used beyond the balance; the next grant pays it first.
create table credit_debts (
  mode text not null,
  customer_id text not null,
  unit text not null,
  amount numeric(38, 12) not null check (amount >= 0),
  primary key (mode, customer_id, unit),
  foreign key (mode, customer_id) references customers (mode, id)
);

-- Every movement, appended and never changed; a null grant is the debt.
create table credit_entries (
  mode text not null,
  sequence bigint generated always as identity,
  customer_id text not null,
  unit text not null,
  grant_id text,
  type text not null check (type in ('granted', 'reserved', 'released', 'burned', 'expired', 'voided', 'adjusted')),
  amount numeric(38, 12) not null,
  balance_after numeric(38, 12) not null,
  cause_kind text not null,
  cause_id text not null,
  created_at timestamptz not null,
  primary key (mode, sequence),
  foreign key (mode, grant_id) references credit_grants (mode, id)
);
create index credit_entries_customer on credit_entries (mode, customer_id, sequence desc);
-- Consumed twice under one name is consumed once.
create index credit_entries_cause on credit_entries (mode, customer_id, cause_kind, cause_id);

-- What was taken back of a grant while it was in use or after it was used: it is taken should it come back.
create table credit_claims (
  mode text not null,
  grant_id text not null,
  cause_kind text not null,
  cause_id text not null,
  amount numeric(38, 12) not null check (amount >= 0),
  primary key (mode, grant_id, cause_kind, cause_id),
  foreign key (mode, grant_id) references credit_grants (mode, id)
);

-- Buys credits by itself when the balance falls below a threshold.
create table credit_top_ups (
  mode text not null,
  customer_id text not null,
  is_enabled boolean not null,
  pack_key text not null,
  quantity integer not null check (quantity > 0),
  threshold numeric(38, 12) not null,
  maximum_per_day numeric(38, 12),
  maximum_per_month numeric(38, 12),
  -- A failure before this is forgiven: the customer has looked at it.
  confirmed_at timestamptz not null,
  -- When a limit is over that kept a low balance from being topped up.
  look_again_at timestamptz,
  primary key (mode, customer_id),
  foreign key (mode, customer_id) references customers (mode, id),
  foreign key (mode, pack_key) references credit_packs (mode, key)
);
create index credit_top_ups_due on credit_top_ups (mode, look_again_at) where look_again_at is not null;

-- One trial for each customer, and for each card: a card is remembered with the customer it was first seen with.
create table trial_redemptions (
  mode text not null,
  customer_id text not null,
  subscription_id text not null,
  redeemed_at timestamptz not null,
  primary key (mode, customer_id),
  foreign key (mode, customer_id) references customers (mode, id),
  foreign key (mode, subscription_id) references subscriptions (mode, id)
);
create table trial_cards (
  mode text not null,
  fingerprint text not null,
  customer_id text not null,
  seen_at timestamptz not null,
  primary key (mode, fingerprint),
  foreign key (mode, customer_id) references customers (mode, id)
);
create index trial_cards_customer on trial_cards (mode, customer_id);

-- Credits gateways may spend: reserved on a grant and not yet accounted for, in the order they are used.
create table credit_leases (
  mode text not null,
  id bigint generated always as identity,
  producer_id text not null,
  customer_id text not null,
  subscription_id text not null,
  feature_key text not null,
  unit text not null,
  per_unit numeric(38, 12) not null check (per_unit > 0),
  grant_id text not null,
  amount numeric(38, 12) not null check (amount >= 0),
  primary key (mode, id),
  unique (producer_id, mode, subscription_id, feature_key, grant_id, per_unit),
  foreign key (mode, grant_id) references credit_grants (mode, id)
) with (fillfactor = 50);
create index credit_leases_customer on credit_leases (mode, customer_id);

-- Each producer of usage that spends credits: which batch of its log was accounted for, and by how much its log is
-- ahead of what it has asked for (negative: what it asked for and nobody could pay).
create table credit_spenders (
  producer_id text not null,
  mode text not null,
  subscription_id text not null,
  feature_key text not null,
  customer_id text not null,
  last_sequence bigint not null,
  ahead numeric(38, 12) not null,
  primary key (producer_id, mode, subscription_id, feature_key)
) with (fillfactor = 50);

-- Subscriptions whose plan gives credits in every period, or takes over what one left unused: judged by which terms, and
-- when the next is due. What was given is known by the grants' own sources.
create table credit_recurrences (
  mode text not null,
  subscription_id text not null,
  plan_version_id text not null,
  phase_key text not null,
  next_at timestamptz not null,
  primary key (mode, subscription_id),
  foreign key (mode, subscription_id) references subscriptions (mode, id)
);

-- Which usage was paid with which grant when it happened: invoices bill the rest.
create table credit_burns (
  mode text not null,
  subscription_id text not null,
  feature_key text not null,
  bucket_at timestamptz not null,
  grant_id text not null,
  unit text not null,
  units numeric(38, 12) not null,
  amount numeric(38, 12) not null,
  primary key (mode, subscription_id, feature_key, bucket_at, grant_id),
  foreign key (mode, grant_id) references credit_grants (mode, id)
) with (fillfactor = 50);

-- Money credits that invoices take for usage, or with a minus give back: held while the invoice may change, burned once
-- it is final.
create table invoice_credits (
  mode text not null,
  invoice_id text not null,
  line_key text not null,
  -- Empty is the debt of a customer who pays with credits only.
  grant_id text not null,
  amount_minor bigint not null check (amount_minor <> 0),
  state text not null check (state in ('held', 'burned')),
  primary key (mode, invoice_id, line_key, grant_id),
  foreign key (mode, invoice_id) references invoices (mode, id)
);

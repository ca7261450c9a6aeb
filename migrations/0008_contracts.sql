-- What a subscription was sold under and when, what of it was billed, and where our numbers and Stripe's differ.

-- One stay on one plan version under the same overrides: from a start, a change or a migration to the next. What a subscription is billed
-- under now stands in its own row as well; this is its history, without which no old invoice could be explained.
create table subscription_stays (
  mode text not null,
  subscription_id text not null,
  ordinal integer not null,
  plan_version_id text not null,
  starting_phase_key text,
  starts_at timestamptz not null,
  ends_at timestamptz check (ends_at >= starts_at),
  starts_by text not null check (starts_by in ('subscribe', 'change', 'migrate', 'override', 'resume')),
  ends_by text check (ends_by in ('change', 'migrate', 'override', 'cancel', 'pause')),
  fees_from timestamptz,
  -- Null leaves it to the plan's alignment.
  billing_anchor timestamptz,
  usage_anchor timestamptz,
  -- When the starting phase really ends, where that is not what its duration says: a trial as Stripe counts it, a
  -- phase that had begun before the stay did.
  phase_ends_at timestamptz,
  -- Its first period is billed by us, because Stripe's subscription bills from the second on.
  is_opened_here boolean not null default false,
  overrides jsonb not null default '{}',
  primary key (mode, subscription_id, ordinal),
  foreign key (mode, subscription_id) references subscriptions (mode, id),
  foreign key (mode, plan_version_id) references plan_versions (mode, id)
);

-- An add-on as a subscription has it, from when until when. Another quantity is another row.
create table held_add_ons (
  mode text not null,
  subscription_id text not null,
  add_on_version_id text not null,
  quantity integer not null check (quantity > 0),
  starts_at timestamptz not null,
  ends_at timestamptz check (ends_at > starts_at),
  primary key (mode, subscription_id, add_on_version_id, starts_at),
  foreign key (mode, subscription_id) references subscriptions (mode, id),
  foreign key (mode, add_on_version_id) references plan_versions (mode, id)
);

-- What single events gave a meter. Sums and counts have their rollups besides; the other aggregations are worked out from
-- these, exactly, and a voided event takes its rows along.
create table usage_readings (
  mode text not null,
  subscription_id text not null,
  meter_key text not null,
  at timestamptz not null,
  source text not null,
  event_id text not null,
  bucket_at timestamptz not null,
  customer_id text not null,
  api_key_id text not null default '',
  dimension text not null default '',
  value numeric(38, 12) not null,
  -- What `unique` counts.
  text text not null,
  primary key (mode, subscription_id, meter_key, at, source, event_id)
);
create index usage_readings_event on usage_readings (mode, source, event_id);

-- What is on final invoices, charge by charge: a fee for the time it is for, usage as it was known when it was billed.
-- What is not here has not been billed, whatever happened to the invoice it was meant for. Usage that comes or is
-- corrected afterwards is the difference to this; so is the credit for a fee.
create table billed_charges (
  mode text not null,
  subscription_id text not null,
  -- Names the charge, whoever made the line: what it is, of which plan version, phase and card, from when.
  line_key text not null,
  kind text not null check (kind in ('fee', 'usage')),
  plan_key text not null,
  plan_version integer not null,
  phase_key text not null,
  rate_card_key text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  invoice_id text not null,
  -- Before and after coupons; for usage a minimum or maximum that was agreed is part of it.
  gross_minor bigint not null,
  amount_minor bigint not null,
  -- The answers usage was charged by, and the discounts on it.
  reading jsonb,
  discounts jsonb not null default '[]',
  -- By the real clock, like the usage it is compared with.
  read_at timestamptz not null,
  primary key (mode, subscription_id, line_key),
  foreign key (mode, subscription_id) references subscriptions (mode, id),
  foreign key (mode, invoice_id) references invoices (mode, id)
);
create index billed_charges_time on billed_charges (mode, subscription_id, ends_at);

-- Lines we put on Stripe's invoices: written before Stripe is asked, one for each line of each invoice.
create table invoice_items (
  mode text not null,
  id text not null,
  customer_id text not null,
  subscription_id text not null,
  invoice_id text not null,
  line_key text not null,
  description text not null,
  amount_minor bigint not null,
  currency text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  rate_card_key text,
  derivation jsonb not null,
  -- The charge it becomes when the invoice is final.
  charge jsonb not null,
  -- `wanted`: Stripe is to show it as it stands here. `shown`: it does. `unwanted`: Stripe shows it and should not.
  state text not null check (state in ('wanted', 'shown', 'unwanted')),
  stripe_item_id text,
  revision integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (mode, id),
  unique (mode, invoice_id, line_key),
  foreign key (mode, invoice_id) references invoices (mode, id)
);
create index invoice_items_unsettled on invoice_items (mode, invoice_id) where state in ('wanted', 'unwanted');
create index invoice_items_stripe on invoice_items (mode, stripe_item_id);

-- Usage up to here is what the invoice is about, and fees from here on.
alter table invoices add column closes_at timestamptz;
-- What the line is to our rules; null for what somebody made in Stripe.
alter table invoice_lines add column line_key text;
create index invoice_lines_key on invoice_lines (mode, line_key);
alter table invoices add column finalizes_at timestamptz;
-- When what we add to a draft was last worked out; null while nobody has.
alter table invoices add column completed_at timestamptz;
create index invoices_drafts on invoices (mode, created_at) where state = 'draft';

-- Where what we know and what Stripe knows differ. Never corrected in silence: repaired, explained or decided upon.
create table findings (
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  category text not null check (category in ('amount', 'rounding', 'missing_local', 'missing_remote', 'status', 'currency', 'mode', 'orphan', 'late', 'drift')),
  state text not null default 'open' check (state in ('open', 'explained', 'repaired', 'dismissed')),
  subject_kind text not null,
  subject_id text not null,
  customer_id text,
  summary text not null,
  ours jsonb,
  theirs jsonb,
  -- The same difference found again is the same row.
  dedupe_key text not null,
  note text,
  found_at timestamptz not null,
  seen_at timestamptz not null,
  settled_at timestamptz,
  primary key (mode, id),
  unique (mode, dedupe_key)
);
create index findings_open on findings (mode, id desc) where state = 'open';
create index findings_subject on findings (mode, subject_kind, subject_id);

-- A change of plan: what was quoted, then how far it has come. Written before Stripe is asked; at most one is under way.
create table plan_changes (
  mode text not null,
  id text not null,
  customer_id text not null,
  subscription_id text not null,
  target_version_id text not null,
  -- What the subscription has on top of it afterwards, like its own column.
  add_ons jsonb not null default '[]',
  -- Null where the plan stays as it is and only add-ons change.
  starts_by text check (starts_by in ('change', 'migrate', 'override')),
  state text not null check (state in ('quoted', 'executing', 'awaiting_payment', 'scheduled', 'set_aside', 'applied', 'canceled', 'failed')),
  way text not null check (way in ('in_stripe', 'leave', 'here', 'checkout')),
  -- The version of the subscription the quote was made of, and a hash of everything it says.
  subscription_version integer not null,
  hash text not null,
  quote jsonb not null,
  quoted_at timestamptz not null,
  effective_at timestamptz not null,
  -- Until when the quote is good; of one that waits for its payment, until when it can be paid.
  expires_at timestamptz not null,
  -- The invoice of ours that has the fees and credits of the change, where Stripe does not make it.
  invoice_id text,
  stripe_invoice_id text,
  stripe_schedule_id text,
  -- Stripe's subscription that billed the old plan; its end is not the end of ours.
  left_stripe_id text,
  payment_url text,
  -- Something is left to do in Stripe: items of the old plan to take off, a schedule to let go.
  has_loose_ends boolean not null default false,
  error text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (mode, id),
  foreign key (mode, customer_id) references customers (mode, id),
  foreign key (mode, subscription_id) references subscriptions (mode, id),
  foreign key (mode, target_version_id) references plan_versions (mode, id)
);
create unique index plan_changes_one_open on plan_changes (mode, subscription_id)
  where state in ('executing', 'awaiting_payment', 'scheduled');
create unique index plan_changes_one_set_aside on plan_changes (mode, subscription_id) where state = 'set_aside';
create index plan_changes_unfinished on plan_changes (mode, updated_at) where state = 'executing' or has_loose_ends;
create index plan_changes_subscription on plan_changes (mode, subscription_id, id);
create index plan_changes_left on plan_changes (mode, left_stripe_id) where left_stripe_id is not null;
create index plan_changes_invoice on plan_changes (mode, invoice_id) where invoice_id is not null;

-- The schedule by which Stripe charges the later phases of a plan: what was asked for before it is asked, then what there is.
create table phase_schedules (
  mode text not null,
  subscription_id text not null,
  -- Of one attempt; a later one has another.
  attempt_id text not null,
  state text not null check (state in ('asking', 'set', 'none')),
  stripe_schedule_id text,
  -- What the subscription was charged to then: each phase puts that back.
  stripe_payment_method_id text,
  -- Of the phases it has; null where there are none.
  hash text,
  -- What was looked at when that was decided.
  subscription_version integer not null,
  -- Somebody asks Stripe for something that a schedule would stand in the way of; void after that time of this machine.
  apart_until timestamptz,
  updated_at timestamptz not null,
  primary key (mode, subscription_id),
  foreign key (mode, subscription_id) references subscriptions (mode, id)
);

-- Subscribers of a plan on their way to another version of it. Each goes by a change of plan of its own; what stands here is
-- who is meant, what they were told, and how far they are.
create table plan_migrations (
  mode text not null,
  id text not null,
  plan_key text not null,
  to_version_id text not null,
  timing text not null check (timing in ('at_renewal', 'immediate')),
  -- Nobody is moved earlier than this after being told.
  notice_days integer not null check (notice_days >= 0),
  audience jsonb not null,
  state text not null check (state in ('running', 'finished', 'canceled')),
  requested_by text not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  primary key (mode, id),
  foreign key (mode, plan_key) references plans (mode, key),
  foreign key (mode, to_version_id) references plan_versions (mode, id)
);
create unique index plan_migrations_one_running on plan_migrations (mode, plan_key) where state = 'running';

create table plan_migration_members (
  mode text not null,
  migration_id text not null,
  subscription_id text not null,
  customer_id text not null,
  from_version integer not null,
  state text not null check (state in ('waiting', 'scheduled', 'moved', 'excluded', 'skipped', 'canceled')),
  -- Why it was left out.
  reason text,
  change_id text,
  noticed_at timestamptz,
  updated_at timestamptz not null,
  primary key (mode, migration_id, subscription_id),
  foreign key (mode, migration_id) references plan_migrations (mode, id),
  foreign key (mode, subscription_id) references subscriptions (mode, id)
);
create index plan_migration_members_open on plan_migration_members (mode, migration_id, updated_at)
  where state in ('waiting', 'scheduled');

-- An invoice whose lines are all ours: written before Stripe is asked, one for each period that is closed.
alter table invoices add column is_ours boolean not null default false;
create unique index invoices_one_for_a_period on invoices (mode, subscription_id, kind, closes_at)
  where is_ours and kind <> 'change';
-- Stripe was asked in vain to show it: how often, and when to ask again.
alter table invoices add column show_attempts integer not null default 0;
alter table invoices add column show_after timestamptz;
create index invoices_unshown on invoices (mode, show_attempts, created_at) where is_ours and not is_offline and state = 'draft';

-- A run over everything whose period has ended. What is left to do is in the periods themselves, so a run that was cut off
-- goes on where it stopped, and a second one finds nothing to do.
create table billing_runs (
  mode text not null,
  id text not null,
  state text not null check (state in ('running', 'finished')),
  until timestamptz not null,
  requested_by text not null,
  total integer not null,
  closed integer not null default 0,
  failed integer not null default 0,
  -- The last few subscriptions that failed, and why.
  failures jsonb not null default '[]',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  finished_at timestamptz,
  primary key (mode, id)
);

-- Invoices as Stripe or we made them, their lines with the reason for every cent, and the money that came in.

create table invoices (
  mode text not null,
  id text not null,
  customer_id text not null,
  subscription_id text,
  kind text not null check (kind in ('first', 'period', 'change', 'pause', 'resume', 'final', 'manual')),
  number text,
  state text not null check (state in ('draft', 'open', 'paid', 'void', 'uncollectible')),
  currency text not null,
  subtotal_minor bigint not null,
  discount_minor bigint not null default 0,
  tax_minor bigint not null default 0,
  total_minor bigint not null,
  amount_due_minor bigint not null,
  amount_paid_minor bigint not null default 0,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  issued_at timestamptz,
  -- Charged when it is final, or sent with a date to pay it by.
  collection text not null default 'charge_automatically'
    check (collection in ('charge_automatically', 'send_invoice')),
  -- Of a draft of ours that will be sent.
  days_until_due integer,
  due_at timestamptz,
  paid_at timestamptz,
  attempt_count integer not null default 0,
  next_attempt_at timestamptz,
  stripe_invoice_id text,
  hosted_url text,
  pdf_url text,
  -- Rendered by us and settled by an operator: Stripe knows nothing of it.
  is_offline boolean not null default false,
  -- What an operator named when they marked it paid: a transfer, a cheque.
  payment_reference text,
  -- Which fetch this state is from; an older fetch never overwrites a newer one.
  provider_ticket bigint not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (mode, id),
  unique (mode, stripe_invoice_id),
  foreign key (mode, customer_id) references customers (mode, id),
  foreign key (mode, subscription_id) references subscriptions (mode, id)
);
create index invoices_customer on invoices (mode, customer_id, id desc);
create index invoices_subscription on invoices (mode, subscription_id);
create index invoices_issued on invoices (mode, issued_at);
create index invoices_paid_offline on invoices (mode, paid_at) where is_offline;

-- The last number given to an invoice of ours; taken in the transaction that issues it, so that none is missing.
create table invoice_numbers (
  mode text not null primary key check (mode in ('test', 'live')),
  last bigint not null
);

create table invoice_lines (
  mode text not null,
  id text not null,
  invoice_id text not null,
  position integer not null,
  rate_card_key text,
  description text not null,
  quantity numeric(38, 12),
  unit_amount_decimal numeric(38, 12),
  amount_minor bigint not null,
  is_proration boolean not null default false,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  -- How the amount came about, step by step; kept with the line for good.
  derivation jsonb,
  stripe_line_id text,
  primary key (mode, id),
  unique (mode, invoice_id, position),
  foreign key (mode, invoice_id) references invoices (mode, id)
);

create table payments (
  mode text not null,
  id text not null,
  customer_id text not null,
  invoice_id text,
  amount_minor bigint not null,
  refunded_minor bigint not null default 0,
  currency text not null,
  state text not null check (state in ('pending', 'requires_action', 'processing', 'succeeded', 'failed', 'canceled', 'partially_refunded', 'refunded', 'disputed', 'disputed_lost')),
  failure_code text,
  failure_message text,
  method jsonb,
  receipt_url text,
  stripe_payment_intent_id text,
  stripe_charge_id text,
  -- Which fetch this state is from; an older fetch never overwrites a newer one.
  provider_ticket bigint not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (mode, id),
  unique (mode, stripe_payment_intent_id),
  foreign key (mode, customer_id) references customers (mode, id),
  foreign key (mode, invoice_id) references invoices (mode, id)
);
create index payments_customer on payments (mode, customer_id, id desc);

create table payment_methods (
  mode text not null,
  id text not null,
  customer_id text not null,
  type text not null,
  brand text,
  last_four text,
  expires_month integer,
  expires_year integer,
  is_default boolean not null default false,
  stripe_payment_method_id text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  removed_at timestamptz,
  primary key (mode, id),
  unique (mode, stripe_payment_method_id),
  foreign key (mode, customer_id) references customers (mode, id)
);
create index payment_methods_customer on payment_methods (mode, customer_id);

-- Stripe's events, stored before they are answered and applied afterwards: a state machine, not a list of seen ids.
create table stripe_events (
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  account text not null default '',
  type text not null,
  object_kind text not null,
  object_id text,
  customer_id text,
  api_version text,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  source text not null check (source in ('webhook', 'poll', 'replay')),
  -- Emptied after ninety days; the row stays, it is what recognizes a duplicate.
  body jsonb,
  state text not null check (state in ('received', 'processed', 'ignored', 'parked', 'failed', 'dead')),
  attempts integer not null default 0,
  next_at timestamptz not null,
  lease_until timestamptz,
  error text,
  settled_at timestamptz,
  primary key (mode, id)
) with (fillfactor = 70);
create index stripe_events_due on stripe_events (next_at, occurred_at, id) where state in ('received', 'failed', 'parked');
create index stripe_events_object on stripe_events (mode, object_id, occurred_at);
create index stripe_events_customer on stripe_events (mode, customer_id, occurred_at desc, id desc) where customer_id is not null;
create index stripe_events_recent on stripe_events (mode, received_at desc);

-- A message to a person, once: the dedupe key says what it is about.
create table notifications (
  mode text not null,
  id text not null,
  template text not null,
  customer_id text,
  recipient text not null,
  dedupe_key text not null,
  payload jsonb not null,
  state text not null default 'pending' check (state in ('pending', 'sent', 'failed')),
  created_at timestamptz not null,
  sent_at timestamptz,
  primary key (mode, id),
  unique (mode, dedupe_key)
);

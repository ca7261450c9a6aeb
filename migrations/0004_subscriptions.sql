-- Who bought what, since when, until when, and how they pay for it.

create table subscriptions (
  mode text not null,
  id text not null,
  customer_id text not null,
  plan_key text not null,
  plan_version_id text not null,
  phase_key text not null,
  phase_starts_at timestamptz not null,
  currency text not null,
  engine text not null check (engine in ('stripe_subscription', 'stripe_invoice', 'offline')),
  collection text not null check (collection in ('charge_automatically', 'send_invoice', 'none')),
  -- The lifecycle is derived from these, never stored.
  starts_at timestamptz not null,
  activated_at timestamptz,
  trial_ends_at timestamptz,
  paused_at timestamptz,
  -- When it goes on by itself, and from when on it is asked to: what that costs may still have to be paid.
  resumes_at timestamptz,
  resuming_at timestamptz,
  cancel_at timestamptz,
  cancel_requested_at timestamptz,
  ends_at timestamptz,
  end_reason text,
  -- Set when nothing is left to bill; until then the subscription counts as the customer's open one.
  closed_at timestamptz,
  billing_anchor timestamptz not null,
  usage_anchor timestamptz not null,
  payment_status text not null check (payment_status in ('not_required', 'pending', 'paid', 'failed', 'uncollectible')),
  overdue_since timestamptz,
  provider_status text,
  -- Which fetch this state is from; an older fetch never overwrites a newer one.
  provider_ticket bigint not null default 0,
  -- allow_until or deny, set by an operator, wins over everything.
  access_override jsonb,
  overrides jsonb not null default '{}',
  -- What it has on top of its plan now: versions of add-ons, and how often. Since when, their own table says.
  add_ons jsonb not null default '[]',
  is_exclusive boolean not null default true,
  metadata jsonb not null default '{}',
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (mode, id),
  foreign key (mode, customer_id) references customers (mode, id),
  foreign key (mode, plan_version_id) references plan_versions (mode, id)
);
create unique index subscriptions_one_open on subscriptions (mode, customer_id) where closed_at is null and is_exclusive;
create index subscriptions_customer on subscriptions (mode, customer_id, id);
create index subscriptions_plan on subscriptions (mode, plan_version_id);
create index subscriptions_overrides_ending on subscriptions (mode, id) where closed_at is null and overrides ? 'until';
create index subscriptions_ending on subscriptions (mode, least(ends_at, cancel_at)) where closed_at is null;

-- Periods as they are billed. The row is the queue of the billing run: due when it has ended and is not closed.
create table billing_periods (
  mode text not null,
  id text not null,
  subscription_id text not null,
  ordinal integer not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  plan_version_id text not null,
  state text not null default 'open' check (state in ('open', 'closing', 'closed')),
  lease_until timestamptz,
  closed_at timestamptz,
  primary key (mode, id),
  unique (mode, subscription_id, ordinal),
  foreign key (mode, subscription_id) references subscriptions (mode, id),
  foreign key (mode, plan_version_id) references plan_versions (mode, id)
);
create unique index billing_periods_one_open on billing_periods (mode, subscription_id) where state = 'open';
create index billing_periods_due on billing_periods (mode, ends_at) where state <> 'closed';

-- A purchase under way: written before Stripe is asked, so that no payment is ever without a row.
create table checkout_intents (
  mode text not null,
  id text not null,
  customer_id text not null,
  plan_version_id text not null,
  currency text not null,
  kind text not null check (kind in ('subscription', 'setup', 'invoice')),
  state text not null check (state in ('open', 'completed', 'expired', 'failed')),
  stripe_session_id text,
  url text,
  subscription_id text,
  -- The coupon it is bought with; the redemption that holds its place has the intent's id.
  coupon_key text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (mode, id),
  foreign key (mode, customer_id) references customers (mode, id),
  foreign key (mode, plan_version_id) references plan_versions (mode, id),
  foreign key (mode, subscription_id) references subscriptions (mode, id)
);
create unique index checkout_intents_one_open on checkout_intents (mode, customer_id) where state = 'open';
create unique index checkout_intents_session on checkout_intents (mode, stripe_session_id);

-- What is taken off, for how long. Never changed once made: whoever redeemed it keeps what was promised.
create table coupons (
  mode text not null check (mode in ('test', 'live')),
  key text not null check (key ~ '^[a-z0-9_]{1,64}$'),
  definition jsonb not null,
  created_at timestamptz not null,
  archived_at timestamptz,
  primary key (mode, key)
);

-- A word customers type in for a coupon; kept in capitals, so that it is one however it is written.
create table promotion_codes (
  mode text not null,
  code text not null check (code = upper(code)),
  coupon_key text not null,
  max_redemptions integer check (max_redemptions > 0),
  expires_at timestamptz,
  -- The only customer who may use it.
  customer_id text,
  created_at timestamptz not null,
  deactivated_at timestamptz,
  primary key (mode, code),
  foreign key (mode, coupon_key) references coupons (mode, key),
  foreign key (mode, customer_id) references customers (mode, id)
);
create index promotion_codes_coupon on promotion_codes (mode, coupon_key, code);

-- A place among those who may redeem a coupon: held from the purchase on, so that the last one is given away once.
create table coupon_redemptions (
  mode text not null,
  -- That of the purchase.
  id text not null,
  coupon_key text not null,
  code text not null,
  customer_id text not null,
  subscription_id text,
  state text not null check (state in ('held', 'active', 'released')),
  starts_at timestamptz,
  -- Invoices from here on are whole again; null is never, or after the first.
  ends_at timestamptz,
  -- The invoice that a coupon for one invoice was used up by, where we make it.
  used_by_invoice_id text,
  created_at timestamptz not null,
  primary key (mode, id),
  foreign key (mode, coupon_key) references coupons (mode, key),
  foreign key (mode, code) references promotion_codes (mode, code),
  foreign key (mode, customer_id) references customers (mode, id),
  foreign key (mode, subscription_id) references subscriptions (mode, id)
);
create unique index coupon_redemptions_once on coupon_redemptions (mode, coupon_key, customer_id) where state <> 'released';
create index coupon_redemptions_code on coupon_redemptions (mode, code) where state <> 'released';
create index coupon_redemptions_subscription on coupon_redemptions (mode, subscription_id) where state = 'active';

-- Who may choose a private plan. Accepted once, by the address or the customer it is for.
create table plan_invitations (
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  plan_key text not null,
  email text check (email = lower(email)),
  customer_id text,
  -- Of the token in the mail, which is kept nowhere else.
  token_hash text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  -- The customer whose it is since then.
  accepted_by text,
  revoked_at timestamptz,
  primary key (mode, id),
  unique (mode, token_hash),
  check ((email is null) <> (customer_id is null)),
  check ((accepted_at is null) = (accepted_by is null)),
  foreign key (mode, plan_key) references plans (mode, key),
  foreign key (mode, customer_id) references customers (mode, id),
  foreign key (mode, accepted_by) references customers (mode, id)
);
create index plan_invitations_plan on plan_invitations (mode, plan_key, id);
create index plan_invitations_accepted on plan_invitations (mode, accepted_by) where revoked_at is null;

create table api_keys (
  mode text not null,
  id text not null,
  customer_id text not null,
  subscription_id text,
  name text not null,
  start text not null,
  last_four text not null,
  hash text not null unique,
  -- Kept only until it has been shown once.
  sealed_secret text,
  scopes text[] not null default '{}',
  allowed_ips text[] not null default '{}',
  state text not null check (state in ('active', 'disabled', 'revoked')),
  rotated_to_id text,
  expires_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null,
  revoked_at timestamptz,
  primary key (mode, id),
  foreign key (mode, customer_id) references customers (mode, id),
  foreign key (mode, subscription_id) references subscriptions (mode, id)
);
create index api_keys_customer on api_keys (mode, customer_id, id);
create index api_keys_subscription on api_keys (mode, subscription_id);

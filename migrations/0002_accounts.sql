-- People and the accounts they act for. Operators and portal users are separate populations with separate sessions:
-- nobody becomes an operator by signing up.

create table users (
  id text primary key,
  name text not null,
  email text not null unique,
  email_verified boolean not null default false,
  image text,
  two_factor_enabled boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create table user_sessions (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index user_sessions_user on user_sessions (user_id);
create table user_accounts (
  id text primary key,
  account_id text not null,
  provider_id text not null,
  user_id text not null references users (id) on delete cascade,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index user_accounts_user on user_accounts (user_id);
create table user_verifications (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index user_verifications_identifier on user_verifications (identifier);

create table operators (like users including all);
create table operator_sessions (like user_sessions including all);
alter table operator_sessions add foreign key (user_id) references operators (id) on delete cascade;
create table operator_accounts (like user_accounts including all);
alter table operator_accounts add foreign key (user_id) references operators (id) on delete cascade;
create table operator_verifications (like user_verifications including all);

create table operator_roles (
  operator_id text not null references operators (id) on delete cascade,
  role text not null check (role in ('super_admin', 'support_admin', 'finance_admin', 'developer', 'read_only')),
  granted_by text,
  granted_at timestamptz not null,
  primary key (operator_id, role)
);

-- Credentials of an operator's programs: the CLI, scripts, CI.
create table operator_tokens (
  id text primary key,
  operator_id text not null references operators (id) on delete cascade,
  name text not null,
  start text not null,
  hash text not null unique,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);

-- A clock of Stripe's, or of the simulator's, that some test customers live on.
create table test_clocks (
  mode text not null default 'test' check (mode = 'test'),
  id text not null,
  name text not null,
  now_at timestamptz not null,
  stripe_clock_id text not null,
  created_at timestamptz not null,
  primary key (mode, id)
);

create table customers (
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  key text not null check (key ~ '^[a-z0-9_-]{1,64}$'),
  name text not null,
  email text,
  currency text,
  time_zone text not null default 'UTC',
  billing_mode text not null default 'postpaid' check (billing_mode in ('free', 'postpaid', 'prepaid')),
  max_payment_overdue_days numeric(8, 3) check (max_payment_overdue_days >= 0),
  test_clock_id text,
  metadata jsonb not null default '{}',
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  closed_at timestamptz,
  primary key (mode, id),
  unique (mode, key),
  foreign key (mode, test_clock_id) references test_clocks (mode, id)
);
create index customers_email on customers (mode, lower(email));

-- Reasons stack: lifting one never lifts another.
create table customer_suspensions (
  mode text not null,
  customer_id text not null,
  reason text not null check (reason in ('payment', 'payment_method_removed', 'subscription_deleted', 'abuse', 'operator', 'owner_suspended', 'dispute')),
  note text,
  suspended_at timestamptz not null,
  primary key (mode, customer_id, reason),
  foreign key (mode, customer_id) references customers (mode, id)
);

create table members (
  mode text not null,
  customer_id text not null,
  user_id text not null references users (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'developer', 'billing', 'viewer')),
  created_at timestamptz not null,
  primary key (mode, customer_id, user_id),
  foreign key (mode, customer_id) references customers (mode, id)
);
create index members_user on members (user_id, mode);

-- Who was asked to act for an account. Accepted once, by the address it was sent to.
create table member_invitations (
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  customer_id text not null,
  email text not null check (email = lower(email)),
  role text not null check (role in ('owner', 'admin', 'developer', 'billing', 'viewer')),
  -- Of the token in the mail, which is kept nowhere else.
  token_hash text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz,
  primary key (mode, id),
  unique (mode, token_hash),
  foreign key (mode, customer_id) references customers (mode, id)
);
-- One link works at a time.
create unique index member_invitations_open on member_invitations (mode, customer_id, email)
  where accepted_at is null and revoked_at is null;

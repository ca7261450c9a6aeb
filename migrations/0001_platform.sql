-- What every part stands on: deferred work, recurring work, mail without a mail server, settings, audit.

create table jobs (
  id text primary key,
  queue text not null,
  key text,
  payload jsonb not null,
  run_at timestamptz not null,
  attempts integer not null default 0,
  max_attempts integer not null,
  lease_until timestamptz,
  is_wanted_again boolean not null default false,
  state text not null default 'ready' check (state in ('ready', 'done', 'dead')),
  last_error text,
  created_at timestamptz not null,
  done_at timestamptz
) with (fillfactor = 70);
create unique index jobs_key on jobs (queue, key) where key is not null;
create index jobs_due on jobs (run_at, id) where state = 'ready';

create table schedules (
  name text primary key,
  next_at timestamptz not null
);

create table mailbox_messages (
  id text primary key,
  recipient text not null,
  subject text not null,
  text text not null,
  html text not null,
  sent_at timestamptz not null
);

-- Answers of requests that carried an Idempotency-Key, so that a retry gets the first answer again.
create table idempotency_records (
  scope text not null,
  key text not null,
  request_hash text not null,
  status integer,
  body text,
  locked_until timestamptz,
  -- The request that was billed under the key, when its answer was not kept: whoever repeats it pays no second time.
  billed_by text,
  -- Taken over from a holder that died, whose usage may still come to be counted.
  is_taken_over boolean not null default false,
  expires_at timestamptz not null,
  primary key (scope, key)
);
create index idempotency_records_expiry on idempotency_records (expires_at);

-- Settings an operator may change at run time. The scope is a mode, or 'installation' for what both share.
create table settings (
  scope text not null check (scope in ('installation', 'test', 'live')),
  key text not null,
  value jsonb,
  sealed_value text,
  updated_at timestamptz not null,
  primary key (scope, key),
  check ((value is null) <> (sealed_value is null))
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = '42501';
end $$;

-- Who did what. Each entry's hash covers the one before it, so that a missing or altered entry shows.
create table audit_entries (
  mode text not null check (mode in ('test', 'live')),
  id text not null,
  position bigint not null,
  at timestamptz not null,
  -- When it was for whom it is about: test mode may live ahead of the machine's time.
  happened_at timestamptz not null,
  actor_kind text not null check (actor_kind in ('operator', 'member', 'key', 'system', 'stripe')),
  actor_id text,
  actor_role text,
  action text not null,
  target_kind text not null,
  target_id text not null,
  customer_id text,
  before jsonb,
  after jsonb,
  ip text,
  user_agent text,
  request_id text,
  previous_hash text not null,
  hash text not null,
  primary key (mode, id),
  unique (mode, position)
);
create index audit_entries_target on audit_entries (mode, target_kind, target_id, position desc);
create index audit_entries_customer on audit_entries (mode, customer_id, position desc);
create index audit_entries_timeline on audit_entries (mode, customer_id, happened_at desc, position desc) where customer_id is not null;
create trigger audit_entries_append_only before update or delete on audit_entries
  for each row execute function refuse_change();

import { sql } from 'kysely'
import type { Currency } from '../../kit/currency.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Period } from '../../kit/period.ts'
import type { Db } from '../../platform/database/database.ts'
import type { CashRow } from './cash.ts'

/** A subscription as far as its revenue goes. */
export interface EarningRow {
  readonly id: string
  readonly customerId: string
  readonly currency: Currency
  readonly planKey: string
  readonly isFailing: boolean
  /** From when on nobody believes any more that it is paid. */
  readonly givenUpAt: Instant | null
}

/** Subscriptions that began before an instant and were to one of the versions at some time, in the order of their ids. */
export async function listEarning(
  db: Db,
  mode: Mode,
  versionIds: readonly string[],
  before: Instant,
  page: { readonly after: string; readonly limit: number },
): Promise<EarningRow[]> {
  const { rows } = await sql<Omit<EarningRow, 'givenUpAt'> & { givenUpAt: Date | null }>`
    select s.id, s.customer_id, s.currency, s.plan_key,
      s.payment_status = 'failed' and s.closed_at is null as is_failing,
      case when s.payment_status = 'uncollectible' then coalesce(
        (select max(d.closed_at) from invoices i
          join dunning_cases d on d.mode = i.mode and d.invoice_id = i.id and d.state = 'exhausted'
          where i.mode = s.mode and i.subscription_id = s.id),
        s.overdue_since, s.updated_at) end as given_up_at
    from subscriptions s
    where s.mode = ${mode} and s.id > ${page.after} and s.activated_at is not null
      and s.starts_at < ${new Date(before)}
      and exists (select from subscription_stays t
        where t.mode = s.mode and t.subscription_id = s.id and t.plan_version_id = any(${[...versionIds]}))
    order by s.id limit ${page.limit}`.execute(db)
  return rows.map((row) => ({ ...row, givenUpAt: row.givenUpAt?.getTime() ?? null }))
}

export interface PlanCount {
  readonly planKey: string
  readonly subscriptions: number
}

/** Subscriptions that give access, by plan, and the customers who have one. */
export async function countActive(
  db: Db,
  mode: Mode,
): Promise<{ customers: number; plans: PlanCount[] }> {
  const active = db
    .selectFrom('subscriptions')
    .where('mode', '=', mode)
    .where('closedAt', 'is', null)
    .where('activatedAt', 'is not', null)
    .where('pausedAt', 'is', null)
  const [plans, customers] = await Promise.all([
    active
      .select(({ fn }) => ['planKey', fn.countAll<bigint>().as('count')])
      .groupBy('planKey')
      .orderBy('planKey')
      .execute(),
    active
      .select(({ fn }) => fn.count<bigint>('customerId').distinct().as('count'))
      .executeTakeFirstOrThrow(),
  ])
  return {
    customers: Number(customers.count),
    plans: plans.map(({ planKey, count }) => ({ planKey, subscriptions: Number(count) })),
  }
}

/** Money as it was asked for, came in and went back, by day or month (UTC) or by plan. */
export async function cashBy(
  db: Db,
  mode: Mode,
  group: 'day' | 'month' | 'plan',
  { startsAt, endsAt }: Period,
): Promise<CashRow[]> {
  const [from, to] = [new Date(startsAt), new Date(endsAt)]
  const { rows } = await sql<CashRow>`
    with moved as (
      select issued_at as at, currency, subscription_id,
        total_minor as invoiced, 0 as collected, 0 as refunded, 0 as lost
      from invoices where mode = ${mode} and issued_at >= ${from} and issued_at < ${to}
        and state not in ('draft', 'void')
      union all
      select a.attempted_at, a.currency, i.subscription_id, 0, a.amount_minor, 0, 0
      from payment_attempts a
      left join invoices i on i.mode = a.mode and i.id = a.invoice_id
      where a.mode = ${mode} and a.state = 'succeeded'
        and a.attempted_at >= ${from} and a.attempted_at < ${to}
      union all
      select paid_at, currency, subscription_id, 0, amount_paid_minor, 0, 0
      from invoices where mode = ${mode} and is_offline and state = 'paid'
        and paid_at >= ${from} and paid_at < ${to}
      union all
      select r.settled_at, r.currency, i.subscription_id, 0, 0, r.amount_minor, 0
      from refunds r
      join payments p on p.mode = r.mode and p.id = r.payment_id
      left join invoices i on i.mode = p.mode and i.id = p.invoice_id
      where r.mode = ${mode} and r.state = 'succeeded'
        and r.settled_at >= ${from} and r.settled_at < ${to}
      union all
      select d.closed_at, d.currency, i.subscription_id, 0, 0, 0, d.amount_minor
      from disputes d
      join payments p on p.mode = d.mode and p.id = d.payment_id
      left join invoices i on i.mode = p.mode and i.id = p.invoice_id
      where d.mode = ${mode} and d.state = 'lost' and d.closed_at >= ${from} and d.closed_at < ${to}
    )
    select ${groupOf(group)} as "group", m.currency,
      sum(m.invoiced)::bigint as invoiced_minor, sum(m.collected)::bigint as collected_minor,
      sum(m.refunded)::bigint as refunded_minor, sum(m.lost)::bigint as lost_minor
    from moved m
    left join subscriptions s on s.mode = ${mode} and s.id = m.subscription_id
    group by 1, 2 order by 1, 2`.execute(db)
  return rows
}

function groupOf(group: 'day' | 'month' | 'plan') {
  if (group === 'plan') return sql`coalesce(s.plan_key, '')`
  const format = group === 'day' ? 'YYYY-MM-DD' : 'YYYY-MM'
  return sql`to_char(m.at at time zone 'UTC', ${sql.lit(format)})`
}

export interface PaymentCounts {
  readonly currency: Currency
  readonly succeededAttempts: number
  readonly failedAttempts: number
  readonly paidInvoices: number
  readonly unpaidInvoices: number
  readonly collectedMinor: bigint
}

/** Tries to collect that were answered, and the invoices they were for: paid by one of them, or by none. */
export async function countPayments(
  db: Db,
  mode: Mode,
  { startsAt, endsAt }: Period,
): Promise<PaymentCounts[]> {
  const { rows } = await sql<Record<keyof PaymentCounts, string>>`
    with tried as (
      select currency, coalesce(invoice_id, payment_id) as demand, state, amount_minor
      from payment_attempts
      where mode = ${mode} and state <> 'pending'
        and attempted_at >= ${new Date(startsAt)} and attempted_at < ${new Date(endsAt)}
    ), demands as (
      select currency, demand, bool_or(state = 'succeeded') as is_paid,
        count(*) filter (where state = 'succeeded') as succeeded,
        count(*) filter (where state = 'failed') as failed,
        coalesce(sum(amount_minor) filter (where state = 'succeeded'), 0) as collected
      from tried group by currency, demand
    )
    select currency, sum(succeeded) as succeeded_attempts, sum(failed) as failed_attempts,
      count(*) filter (where is_paid) as paid_invoices,
      count(*) filter (where not is_paid) as unpaid_invoices, sum(collected) as collected_minor
    from demands group by currency order by currency`.execute(db)
  return rows.map((row) => ({
    currency: row.currency,
    succeededAttempts: Number(row.succeededAttempts),
    failedAttempts: Number(row.failedAttempts),
    paidInvoices: Number(row.paidInvoices),
    unpaidInvoices: Number(row.unpaidInvoices),
    collectedMinor: BigInt(row.collectedMinor),
  }))
}

export interface AfterSales {
  readonly openDisputes: number
  /** Of payments that were collected in the time. */
  readonly disputedPayments: number
  readonly medianDisputeSeconds: number | null
  readonly refunds: readonly { currency: Currency; count: number; amountMinor: bigint }[]
}

export async function afterSales(
  db: Db,
  mode: Mode,
  { startsAt, endsAt }: Period,
): Promise<AfterSales> {
  const [from, to] = [new Date(startsAt), new Date(endsAt)]
  const [disputes, refunds] = await Promise.all([
    sql<{ open: string; disputed: string; seconds: number | null }>`
      select
        (select count(*) from disputes where mode = ${mode} and closed_at is null) as open,
        (select count(distinct d.payment_id) from disputes d
          join payment_attempts a on a.mode = d.mode and a.payment_id = d.payment_id and a.state = 'succeeded'
          where d.mode = ${mode} and d.state not like 'warning%'
            and a.attempted_at >= ${from} and a.attempted_at < ${to}) as disputed,
        (select percentile_cont(0.5) within group (order by extract(epoch from closed_at - opened_at))::float8
          from disputes where mode = ${mode} and closed_at >= ${from} and closed_at < ${to}) as seconds`.execute(
      db,
    ),
    sql<{ currency: string; count: string; amountMinor: string }>`
      select currency, count(*) as count, sum(amount_minor) as amount_minor from refunds
      where mode = ${mode} and state = 'succeeded' and settled_at >= ${from} and settled_at < ${to}
      group by currency order by currency`.execute(db),
  ])
  const [row] = disputes.rows
  return {
    openDisputes: Number(row?.open ?? 0),
    disputedPayments: Number(row?.disputed ?? 0),
    medianDisputeSeconds: typeof row?.seconds === 'number' ? Math.round(row.seconds) : null,
    refunds: refunds.rows.map(({ currency, count, amountMinor }) => ({
      currency,
      count: Number(count),
      amountMinor: BigInt(amountMinor),
    })),
  }
}

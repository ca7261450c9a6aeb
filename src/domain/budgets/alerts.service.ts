import { type Decimal, formatDecimal, toExact } from '../../kit/decimal.ts'
import { DAY_MS, type Instant, MINUTE_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { formatMoney, roundToMoney } from '../../kit/money.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Accounts } from '../accounts/service.ts'
import { dayOf } from '../notifications/notification.ts'
import type { Notifications } from '../notifications/service.ts'
import type { Budget } from './budget.ts'
import type { BudgetReading, Budgets } from './service.ts'
import * as store from './store.ts'

const PAGE = 200
/** A run that was missed is made up for; a mail is sent once however often it is found due. */
const LOOK_BACK_MS = 10 * MINUTE_MS

export interface BudgetAlerts {
  /** Writes to those whose budgets have passed a share they want to hear of. */
  run(mode: Mode, now: Instant): Promise<void>
}

export function createBudgetAlerts(deps: {
  readonly database: Database
  readonly accounts: Accounts
  readonly budgets: Pick<Budgets, 'read'>
  readonly notifications: Notifications
}): BudgetAlerts {
  const { database, accounts, budgets, notifications } = deps

  async function alert(mode: Mode, customerId: string): Promise<void> {
    const { timeZone } = await accounts.get(mode, customerId)
    for (const reading of await budgets.read(mode, customerId)) {
      const percent = passedPercent(reading)
      if (percent === undefined) continue
      const { budget, used, window } = reading
      await database.transaction((tx) =>
        notifications.tell(tx, {
          mode,
          template: 'budget_threshold',
          customerId,
          payload: {
            budget: budget.name,
            percent,
            used: amountText(budget, used),
            limit: amountText(budget, budget.amount),
            resetsOn: resetText(budget, window.endsAt, timeZone),
            isHard: budget.isHard,
          },
          dedupeKey: `budget:${budget.id}:${window.startsAt}:${percent}`,
        }),
      )
    }
  }

  return {
    async run(mode, now) {
      for (let after = ''; ;) {
        const customers = await store.listCustomersUsing(
          database.db,
          mode,
          { updatedSince: now - LOOK_BACK_MS, bucketSince: now - 32 * DAY_MS },
          after,
          PAGE,
        )
        for (const customerId of customers) await alert(mode, customerId)
        if (customers.length < PAGE) return
        after = customers.at(-1) ?? ''
      }
    },
  }
}

/** The highest share that is passed: who passes several at once hears of the last. */
function passedPercent({ budget: { amount, alertPercents }, used }: BudgetReading) {
  return alertPercents.findLast(
    (percent) => toExact(used) * 100n >= toExact(amount) * BigInt(percent),
  )
}

/** Used money has as many digits as its price; people read those of the currency. */
function amountText({ measure }: Budget, amount: Decimal): string {
  return measure.kind === 'money'
    ? formatMoney(roundToMoney(toExact(amount), measure.currency))
    : `${formatDecimal(amount)} ${measure.meterKey}`
}

function resetText({ window }: Budget, endsAt: Instant, timeZone: string): string {
  if (window !== 'hour') return dayOf(endsAt, timeZone)
  return new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone,
  }).format(endsAt)
}

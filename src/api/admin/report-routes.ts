import { formatInstant } from '../../kit/instant.ts'
import { netOf } from '../../domain/revenue/cash.ts'
import { share } from '../../domain/revenue/movements.ts'
import type { CurrencyRevenue, Metrics } from '../../domain/revenue/service.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { moneyToApi } from '../to-api.ts'

/** Reports about money, for operators. */
export function reportRoutes({ revenue }: Services): Implementation[] {
  return [
    implement(contract.getMetrics, async ({ query }, { caller }) =>
      metricsToApi(await revenue.metrics(caller.mode, query)),
    ),

    implement(contract.getSubscriptionReport, async ({ query }, { caller }) => {
      const { every, ...asked } = query
      const rows = await revenue.subscriptions(caller.mode, asked, every)
      return { data: rows.map(intervalToApi) }
    }),

    implement(contract.getRevenueReport, async ({ query }, { caller }) => {
      const { groupBy, ...asked } = query
      const rows = await revenue.cash(caller.mode, asked, groupBy)
      const data = rows.map((row) => ({
        group: row.group === '' ? null : row.group,
        currency: row.currency,
        invoiced: moneyToApi(row.invoicedMinor, row.currency),
        collected: moneyToApi(row.collectedMinor, row.currency),
        refunded: moneyToApi(row.refundedMinor, row.currency),
        lostInDisputes: moneyToApi(row.lostMinor, row.currency),
        net: moneyToApi(netOf(row), row.currency),
      }))
      return { data }
    }),
  ]
}

function intervalToApi(row: CurrencyRevenue) {
  const { currency, movements } = row
  return {
    ...row,
    startsAt: formatInstant(row.startsAt),
    endsAt: formatInstant(row.endsAt),
    mrrAtStart: moneyToApi(row.startMinor, currency),
    new: moneyToApi(movements.new, currency),
    expansion: moneyToApi(movements.expansion, currency),
    reactivation: moneyToApi(movements.reactivation, currency),
    contraction: moneyToApi(movements.contraction, currency),
    churned: moneyToApi(movements.churned, currency),
    mrrAtEnd: moneyToApi(row.endMinor, currency),
  }
}

function metricsToApi({ period, revenue, trials, payments, afterSales, ...rest }: Metrics) {
  const sum = (of: (each: Metrics['payments'][number]) => number) =>
    payments.reduce((total, each) => total + of(each), 0)
  const failed = sum(({ failedAttempts }) => failedAttempts)
  const succeeded = sum(({ succeededAttempts }) => succeededAttempts)
  return {
    ...rest,
    plans: rest.plans.map((plan) => ({ ...plan })),
    period: { startsAt: formatInstant(period.startsAt), endsAt: formatInstant(period.endsAt) },
    revenue: revenue.map((row) => ({
      ...intervalToApi(row),
      arr: moneyToApi(row.endMinor * 12n, row.currency),
      atRisk: moneyToApi(row.atRiskMinor, row.currency),
      change: share(row.endMinor - row.startMinor, row.startMinor),
    })),
    trials: { ...trials, conversion: share(trials.converted, trials.ended) },
    payments: payments.map(({ collectedMinor, currency, ...counts }) => {
      const { succeededAttempts, failedAttempts, paidInvoices, unpaidInvoices } = counts
      return {
        currency,
        ...counts,
        failureRateByAttempt: share(failedAttempts, succeededAttempts + failedAttempts),
        failureRateByInvoice: share(unpaidInvoices, paidInvoices + unpaidInvoices),
        averagePayment:
          succeededAttempts === 0
            ? null
            : moneyToApi(collectedMinor / BigInt(succeededAttempts), currency),
      }
    }),
    paymentFailureRate: share(failed, failed + succeeded),
    disputes: {
      open: afterSales.openDisputes,
      rate: share(afterSales.disputedPayments, succeeded),
      medianResolutionSeconds: afterSales.medianDisputeSeconds,
    },
    refunds: afterSales.refunds.map(({ currency, count, amountMinor }) => {
      const collected = payments.find((each) => each.currency === currency)
      return {
        currency,
        count,
        amount: moneyToApi(amountMinor, currency),
        rate: share(count, collected?.succeededAttempts ?? 0),
        rateByAmount: share(amountMinor, collected?.collectedMinor ?? 0n),
      }
    }),
  }
}

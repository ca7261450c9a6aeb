import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import type { Clock } from '../../kit/clock.ts'
import type { CreditNews } from '../../domain/credits/spending/service.ts'
import type { Recalled } from '../../domain/entitlements/quota-authority.service.ts'
import type { LeaseAnswer, QuotaKey, Spending } from '../../domain/entitlements/quota.ts'
import { ZERO } from '../../kit/decimal.ts'
import { SECOND_MS } from '../../kit/instant.ts'
import type { Log } from '../../platform/log.ts'
import type { LimitBook } from './limit-book.ts'
import { Quota, type QuotaKeeper, type StockRule } from './quota.ts'
import type { DeskAsk, QuotaDesk } from './quota-desk.ts'

export interface QuotaBook {
  /** The quota of this window, the same object for all keys that share it. */
  get(key: QuotaKey, rule: StockRule): Quota
  /** False while the authority does not answer. */
  isReachable(): boolean
  /** Sends what is owed; resolves when the authority has it. */
  flush(): Promise<void>
  /** What is in stock comes back when the producer retires. */
  close(): void
  size(): number
}

interface QuotaBookOptions {
  readonly desk: QuotaDesk
  readonly limits: Pick<LimitBook, 'rate'>
  readonly producerId: string
  readonly clock: Clock
  readonly log: Log
}

interface Question {
  readonly quota: Quota
  readonly ask: DeskAsk
}

/** The authority is asked at most so often for what nobody waits for. */
const BATCH_MS = 100
const RECALL_WAIT_MS = 50
const ANSWER_DUE_MS = 500
const PROBE_MS = SECOND_MS
const SWEEP_MS = 15 * SECOND_MS
const IDLE_SWEEPS = 4
const MAX_BATCH = 1_000
/** What nobody spends goes back so many quotas a second: many keys that fall silent together are no burst. */
const IDLE_BATCH = 250
const IDLE_PAUSE_MS = SECOND_MS

export function createQuotaBook(options: QuotaBookOptions): QuotaBook {
  const { desk, limits, producerId, clock, log } = options
  const quotas = new Map<string, Quota>()
  const touched = new Set<Quota>()
  let isReachable = true
  let asking: Promise<void> | undefined
  let isUrgent = false
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  let idle: Quota[] = []
  const stopListening = desk.onRecall(recall)
  const sweepTimer = setInterval(sweep, SWEEP_MS)
  sweepTimer.unref()
  const keeper: QuotaKeeper = {
    touch,
    isReachable: () => isReachable,
    throttle: ({ mode, subscriptionId, quotaKey }, rule) =>
      limits.rate(
        `throttle ${mode} ${subscriptionId} ${quotaKey}`,
        { name: 'throttle', burst: 1, ...rule },
        'subscription',
      ),
  }

  function get(key: QuotaKey, rule: StockRule): Quota {
    const id = `${key.mode} ${key.subscriptionId} ${key.quotaKey} ${key.window.startsAt}`
    const known = quotas.get(id)
    if (known !== undefined) {
      known.setRule(rule)
      return known
    }
    const quota = new Quota(key, rule, keeper)
    quotas.set(id, quota)
    return quota
  }

  function touch(quota: Quota): void {
    touched.add(quota)
    if (isClosed || asking !== undefined) return
    if (quota.isWaitedFor() && isReachable) {
      if (isUrgent) return
      isUrgent = true
      clearTimeout(timer)
      timer = undefined
      // All who came in this turn of the event loop share one question.
      setImmediate(() => void settle())
    } else if (!isUrgent) timer ??= setTimeout(() => void settle(), BATCH_MS).unref()
  }

  /** Gives back, asks and tells the answers; one round at a time. */
  function settle(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    isUrgent = false
    asking ??= round().finally(() => {
      asking = undefined
      for (const quota of touched) touch(quota)
    })
    return asking
  }

  async function round(): Promise<void> {
    const batch = [...touched].slice(0, MAX_BATCH)
    for (const quota of batch) touched.delete(quota)
    await giveBack(batch, false)
    const now = clock.now()
    const asks = batch.flatMap((quota): Question[] => {
      const ask = isReachable ? quota.ask(now) : (quota.ask(now) ?? quota.probe())
      return ask === undefined ? [] : [{ quota, ask: { ...ask, source: quota.source } }]
    })
    if (asks.length > 0) await askFor(asks)
  }

  /**
   * An answer counts however late it comes: what it granted is debited. Those who wait are not kept waiting for it;
   * the policy of their route decides.
   */
  async function askFor(asks: readonly Question[]): Promise<void> {
    const overdue = setTimeout(() => loseTouch(asks, 'no answer'), ANSWER_DUE_MS)
    try {
      const answers = await desk.lease(
        producerId,
        asks.map(({ ask }) => ask),
      )
      if (!isReachable) log.info('quota.authority_back', { producerId })
      isReachable = true
      tell(asks, answers)
    } catch (error) {
      loseTouch(asks, error)
      for (const { quota } of asks) setTimeout(() => touch(quota), PROBE_MS).unref()
    } finally {
      clearTimeout(overdue)
    }
  }

  function tell(asks: readonly Question[], answers: readonly LeaseAnswer[]): void {
    for (const [index, { quota, ask }] of asks.entries()) {
      const answer = answers[index]
      if (answer?.kind !== 'leased') continue
      const isRecalling = quota.answered(ask, answer, clock.now())
      if (isRecalling) setTimeout(() => touch(quota), RECALL_WAIT_MS).unref()
    }
  }

  function loseTouch(asks: readonly Question[], error: unknown): void {
    if (isReachable) log.error('quota.authority_unreachable', { producerId, error })
    isReachable = false
    for (const { quota } of asks) quota.wake()
  }

  async function giveBack(candidates: readonly Quota[], isIdle: boolean): Promise<void> {
    const unspent = candidates
      .map((quota): Spending => ({ ...quota.key, units: quota.takeSurplus(isIdle) }))
      .filter(({ units }) => units !== ZERO)
    if (unspent.length === 0) return
    try {
      await desk.giveBack(producerId, unspent)
    } catch (error) {
      // Whether it arrived is unknown, and keeping it could spend it twice. It comes back when the producer retires.
      log.warn('quota.give_back_failed', { producerId, error })
    }
  }

  function recall(recalled: Recalled): void {
    if ('customerId' in recalled) return recallCredits(recalled)
    const { mode, subscriptionId, quotaKey } = recalled
    const prefix = `${mode} ${subscriptionId} ${quotaKey} `
    for (const [id, quota] of quotas) if (id.startsWith(prefix)) quota.recall()
  }

  function recallCredits({ mode, customerId, isChanged }: CreditNews): void {
    for (const quota of quotas.values()) {
      const { key } = quota
      if (key.credit?.customerId !== customerId || key.mode !== mode) continue
      if (isChanged) quota.renew()
      else quota.recall()
    }
  }

  function sweep(): void {
    const isReturning = idle.length > 0
    idle = []
    for (const [id, quota] of quotas) {
      if (quota.idleSweeps() < IDLE_SWEEPS) continue
      if (quota.isEmpty()) {
        quotas.delete(id)
        quota.isForgotten = true
      } else idle.push(quota)
    }
    if (!isReturning) void returnIdle()
  }

  async function returnIdle(): Promise<void> {
    for (;;) {
      const batch = isClosed ? [] : idle.splice(0, IDLE_BATCH)
      if (batch.length === 0) return
      await giveBack(
        batch.filter((quota) => !quota.hasSpent),
        true,
      )
      await setTimeoutPromise(IDLE_PAUSE_MS, undefined, { ref: false })
    }
  }

  return {
    get,
    isReachable: () => isReachable,
    async flush() {
      while (touched.size > 0 || asking !== undefined) await settle()
    },
    close() {
      isClosed = true
      stopListening()
      clearInterval(sweepTimer)
      clearTimeout(timer)
    },
    size: () => quotas.size,
  }
}

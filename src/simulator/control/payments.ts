import { completeChallenge } from '../payments/attempt.ts'
import { settleDelayed } from '../payments/delayed-payments.ts'
import { DECLINES, isDeclineName } from '../payments/declines.ts'
import { settleDispute } from '../payments/disputes.ts'
import { settleRefund } from '../payments/refunds.ts'
import { completeSetupChallenge } from '../payments/setup.ts'
import type { Kind } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { ControlError } from './answers.ts'
import type { Body, ControlCall, ControlHandlers } from './control.ts'

/** What banks do. */
export const paymentControl: ControlHandlers = {
  /** The next payments are declined, whatever their card. */
  'POST /_sim/declines': ({ body, realms }) => {
    const code = body['code'] ?? 'generic_decline'
    if (typeof code !== 'string' || !isDeclineName(code)) {
      throw new ControlError(400, `\`code\` must be one of ${Object.keys(DECLINES).join(', ')}.`)
    }
    const remaining = readNext(body)
    const customer = typeof body['customer'] === 'string' ? body['customer'] : null
    for (const { realm } of realms) {
      realm.transact((tx) => {
        tx.insert('ordered_decline', { id: tx.newId('decl'), decline: code, customer, remaining })
      })
    }
    return { declines: code, next: remaining, customer }
  },

  /** Cards decide again. */
  'POST /_sim/declines/clear': ({ realms }) => {
    for (const { realm } of realms) {
      realm.transact((tx) => {
        for (const { id } of tx.oldestFirst('ordered_decline')) tx.remove('ordered_decline', id)
      })
    }
    return { cleared: realms.length }
  },

  /** The next payments on the API, and of one-time purchases, take days, as a bank debit's do. */
  'POST /_sim/delays': ({ body, realms }) => {
    const remaining = readNext(body)
    const customer = typeof body['customer'] === 'string' ? body['customer'] : null
    for (const { realm } of realms) {
      realm.transact((tx) => {
        tx.insert('ordered_delay', { id: tx.newId('dela'), customer, remaining })
      })
    }
    return { delays: remaining, customer }
  },

  /** The bank answers now to a payment that is processing. */
  'POST /_sim/payments/{id}': (call) => {
    const outcome = readOutcome(call, ['succeed', 'fail'])
    return within(call, ['payment_intent'], (tx, _kind, id) => {
      const { status } = tx.get('payment_intent', id)
      if (status !== 'processing') {
        throw new ControlError(409, `${id} does not wait for its bank: it is ${status}.`)
      }
      settleDelayed(tx, id, outcome)
    })
  },

  /** The holder of the card passes or fails the 3-D Secure challenge of a payment or set-up intent. */
  'POST /_sim/authentications/{id}': (call) => {
    const isPassed = readOutcome(call, ['complete', 'fail']) === 'complete'
    return within(call, ['payment_intent', 'setup_intent'], (tx, kind, id) => {
      const { status } =
        kind === 'payment_intent' ? tx.get('payment_intent', id) : tx.get('setup_intent', id)
      if (status !== 'requires_action') {
        throw new ControlError(409, `${id} does not wait for authentication: it is ${status}.`)
      }
      if (kind === 'payment_intent') completeChallenge(tx, id, isPassed)
      else completeSetupChallenge(tx, id, isPassed)
    })
  },

  /** The bank answers to a refund now: a pending one succeeds or fails, a succeeded one can still fail. */
  'POST /_sim/refunds/{id}': (call) => {
    const outcome = readOutcome(call, ['succeed', 'fail'])
    return within(call, ['refund'], (tx, _kind, id) => {
      settleRefund(tx, id, outcome === 'succeed' ? 'succeeds' : 'fails')
    })
  },

  'POST /_sim/disputes/{id}': (call) => {
    const outcome = readOutcome(call, ['won', 'lost'])
    return within(call, ['dispute'], (tx, _kind, id) => {
      settleDispute(tx, id, outcome)
    })
  },
}

function readNext(body: Body): number {
  const remaining = Number(body['next'] ?? 1)
  if (Number.isSafeInteger(remaining) && remaining >= 1) return remaining
  throw new ControlError(400, '`next` must be a whole number of payments, at least 1.')
}

function readOutcome<T extends string>({ body }: ControlCall, known: readonly T[]): T {
  const outcome = known.find((value) => value === body['outcome'])
  if (outcome !== undefined) return outcome
  throw new ControlError(400, `\`outcome\` must be ${known.join(' or ')}.`)
}

/** Finds the object in whichever account has it, and shows it afterwards. */
function within<K extends Kind>(
  { realms, path }: ControlCall,
  kinds: readonly K[],
  work: (tx: Transaction, kind: K, id: string) => void,
): unknown {
  const id = path['id'] ?? ''
  for (const { realm } of realms) {
    const kind = kinds.find((candidate) => realm.tables[candidate].get(id) !== undefined)
    if (kind === undefined) continue
    return realm.transact((tx) => {
      work(tx, kind, id)
      return tx.present(kind, id)
    })
  }
  throw new ControlError(404, `There is no ${kinds.join(' or ')} ${id}.`)
}

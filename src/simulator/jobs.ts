import { cancelAsPlanned } from './billing/cancellation.ts'
import { retryInvoice } from './billing/collection.ts'
import { endDisputed } from './billing/disputed-payments.ts'
import { collectWhenDue } from './billing/invoice-operations.ts'
import { expirePendingUpdate } from './billing/pending-updates.ts'
import { giveUpResumption } from './billing/pausing.ts'
import { announceRenewal } from './billing/preview.ts'
import {
  announceTrialEnd,
  finalizeWhenDue,
  noteOverdue,
  renew,
  resumeCollection,
} from './billing/renewal.ts'
import { expireIncomplete } from './billing/subscription-status.ts'
import { expireSession } from './checkout/completion.ts'
import type { JobHandlers } from './clocks/runner.ts'
import { expireGrant } from './credits/credit-grants.ts'
import { deleteClock } from './clocks/test-clocks.ts'
import { retryDelivery } from './events/dispatcher.ts'
import { keepHouse } from './housekeeping.ts'
import { expireAuthorization } from './payments/capture.ts'
import { settleDelayed } from './payments/delayed-payments.ts'
import { closeOverdueDispute } from './payments/disputes.ts'
import { settleRefund } from './payments/refunds.ts'
import { resumeAsPlanned } from './portal/pause.ts'
import { announceExpiry, turnPhase } from './schedules/lifecycle.ts'

/** Everything that happens by itself, by the type of its job. */
export const jobHandlers: JobHandlers = {
  'checkout.expire': expireSession,
  'credit_grant.expire': expireGrant,
  'dispute.evidence_due': closeOverdueDispute,
  housekeeping: keepHouse,
  'invoice.collect': collectWhenDue,
  'invoice.due': noteOverdue,
  'invoice.finalize': finalizeWhenDue,
  'invoice.retry': retryInvoice,
  'payment_intent.expire_authorization': expireAuthorization,
  'payment_intent.settle': (tx, id) => settleDelayed(tx, id, 'succeed'),
  'refund.settle': (tx, id) => settleRefund(tx, id),
  'schedule.expiring': announceExpiry,
  'schedule.phase': turnPhase,
  'subscription.cancel': cancelAsPlanned,
  'subscription.cycle': renew,
  'subscription.end_disputed': endDisputed,
  'subscription.expire': expireIncomplete,
  'subscription.pending_update_expire': expirePendingUpdate,
  'subscription.portal_resume': resumeAsPlanned,
  'subscription.resume_collection': resumeCollection,
  'subscription.resume_expire': giveUpResumption,
  'subscription.trial_will_end': announceTrialEnd,
  'subscription.upcoming': announceRenewal,
  'test_clock.delete': deleteClock,
  'webhook.retry': retryDelivery,
}

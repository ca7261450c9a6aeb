import type { Config } from '../config.ts'
import { createTimeline } from '../domain/timeline/service.ts'
import { createTrials } from '../domain/trials/service.ts'
import type { Clock } from '../kit/clock.ts'
import type { Mode } from '../kit/mode.ts'
import { readClock } from '../domain/accounts/clock-reading.ts'
import { createClocks } from '../domain/accounts/clocks.service.ts'
import { createAccounts } from '../domain/accounts/service.ts'
import { createAudit } from '../domain/audit/service.ts'
import { createBilling } from '../domain/billing/service.ts'
import { createCatalogFiles } from '../domain/catalog/catalog-file.service.ts'
import { createCatalog } from '../domain/catalog/service.ts'
import { createConnections } from '../domain/connections/service.ts'
import { createStripeCustomers } from '../domain/connections/stripe-customers.service.ts'
import { createAccessChanges } from '../domain/entitlements/access-changes.service.ts'
import { createFindings } from '../domain/findings/service.ts'
import { createKeys } from '../domain/keys/service.ts'
import { createMetering } from '../domain/metering/service.ts'
import { createOperators } from '../domain/operators/service.ts'
import { createReporting } from '../domain/reporting/service.ts'
import { createRouting } from '../domain/routing/service.ts'
import { createSettings } from '../domain/settings/service.ts'
import { createSignIn } from '../domain/sign-in/service.ts'
import { createArrangements } from '../domain/subscriptions/arrangements.service.ts'
import { createCancellations } from '../domain/subscriptions/cancel.service.ts'
import { createLifecycles } from '../domain/subscriptions/lifecycle.service.ts'
import { createSubscriptions } from '../domain/subscriptions/service.ts'
import { createSubscriptionSync } from '../domain/subscriptions/sync.service.ts'
import type { Database } from '../platform/database/database.ts'
import { createJobs } from '../platform/jobs/jobs.ts'
import type { Log } from '../platform/log.ts'
import type { Mailer } from '../platform/mail/mail.ts'
import type { Secrets } from '../platform/secrets.ts'
import { composeContracts, composeRating } from './compose-contracts.ts'
import { composeMoney } from './compose-money.ts'
import { composePublishing } from './compose-publishing.ts'
import { composeMigrations } from './compose-migrations.ts'
import { composeSelling } from './compose-selling.ts'
import { composeUsage } from './compose-usage.ts'

export interface Foundation {
  readonly config: Config
  readonly database: Database
  readonly systemClock: Clock
  readonly log: Log
  readonly mailer: Mailer
  readonly secrets: Secrets
  /** What session cookies are signed with. */
  readonly sessionSecret: string
  readonly consoleUrl: string
  readonly simulatorUrl: string | undefined
}

export type Domain = Awaited<ReturnType<typeof composeDomain>>

/** Every service, each given what it needs. The only place where they meet. */
export async function composeDomain(foundation: Foundation) {
  const { config, database, systemClock, log, mailer, secrets, consoleUrl, simulatorUrl } =
    foundation
  const { linkedPrices } = config
  const accessChanges = createAccessChanges(database)
  const audit = createAudit({
    database,
    clock: systemClock,
    timeIn: (mode, at) => readClock(clocks.reading(mode, null), at),
  })
  const settings = createSettings({
    database,
    clock: systemClock,
    secrets,
    audit,
    pinned: config.pinned,
  })
  const clocks = await createClocks({ database, systemClock, settings })
  const findings = createFindings({ database, clocks, audit })
  const jobs = createJobs({ database, clock: systemClock, log })
  const accounts = createAccounts({ database, clocks, audit, accessChanges })
  const connections = createConnections({
    database,
    settings,
    audit,
    clock: systemClock,
    log,
    simulatorUrl,
  })
  const stripeCustomers = createStripeCustomers({
    database,
    accounts,
    connections,
    jobs,
    clock: systemClock,
  })
  const catalog = createCatalog({ database, clocks, audit })
  const foundations = { database, systemClock, log, accounts, audit, catalog, clocks, connections }
  const onSale = composePublishing({ ...foundations, accessChanges, findings, linkedPrices })
  const keys = createKeys({ database, accounts, secrets, audit, accessChanges })
  const metering = createMetering({ database, clock: systemClock })
  const rated = composeRating({ ...foundations, findings, metering })
  const { addOns, stays } = rated
  const trials = createTrials({ database, jobs, settings })
  const lifecycles = createLifecycles({
    database,
    accounts,
    audit,
    catalog,
    keys,
    settings,
    stays,
    trials,
    accessChanges,
  })
  const selling = composeSelling({
    ...foundations,
    accessChanges,
    addOns,
    settings,
    stays,
    stripeCustomers,
  })
  const { coupons, invitedPlans, moves, pausing, planChanges, purchases, redemptions } = selling
  const subscriptions = createSubscriptions({ ...foundations, ...selling, lifecycles, trials })
  const cancellations = createCancellations({
    database,
    accounts,
    audit,
    catalog,
    changes: planChanges,
    connections,
    accessChanges,
  })
  const arrangements = createArrangements({ database, accounts, audit, accessChanges })
  const billing = createBilling({
    database,
    accounts,
    audit,
    changes: planChanges,
    charges: rated.charges,
    lineMirror: rated.lineMirror,
    stays: rated.stays,
    stripeCustomers,
    lifecycles,
    subscriptions,
  })
  const subscriptionSync = createSubscriptionSync({
    accounts,
    catalog,
    changes: planChanges,
    connections,
    stripeCustomers,
    lifecycles,
    moves,
    pausing,
    purchases,
    stays,
    accessChanges,
    log,
    onSeen: (tx, after, stripe) => contracts.phaseSchedules.seen(tx, after, stripe),
  })
  const money = composeMoney({
    ...onSale,
    ...rated,
    changes: planChanges,
    accessChanges,
    database,
    systemClock,
    log,
    accounts,
    audit,
    billing,
    cancellations,
    clocks,
    connections,
    catalog,
    consoleUrl,
    findings,
    jobs,
    keys,
    mailer,
    metering,
    secrets,
    operatorEmails: (db) => operators.financeEmails(db),
    settings,
    stripeCustomers,
    subscriptions,
    subscriptionSync,
    trials,
  })
  const catalogFiles = createCatalogFiles({ ...foundations, ...onSale, ...selling, ...money })
  const contracts = composeContracts({
    ...money,
    ...foundations,
    ...rated,
    ...onSale,
    billing,
    findings,
    ...selling,
    jobs,
    lifecycles,
    cancellations,
    settings,
    stripeCustomers,
    subscriptions,
    subscriptionSync,
    trials,
  })
  const reporting = createReporting({
    database,
    billing,
    cancellations,
    findings,
    jobs,
    changes: planChanges,
    clocks,
    connections,
    metering,
    rating: rated.rating,
    subscriptions,
    clock: systemClock,
    log,
  })
  const routing = createRouting({ database, clock: systemClock, audit, accessChanges })
  const usage = composeUsage({
    ...foundations,
    accessChanges,
    ...money,
    keys,
    metering,
    notifications: money.notifications,
    settings,
    subscriptions,
  })
  const signIn = createSignIn({
    database,
    mailer,
    log,
    secret: foundation.sessionSecret,
    publicUrl: consoleUrl,
    productName: async () => (await settings.get('test', 'portal.name')) ?? 'Farebox',
  })
  const operators = createOperators({ database, clock: systemClock, signIn })

  /** The portal is in live mode as soon as live mode can take money. */
  const publicMode = async (): Promise<Mode> =>
    (await connections.isConnected('live')) ? 'live' : 'test'

  return {
    accounts,
    arrangements,
    audit,
    billing,
    cancellations,
    catalog,
    catalogFiles,
    clocks,
    connections,
    coupons,
    findings,
    invitedPlans,
    ...contracts,
    ...money,
    ...composeMigrations({ ...foundations, ...contracts, ...money, jobs, subscriptions }),
    jobs,
    keys,
    lifecycles,
    metering,
    operators,
    publicMode,
    ...onSale,
    redemptions,
    reporting,
    routing,
    settings,
    signIn,
    stripeCustomers,
    subscriptions,
    timeline: createTimeline({ audit, ...money }),
    ...usage,
  }
}

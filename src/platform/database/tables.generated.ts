// Generated from migrations/*.sql by scripts/database-types.ts. Do not edit; run `npm run generate`.
import type { ColumnType } from 'kysely'

type Mode = 'test' | 'live'
/** Read as parsed JSON, written as its text. */
type Json = ColumnType<unknown, string, string>
/** Exact; read as a string, written as a string. */
type Numeric = ColumnType<string, string, string>
/** May be left out of an insert. */
type WithDefault<T> = [T] extends [ColumnType<infer S, infer I, infer U>]
  ? ColumnType<S, I | undefined, U>
  : ColumnType<T, T | undefined, T>

export interface Tables {
  apiKeys: {
    mode: Mode
    id: string
    customerId: string
    subscriptionId: string | null
    name: string
    start: string
    lastFour: string
    hash: string
    sealedSecret: string | null
    scopes: WithDefault<string[]>
    allowedIps: WithDefault<string[]>
    state: 'active' | 'disabled' | 'revoked'
    rotatedToId: string | null
    expiresAt: Date | null
    lastUsedAt: Date | null
    createdAt: Date
    revokedAt: Date | null
  }
  auditEntries: {
    mode: Mode
    id: string
    position: bigint
    at: Date
    happenedAt: Date
    actorKind: 'operator' | 'member' | 'key' | 'system' | 'stripe'
    actorId: string | null
    actorRole: string | null
    action: string
    targetKind: string
    targetId: string
    customerId: string | null
    before: Json | null
    after: Json | null
    ip: string | null
    userAgent: string | null
    requestId: string | null
    previousHash: string
    hash: string
  }
  billedCharges: {
    mode: Mode
    subscriptionId: string
    lineKey: string
    kind: 'fee' | 'usage'
    planKey: string
    planVersion: number
    phaseKey: string
    rateCardKey: string
    startsAt: Date
    endsAt: Date
    invoiceId: string
    grossMinor: bigint
    amountMinor: bigint
    reading: Json | null
    discounts: WithDefault<Json>
    readAt: Date
  }
  billingPeriods: {
    mode: Mode
    id: string
    subscriptionId: string
    ordinal: number
    startsAt: Date
    endsAt: Date
    planVersionId: string
    state: WithDefault<'open' | 'closing' | 'closed'>
    leaseUntil: Date | null
    closedAt: Date | null
  }
  billingRuns: {
    mode: Mode
    id: string
    state: 'running' | 'finished'
    until: Date
    requestedBy: string
    total: number
    closed: WithDefault<number>
    failed: WithDefault<number>
    failures: WithDefault<Json>
    createdAt: Date
    updatedAt: Date
    finishedAt: Date | null
  }
  budgets: {
    mode: Mode
    id: string
    customerId: string
    apiKeyId: string | null
    name: string
    meterKey: string | null
    currency: string | null
    amount: Numeric
    budgetWindow: 'hour' | 'day' | 'week' | 'month'
    isHard: boolean
    alertPercents: number[]
    createdAt: Date
    updatedAt: Date
  }
  checkoutIntents: {
    mode: Mode
    id: string
    customerId: string
    planVersionId: string
    currency: string
    kind: 'subscription' | 'setup' | 'invoice'
    state: 'open' | 'completed' | 'expired' | 'failed'
    stripeSessionId: string | null
    url: string | null
    subscriptionId: string | null
    couponKey: string | null
    createdAt: Date
    expiresAt: Date
  }
  couponRedemptions: {
    mode: Mode
    id: string
    couponKey: string
    code: string
    customerId: string
    subscriptionId: string | null
    state: 'held' | 'active' | 'released'
    startsAt: Date | null
    endsAt: Date | null
    usedByInvoiceId: string | null
    createdAt: Date
  }
  coupons: {
    mode: Mode
    key: string
    definition: Json
    createdAt: Date
    archivedAt: Date | null
  }
  creditBurns: {
    mode: Mode
    subscriptionId: string
    featureKey: string
    bucketAt: Date
    grantId: string
    unit: string
    units: Numeric
    amount: Numeric
  }
  creditClaims: {
    mode: Mode
    grantId: string
    causeKind: string
    causeId: string
    amount: Numeric
  }
  creditDebts: {
    mode: Mode
    customerId: string
    unit: string
    amount: Numeric
  }
  creditEntries: {
    mode: Mode
    sequence: bigint
    customerId: string
    unit: string
    grantId: string | null
    type: 'granted' | 'reserved' | 'released' | 'burned' | 'expired' | 'voided' | 'adjusted'
    amount: Numeric
    balanceAfter: Numeric
    causeKind: string
    causeId: string
    createdAt: Date
  }
  creditGrants: {
    mode: Mode
    id: string
    customerId: string
    unit: string
    amount: Numeric
    category: 'paid' | 'promotional' | 'plan' | 'compensation' | 'rollover'
    priority: number
    effectiveAt: Date
    expiresAt: Date | null
    appliesTo: string[] | null
    sourceKind: string
    sourceId: string
    state: 'pending' | 'active' | 'voided'
    isFrozen: WithDefault<boolean>
    note: string | null
    granted: WithDefault<Numeric>
    reserved: WithDefault<Numeric>
    burned: WithDefault<Numeric>
    expired: WithDefault<Numeric>
    voided: WithDefault<Numeric>
    createdAt: Date
  }
  creditLeases: {
    mode: Mode
    id: bigint
    producerId: string
    customerId: string
    subscriptionId: string
    featureKey: string
    unit: string
    perUnit: Numeric
    grantId: string
    amount: Numeric
  }
  creditNotes: {
    mode: Mode
    id: string
    customerId: string
    invoiceId: string
    refundId: string | null
    number: string | null
    state: 'requested' | 'issued' | 'void' | 'failed'
    reason: string | null
    memo: string | null
    currency: string
    amountMinor: bigint
    owedMinor: WithDefault<bigint>
    refundedMinor: WithDefault<bigint>
    balanceMinor: WithDefault<bigint>
    outsideMinor: WithDefault<bigint>
    pdfUrl: string | null
    stripeCreditNoteId: string | null
    providerTicket: WithDefault<bigint>
    createdAt: Date
    voidedAt: Date | null
    updatedAt: Date
  }
  creditPacks: {
    mode: Mode
    key: string
    name: string
    unit: string
    amountPerPack: Numeric
    priceMinor: bigint
    currency: string
    priority: number
    validFor: string | null
    appliesTo: string[] | null
    createdAt: Date
    archivedAt: Date | null
  }
  creditPurchases: {
    mode: Mode
    id: string
    customerId: string
    packKey: string
    quantity: number
    amountMinor: bigint
    currency: string
    cause: 'customer' | 'top_up'
    state: 'pending' | 'paid' | 'failed' | 'expired'
    failureMessage: string | null
    checkoutUrl: string | null
    paymentId: string | null
    grantId: string | null
    createdAt: Date
    settledAt: Date | null
  }
  creditRecurrences: {
    mode: Mode
    subscriptionId: string
    planVersionId: string
    phaseKey: string
    nextAt: Date
  }
  creditSpenders: {
    producerId: string
    mode: Mode
    subscriptionId: string
    featureKey: string
    customerId: string
    lastSequence: bigint
    ahead: Numeric
  }
  creditTopUps: {
    mode: Mode
    customerId: string
    isEnabled: boolean
    packKey: string
    quantity: number
    threshold: Numeric
    maximumPerDay: Numeric | null
    maximumPerMonth: Numeric | null
    confirmedAt: Date
    lookAgainAt: Date | null
  }
  customerSuspensions: {
    mode: Mode
    customerId: string
    reason: 'payment' | 'payment_method_removed' | 'subscription_deleted' | 'abuse' | 'operator' | 'owner_suspended' | 'dispute'
    note: string | null
    suspendedAt: Date
  }
  customers: {
    mode: Mode
    id: string
    key: string
    name: string
    email: string | null
    currency: string | null
    timeZone: WithDefault<string>
    billingMode: WithDefault<'free' | 'postpaid' | 'prepaid'>
    maxPaymentOverdueDays: Numeric | null
    testClockId: string | null
    metadata: WithDefault<Json>
    version: WithDefault<number>
    createdAt: Date
    updatedAt: Date
    closedAt: Date | null
  }
  disputes: {
    mode: Mode
    id: string
    paymentId: string
    customerId: string
    amountMinor: bigint
    currency: string
    feeMinor: WithDefault<bigint>
    reason: string
    networkReasonCode: string | null
    state: 'warning_needs_response' | 'warning_under_review' | 'warning_closed' | 'needs_response' | 'under_review' | 'won' | 'lost' | 'prevented'
    evidenceDueAt: Date | null
    evidence: WithDefault<Json>
    evidenceState: 'none' | 'drafted' | 'submitting' | 'submitted'
    submittedAt: Date | null
    remindedAt: Date | null
    stripeDisputeId: string
    providerTicket: WithDefault<bigint>
    openedAt: Date
    closedAt: Date | null
    updatedAt: Date
  }
  dunningCases: {
    mode: Mode
    id: string
    customerId: string
    subscriptionId: string | null
    invoiceId: string
    state: 'open' | 'recovered' | 'exhausted' | 'canceled'
    retries: 'ours' | 'stripe' | 'none'
    openedAt: Date
    newPaymentMethodAt: Date | null
    newPaymentMethodId: string | null
    sent: WithDefault<string[]>
    actingAttempt: number | null
    nextAt: Date | null
    closedAt: Date | null
    updatedAt: Date
  }
  features: {
    mode: Mode
    id: string
    key: string
    name: string
    meterKey: string | null
    metadata: WithDefault<Json>
    createdAt: Date
    archivedAt: Date | null
  }
  findings: {
    mode: Mode
    id: string
    category: 'amount' | 'rounding' | 'missing_local' | 'missing_remote' | 'status' | 'currency' | 'mode' | 'orphan' | 'late' | 'drift' | 'webhook' | 'meter' | 'deleted' | 'fraud' | 'configuration'
    state: WithDefault<'open' | 'explained' | 'repaired' | 'dismissed'>
    subjectKind: string
    subjectId: string
    customerId: string | null
    summary: string
    ours: Json | null
    theirs: Json | null
    dedupeKey: string
    note: string | null
    foundAt: Date
    seenAt: Date
    settledAt: Date | null
    repair: string | null
  }
  fraudWarnings: {
    mode: Mode
    id: string
    paymentId: string
    customerId: string
    fraudType: string
    isActionable: boolean
    stripeWarningId: string
    providerTicket: WithDefault<bigint>
    createdAt: Date
  }
  heldAddOns: {
    mode: Mode
    subscriptionId: string
    addOnVersionId: string
    quantity: number
    startsAt: Date
    endsAt: Date | null
  }
  idempotencyRecords: {
    scope: string
    key: string
    requestHash: string
    status: number | null
    body: string | null
    lockedUntil: Date | null
    billedBy: string | null
    isTakenOver: WithDefault<boolean>
    expiresAt: Date
  }
  invoiceCredits: {
    mode: Mode
    invoiceId: string
    lineKey: string
    grantId: string
    amountMinor: bigint
    state: 'held' | 'burned'
  }
  invoiceItems: {
    mode: Mode
    id: string
    customerId: string
    subscriptionId: string
    invoiceId: string
    lineKey: string
    description: string
    amountMinor: bigint
    currency: string
    startsAt: Date
    endsAt: Date
    rateCardKey: string | null
    derivation: Json
    charge: Json
    state: 'wanted' | 'shown' | 'unwanted'
    stripeItemId: string | null
    revision: WithDefault<number>
    createdAt: Date
    updatedAt: Date
  }
  invoiceLines: {
    mode: Mode
    id: string
    invoiceId: string
    position: number
    rateCardKey: string | null
    description: string
    quantity: Numeric | null
    unitAmountDecimal: Numeric | null
    amountMinor: bigint
    isProration: WithDefault<boolean>
    startsAt: Date
    endsAt: Date
    derivation: Json | null
    stripeLineId: string | null
    lineKey: string | null
  }
  invoiceNumbers: {
    mode: Mode
    last: bigint
  }
  invoices: {
    mode: Mode
    id: string
    customerId: string
    subscriptionId: string | null
    kind: 'first' | 'period' | 'change' | 'pause' | 'resume' | 'final' | 'manual'
    number: string | null
    state: 'draft' | 'open' | 'paid' | 'void' | 'uncollectible'
    currency: string
    subtotalMinor: bigint
    discountMinor: WithDefault<bigint>
    taxMinor: WithDefault<bigint>
    totalMinor: bigint
    amountDueMinor: bigint
    amountPaidMinor: WithDefault<bigint>
    startsAt: Date
    endsAt: Date
    issuedAt: Date | null
    collection: WithDefault<'charge_automatically' | 'send_invoice'>
    daysUntilDue: number | null
    dueAt: Date | null
    paidAt: Date | null
    attemptCount: WithDefault<number>
    nextAttemptAt: Date | null
    stripeInvoiceId: string | null
    hostedUrl: string | null
    pdfUrl: string | null
    isOffline: WithDefault<boolean>
    paymentReference: string | null
    providerTicket: WithDefault<bigint>
    createdAt: Date
    updatedAt: Date
    closesAt: Date | null
    finalizesAt: Date | null
    completedAt: Date | null
    isOurs: WithDefault<boolean>
    showAttempts: WithDefault<number>
    showAfter: Date | null
  }
  jobs: {
    id: string
    queue: string
    key: string | null
    payload: Json
    runAt: Date
    attempts: WithDefault<number>
    maxAttempts: number
    leaseUntil: Date | null
    isWantedAgain: WithDefault<boolean>
    state: WithDefault<'ready' | 'done' | 'dead'>
    lastError: string | null
    createdAt: Date
    doneAt: Date | null
  }
  mailboxMessages: {
    id: string
    recipient: string
    subject: string
    text: string
    html: string
    sentAt: Date
  }
  memberInvitations: {
    mode: Mode
    id: string
    customerId: string
    email: string
    role: 'owner' | 'admin' | 'developer' | 'billing' | 'viewer'
    tokenHash: string
    createdAt: Date
    expiresAt: Date
    acceptedAt: Date | null
    revokedAt: Date | null
  }
  members: {
    mode: Mode
    customerId: string
    userId: string
    role: 'owner' | 'admin' | 'developer' | 'billing' | 'viewer'
    createdAt: Date
  }
  meterReports: {
    mode: Mode
    id: string
    subscriptionId: string
    customerId: string
    meterKey: string
    bucketAt: Date
    sequence: number
    value: bigint
    at: Date
    state: WithDefault<'pending' | 'sent' | 'verify' | 'rejected' | 'dead'>
    resends: WithDefault<number>
    attempts: WithDefault<number>
    firstSentAt: Date | null
    nextAt: Date
    leaseUntil: Date | null
    error: string | null
    createdAt: Date
    sentAt: Date | null
  }
  meters: {
    mode: Mode
    id: string
    key: string
    name: string
    eventType: string
    aggregation: 'count' | 'sum' | 'max' | 'unique' | 'latest' | 'time_weighted_sum'
    valueProperty: string | null
    groupBy: WithDefault<Json>
    filters: WithDefault<Json>
    unit: string
    createdAt: Date
    archivedAt: Date | null
  }
  notificationPreferences: {
    mode: Mode
    customerId: string
    topic: string
    isEnabled: boolean
    updatedAt: Date
  }
  notifications: {
    mode: Mode
    id: string
    template: string
    customerId: string | null
    recipient: string
    dedupeKey: string
    payload: Json
    state: WithDefault<'pending' | 'sent' | 'failed'>
    createdAt: Date
    sentAt: Date | null
    error: string | null
  }
  operatorAccounts: {
    id: string
    accountId: string
    providerId: string
    userId: string
    accessToken: string | null
    refreshToken: string | null
    idToken: string | null
    accessTokenExpiresAt: Date | null
    refreshTokenExpiresAt: Date | null
    scope: string | null
    password: string | null
    createdAt: WithDefault<Date>
    updatedAt: WithDefault<Date>
  }
  operatorRoles: {
    operatorId: string
    role: 'super_admin' | 'support_admin' | 'finance_admin' | 'developer' | 'read_only'
    grantedBy: string | null
    grantedAt: Date
  }
  operatorSessions: {
    id: string
    userId: string
    token: string
    expiresAt: Date
    ipAddress: string | null
    userAgent: string | null
    createdAt: WithDefault<Date>
    updatedAt: WithDefault<Date>
  }
  operatorTokens: {
    id: string
    operatorId: string
    name: string
    start: string
    hash: string
    createdAt: Date
    expiresAt: Date | null
    lastUsedAt: Date | null
    revokedAt: Date | null
  }
  operatorVerifications: {
    id: string
    identifier: string
    value: string
    expiresAt: Date
    createdAt: WithDefault<Date>
    updatedAt: WithDefault<Date>
  }
  operators: {
    id: string
    name: string
    email: string
    emailVerified: WithDefault<boolean>
    image: string | null
    twoFactorEnabled: WithDefault<boolean>
    createdAt: WithDefault<Date>
    updatedAt: WithDefault<Date>
  }
  paymentAttempts: {
    mode: Mode
    id: string
    paymentId: string
    customerId: string
    invoiceId: string | null
    amountMinor: bigint
    currency: string
    state: 'pending' | 'succeeded' | 'failed'
    failureCode: string | null
    declineCode: string | null
    failureMessage: string | null
    method: Json | null
    stripeChargeId: string
    attemptedAt: Date
  }
  paymentMethodDeadlines: {
    mode: Mode
    customerId: string
    removedAt: Date
    dueAt: Date
  }
  paymentMethods: {
    mode: Mode
    id: string
    customerId: string
    type: string
    brand: string | null
    lastFour: string | null
    expiresMonth: number | null
    expiresYear: number | null
    isDefault: WithDefault<boolean>
    stripePaymentMethodId: string
    createdAt: Date
    updatedAt: Date
    removedAt: Date | null
    fingerprint: string | null
  }
  payments: {
    mode: Mode
    id: string
    customerId: string
    invoiceId: string | null
    amountMinor: bigint
    refundedMinor: WithDefault<bigint>
    currency: string
    state: 'pending' | 'requires_action' | 'processing' | 'succeeded' | 'failed' | 'canceled' | 'partially_refunded' | 'refunded' | 'disputed' | 'disputed_lost'
    failureCode: string | null
    failureMessage: string | null
    method: Json | null
    receiptUrl: string | null
    stripePaymentIntentId: string | null
    stripeChargeId: string | null
    providerTicket: WithDefault<bigint>
    createdAt: Date
    updatedAt: Date
    capturedMinor: WithDefault<bigint>
    feeMinor: bigint | null
    feeCurrency: string | null
    processing: WithDefault<Json>
    disputeStanding: WithDefault<'none' | 'open' | 'won' | 'lost'>
  }
  phaseSchedules: {
    mode: Mode
    subscriptionId: string
    attemptId: string
    state: 'asking' | 'set' | 'none'
    stripeScheduleId: string | null
    stripePaymentMethodId: string | null
    hash: string | null
    subscriptionVersion: number
    apartUntil: Date | null
    updatedAt: Date
  }
  planChanges: {
    mode: Mode
    id: string
    customerId: string
    subscriptionId: string
    targetVersionId: string
    addOns: WithDefault<Json>
    startsBy: 'change' | 'migrate' | 'override' | null
    state: 'quoted' | 'executing' | 'awaiting_payment' | 'scheduled' | 'set_aside' | 'applied' | 'canceled' | 'failed'
    way: 'in_stripe' | 'leave' | 'here' | 'checkout'
    subscriptionVersion: number
    hash: string
    quote: Json
    quotedAt: Date
    effectiveAt: Date
    expiresAt: Date
    invoiceId: string | null
    stripeInvoiceId: string | null
    stripeScheduleId: string | null
    leftStripeId: string | null
    paymentUrl: string | null
    hasLooseEnds: WithDefault<boolean>
    error: string | null
    createdAt: Date
    updatedAt: Date
  }
  planInvitations: {
    mode: Mode
    id: string
    planKey: string
    email: string | null
    customerId: string | null
    tokenHash: string
    createdAt: Date
    expiresAt: Date
    acceptedAt: Date | null
    acceptedBy: string | null
    revokedAt: Date | null
  }
  planMigrationMembers: {
    mode: Mode
    migrationId: string
    subscriptionId: string
    customerId: string
    fromVersion: number
    state: 'waiting' | 'scheduled' | 'moved' | 'excluded' | 'skipped' | 'canceled'
    reason: string | null
    changeId: string | null
    noticedAt: Date | null
    updatedAt: Date
  }
  planMigrations: {
    mode: Mode
    id: string
    planKey: string
    toVersionId: string
    timing: 'at_renewal' | 'immediate'
    noticeDays: number
    audience: Json
    state: 'running' | 'finished' | 'canceled'
    requestedBy: string
    createdAt: Date
    finishedAt: Date | null
  }
  planVersions: {
    mode: Mode
    id: string
    planKey: string
    version: number
    state: 'draft' | 'scheduled' | 'active' | 'archived'
    definition: Json
    revision: WithDefault<number>
    effectiveFrom: Date | null
    effectiveTo: Date | null
    publishedAt: Date | null
    createdAt: Date
    updatedAt: Date
  }
  plans: {
    mode: Mode
    key: string
    position: number
    isDefault: WithDefault<boolean>
    createdAt: Date
  }
  promotionCodes: {
    mode: Mode
    code: string
    couponKey: string
    maxRedemptions: number | null
    expiresAt: Date | null
    customerId: string | null
    createdAt: Date
    deactivatedAt: Date | null
  }
  providerMappings: {
    mode: Mode
    account: string
    entityKind: 'coupon' | 'customer' | 'meter' | 'plan' | 'rate_card' | 'subscription' | 'test_clock'
    entityId: string
    externalId: string
    metadata: WithDefault<Json>
    isStale: WithDefault<boolean>
    createdAt: Date
    updatedAt: Date
  }
  quotaBlocks: {
    mode: Mode
    subscriptionId: string
    quotaKey: string
    windowStartsAt: Date
    number: number
    filled: Numeric
    unclaimed: Numeric
    openedAt: Date
    closedAt: Date | null
  }
  quotaLeases: {
    producerId: string
    mode: Mode
    subscriptionId: string
    quotaKey: string
    windowStartsAt: Date
    granted: Numeric
    spent: Numeric
    lastSequence: bigint
    block: number | null
  }
  quotas: {
    mode: Mode
    subscriptionId: string
    quotaKey: string
    windowStartsAt: Date
    windowEndsAt: Date
    granted: Numeric
    blocks: WithDefault<number>
    recalledAt: Date | null
    updatedAt: Date
  }
  reconcileRuns: {
    mode: Mode
    id: string
    cause: 'schedule' | 'operator'
    customerId: string | null
    isDryRun: boolean
    state: 'running' | 'done' | 'failed'
    cursor: string | null
    counts: WithDefault<Json>
    error: string | null
    startedAt: Date
    finishedAt: Date | null
  }
  refunds: {
    mode: Mode
    id: string
    paymentId: string
    customerId: string
    amountMinor: bigint
    currency: string
    state: 'requested' | 'pending' | 'succeeded' | 'failed' | 'canceled'
    reason: 'customer_request' | 'billing_error' | 'service_issue' | 'duplicate' | 'fraudulent' | 'other'
    note: string | null
    accessEffect: 'none' | 'cancel_at_period_end' | 'cancel_now'
    creditEffect: 'none' | 'void_unburned'
    issuesCreditNote: boolean
    origin: 'farebox' | 'stripe'
    approval: 'not_needed' | 'waiting' | 'approved' | 'rejected'
    requestedBy: string | null
    approvedBy: string | null
    failureCode: string | null
    failureMessage: string | null
    stripeRefundId: string | null
    providerTicket: WithDefault<bigint>
    effectsAppliedAt: Date | null
    createdAt: Date
    settledAt: Date | null
    updatedAt: Date
  }
  refusedCalls: {
    mode: Mode
    hour: Date
    code: string
    count: bigint
  }
  routes: {
    key: string
    position: number
    matchKind: 'exact' | 'prefix' | 'pattern'
    path: string
    methods: WithDefault<string[]>
    host: string | null
    upstreamKey: string
    rewrite: string | null
    policy: Json
    isEnabled: WithDefault<boolean>
    createdAt: Date
    updatedAt: Date
  }
  schedules: {
    name: string
    nextAt: Date
  }
  settings: {
    scope: 'installation' | 'test' | 'live'
    key: string
    value: Json | null
    sealedValue: string | null
    updatedAt: Date
  }
  stripeCustomers: {
    mode: Mode
    customerId: string
    stripeCustomerId: string
    name: string | null
    email: string | null
    currency: string | null
    balanceMinor: WithDefault<bigint>
    isDelinquent: WithDefault<boolean>
    defaultPaymentMethodId: string | null
    taxIds: WithDefault<Json>
    deletedAt: Date | null
    providerTicket: WithDefault<bigint>
    updatedAt: Date
  }
  stripeEvents: {
    mode: Mode
    id: string
    account: WithDefault<string>
    type: string
    objectKind: string
    objectId: string | null
    customerId: string | null
    apiVersion: string | null
    occurredAt: Date
    receivedAt: Date
    source: 'webhook' | 'poll' | 'replay'
    body: Json | null
    state: 'received' | 'processed' | 'ignored' | 'parked' | 'failed' | 'dead'
    attempts: WithDefault<number>
    nextAt: Date
    leaseUntil: Date | null
    error: string | null
    settledAt: Date | null
  }
  subscriptionStays: {
    mode: Mode
    subscriptionId: string
    ordinal: number
    planVersionId: string
    startingPhaseKey: string | null
    startsAt: Date
    endsAt: Date | null
    startsBy: 'subscribe' | 'change' | 'migrate' | 'override' | 'resume'
    endsBy: 'change' | 'migrate' | 'override' | 'cancel' | 'pause' | null
    feesFrom: Date | null
    billingAnchor: Date | null
    usageAnchor: Date | null
    phaseEndsAt: Date | null
    isOpenedHere: WithDefault<boolean>
    overrides: WithDefault<Json>
  }
  subscriptions: {
    mode: Mode
    id: string
    customerId: string
    planKey: string
    planVersionId: string
    phaseKey: string
    phaseStartsAt: Date
    currency: string
    engine: 'stripe_subscription' | 'stripe_invoice' | 'offline'
    collection: 'charge_automatically' | 'send_invoice' | 'none'
    startsAt: Date
    activatedAt: Date | null
    trialEndsAt: Date | null
    pausedAt: Date | null
    resumesAt: Date | null
    resumingAt: Date | null
    cancelAt: Date | null
    cancelRequestedAt: Date | null
    endsAt: Date | null
    endReason: string | null
    closedAt: Date | null
    billingAnchor: Date
    usageAnchor: Date
    paymentStatus: 'not_required' | 'pending' | 'paid' | 'failed' | 'uncollectible'
    overdueSince: Date | null
    providerStatus: string | null
    providerTicket: WithDefault<bigint>
    accessOverride: Json | null
    overrides: WithDefault<Json>
    addOns: WithDefault<Json>
    isExclusive: WithDefault<boolean>
    metadata: WithDefault<Json>
    version: WithDefault<number>
    createdAt: Date
    updatedAt: Date
  }
  testClocks: {
    mode: WithDefault<Mode>
    id: string
    name: string
    nowAt: Date
    stripeClockId: string
    createdAt: Date
  }
  trialCards: {
    mode: Mode
    fingerprint: string
    customerId: string
    seenAt: Date
  }
  trialRedemptions: {
    mode: Mode
    customerId: string
    subscriptionId: string
    redeemedAt: Date
  }
  upstreams: {
    key: string
    targets: Json
    policy: Json
    createdAt: Date
    updatedAt: Date
  }
  usageEvents: {
    mode: Mode
    source: string
    id: string
    month: string
    at: Date
    receivedAt: Date
    type: string
    customerId: string
    subscriptionId: string | null
    apiKeyId: string | null
    data: Json
    state: WithDefault<'counted' | 'unmatched' | 'voided' | 'replaced'>
  }
  usageLate: {
    mode: Mode
    subscriptionId: string
    meterKey: string
    bucketAt: Date
    bookedPeriodId: string
    eventCount: bigint
    value: Numeric
    firstSeenAt: Date
  }
  usageProducers: {
    id: string
    lastSequence: bigint
    startedAt: Date
    updatedAt: Date
  }
  usageReadings: {
    mode: Mode
    subscriptionId: string
    meterKey: string
    at: Date
    source: string
    eventId: string
    bucketAt: Date
    customerId: string
    apiKeyId: WithDefault<string>
    dimension: WithDefault<string>
    value: Numeric
    text: string
  }
  usageRejects: {
    id: string
    mode: Mode
    reason: string
    payload: Json
    receivedAt: Date
  }
  usageRollups: {
    mode: Mode
    subscriptionId: string
    meterKey: string
    bucketAt: Date
    apiKeyId: WithDefault<string>
    routeKey: WithDefault<string>
    dimension: WithDefault<string>
    customerId: string
    eventCount: bigint
    value: Numeric
    reported: WithDefault<Numeric>
    updatedAt: Date
  }
  userAccounts: {
    id: string
    accountId: string
    providerId: string
    userId: string
    accessToken: string | null
    refreshToken: string | null
    idToken: string | null
    accessTokenExpiresAt: Date | null
    refreshTokenExpiresAt: Date | null
    scope: string | null
    password: string | null
    createdAt: WithDefault<Date>
    updatedAt: WithDefault<Date>
  }
  userSessions: {
    id: string
    userId: string
    token: string
    expiresAt: Date
    ipAddress: string | null
    userAgent: string | null
    createdAt: WithDefault<Date>
    updatedAt: WithDefault<Date>
  }
  userVerifications: {
    id: string
    identifier: string
    value: string
    expiresAt: Date
    createdAt: WithDefault<Date>
    updatedAt: WithDefault<Date>
  }
  users: {
    id: string
    name: string
    email: string
    emailVerified: WithDefault<boolean>
    image: string | null
    twoFactorEnabled: WithDefault<boolean>
    createdAt: WithDefault<Date>
    updatedAt: WithDefault<Date>
  }
}

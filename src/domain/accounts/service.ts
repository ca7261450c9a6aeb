import { AppError, notFound } from '../../errors.ts'
import { newId } from '../../kit/id.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import { fork, holdAlone } from '../../platform/database/transaction.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import type { Clocks } from './clocks.service.ts'
import type { Customer, Member, MemberRole, SuspensionReason } from './customer.ts'
import { decideMember } from './decide-member.ts'
import * as store from './store.ts'

export interface CustomerInput {
  readonly name: string
  readonly email?: string | null | undefined
  readonly key?: string | undefined
  readonly timeZone?: string | undefined
  readonly maxPaymentOverdueDays?: string | null | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** The portal user who becomes the owner. */
  readonly ownerUserId?: string | undefined
}

/** Told of every new customer, inside its transaction; how billing makes the Stripe customer. */
export type CustomerCreatedHook = (tx: Db, customer: Customer) => Promise<void>

interface AccountsDeps {
  readonly database: Database
  readonly clocks: Clocks
  readonly audit: Audit
  readonly accessChanges: AccessChanges
}

export type Accounts = ReturnType<typeof createAccounts>

export function createAccounts({ database, clocks, audit, accessChanges }: AccountsDeps) {
  const createdHooks: CustomerCreatedHook[] = []
  /** Which customers a transaction has locked; it keeps them until it ends. */
  const heldLocks = new WeakMap<Db, Set<string>>()

  async function get(mode: Mode, id: string, db: Db = database.db): Promise<Customer> {
    const customer = await store.findCustomer(db, mode, id)
    if (customer === undefined) throw notFound('customer')
    return customer
  }

  function noteHeld(tx: Db, mode: Mode, id: string): void {
    const name = `${mode} ${id}`
    holdAlone(tx, `customer ${name}`)
    const locked = heldLocks.get(tx) ?? new Set()
    heldLocks.set(tx, locked.add(name))
  }

  /**
   * Whatever moves money or access of a customer locks it first. Who has the lock reads the customer again: it may have
   * changed it.
   */
  async function lock(tx: Db, mode: Mode, id: string): Promise<Customer> {
    const isHeld = heldLocks.get(tx)?.has(`${mode} ${id}`) === true
    const customer = isHeld
      ? await store.findCustomer(tx, mode, id)
      : await store.lockCustomer(tx, mode, id)
    noteHeld(tx, mode, id)
    if (customer === undefined) throw notFound('customer')
    return customer
  }

  /** Within a transaction that has other things to do as well. */
  async function suspendIn(
    tx: Db,
    caller: Caller,
    id: string,
    reason: SuspensionReason,
    note: string | null,
  ): Promise<void> {
    const { mode } = caller
    const customer = await lock(tx, mode, id)
    const suspendedAt = clocks.now(mode, customer.testClockId)
    if (!(await store.insertSuspension(tx, mode, id, { reason, note, suspendedAt }))) return
    await accessChanges.announce(tx, { mode, customerId: id })
    await audit.record(tx, caller, change('customer.suspended', id, undefined, { reason, note }))
  }

  async function reinstateIn(
    tx: Db,
    caller: Caller,
    id: string,
    reason: SuspensionReason,
  ): Promise<void> {
    const { mode } = caller
    await lock(tx, mode, id)
    if (!(await store.deleteSuspension(tx, mode, id, reason))) return
    await accessChanges.announce(tx, { mode, customerId: id })
    await audit.record(tx, caller, change('customer.reinstated', id, { reason }, undefined))
  }

  return {
    get,
    find: (mode: Mode, id: string, db: Db = database.db) => store.findCustomer(db, mode, id),

    /** For programs that know customers by their own keys. */
    findByIdOrKey: (mode: Mode, name: string, db: Db = database.db) =>
      store.findByIdOrKey(db, mode, name),

    list(mode: Mode, filter: store.CustomerFilter, page: PageRequest): Promise<Page<Customer>> {
      return store.listCustomers(database.db, mode, filter, page)
    },

    count: (mode: Mode) => store.countCustomers(database.db, mode),

    lock,

    /**
     * For work on several customers in one transaction: of these, locks those whom nobody else has, without waiting. Each
     * gets a piece of the transaction of its own.
     */
    async lockFree(tx: Db, mode: Mode, ids: readonly string[]): Promise<ReadonlyMap<string, Db>> {
      const pieces = new Map<string, Db>()
      for (const id of await store.lockFreeCustomers(tx, mode, ids)) {
        const own = fork(tx)
        noteHeld(own, mode, id)
        pieces.set(id, own)
      }
      return pieces
    },

    suspendIn,
    reinstateIn,

    onCreated(hook: CustomerCreatedHook): void {
      createdHooks.push(hook)
    },

    async create(caller: Caller, input: CustomerInput): Promise<Customer> {
      const now = clocks.now(caller.mode)
      const id = newId('customer', now)
      const customer: Customer = {
        mode: caller.mode,
        id,
        key: input.key ?? id,
        name: input.name,
        email: input.email ?? null,
        currency: null,
        timeZone: input.timeZone ?? 'UTC',
        billingMode: 'postpaid',
        maxPaymentOverdueDays: input.maxPaymentOverdueDays ?? null,
        testClockId: null,
        metadata: input.metadata ?? {},
        suspensions: [],
        version: 1,
        createdAt: now,
        closedAt: null,
      }
      await database.transaction(async (tx) => {
        const isNew = await store.insertCustomer(tx, customer)
        if (!isNew) throw new AppError('key_taken', { what: 'customer', key: customer.key })
        if (input.ownerUserId !== undefined) {
          const owner = { customerId: id, userId: input.ownerUserId, role: 'owner' as const }
          await store.insertMember(tx, caller.mode, { ...owner, createdAt: now })
        }
        for (const hook of createdHooks) await hook(tx, customer)
        await audit.record(tx, caller, change('customer.created', id, undefined, customer))
      })
      return customer
    },

    async update(caller: Caller, id: string, input: store.CustomerChange): Promise<Customer> {
      return database.transaction(async (tx) => {
        const before = await store.lockCustomer(tx, caller.mode, id)
        if (before === undefined) throw notFound('customer')
        await store.updateCustomer(tx, caller.mode, id, input, clocks.now(caller.mode))
        const after = await get(caller.mode, id, tx)
        await accessChanges.announce(tx, { mode: caller.mode, customerId: id })
        await audit.record(tx, caller, change('customer.updated', id, before, after))
        return after
      })
    },

    /** Adds a reason to be suspended; harmless when it is there already. */
    async suspend(
      caller: Caller,
      id: string,
      reason: SuspensionReason,
      note: string | null,
    ): Promise<void> {
      await database.transaction((tx) => suspendIn(tx, caller, id, reason, note))
    },

    /** Takes this reason away, and no other. */
    async reinstate(caller: Caller, id: string, reason: SuspensionReason): Promise<void> {
      await database.transaction((tx) => reinstateIn(tx, caller, id, reason))
    },

    members(mode: Mode, customerId: string, db: Db = database.db): Promise<Member[]> {
      return store.listMembers(db, mode, customerId)
    },

    memberships(
      mode: Mode,
      userId: string,
      db: Db = database.db,
    ): Promise<{ customerId: string; role: MemberRole }[]> {
      return store.listMemberships(db, mode, userId)
    },

    /** Somebody acts for the account from here on, within a transaction that has other things to do as well. */
    async addMemberIn(
      tx: Db,
      caller: Caller,
      member: { readonly customerId: string; readonly userId: string; readonly role: MemberRole },
    ): Promise<void> {
      const { mode } = caller
      await lock(tx, mode, member.customerId)
      await store.insertMember(tx, mode, { ...member, createdAt: clocks.now(mode) })
      await audit.record(tx, caller, {
        action: 'member.joined',
        targetKind: 'member',
        targetId: member.userId,
        customerId: member.customerId,
        after: { role: member.role },
      })
    },

    /** Gives a member another role, or none any more. Who asks is a member, too. */
    async changeMember(
      caller: Caller,
      customerId: string,
      userId: string,
      { byUserId, role }: { readonly byUserId: string; readonly role: MemberRole | null },
    ): Promise<void> {
      const { mode } = caller
      await database.transaction(async (tx) => {
        await lock(tx, mode, customerId)
        const members = await store.listMembers(tx, mode, customerId)
        const decision = decideMember(members, { byUserId, userId, role })
        switch (decision.kind) {
          case 'unknown':
            throw notFound('member')
          case 'not_allowed':
            throw new AppError('role_not_allowed', { role: decision.role })
          case 'last_owner':
            throw new AppError('last_owner', {})
          case 'unchanged':
            return
          case 'apply':
        }
        if (role === null) await store.deleteMember(tx, mode, { customerId, userId })
        else await store.setMemberRole(tx, mode, { customerId, userId }, role)
        await audit.record(tx, caller, {
          action: role === null ? 'member.removed' : 'member.role_changed',
          targetKind: 'member',
          targetId: userId,
          customerId,
          before: { role: decision.before },
          ...(role !== null && { after: { role } }),
        })
      })
    },

    /** The customer's own time: real, simulated or where its test clock stands. */
    now(customer: Customer): Instant {
      return clocks.now(customer.mode, customer.testClockId)
    },

    /** The first invoice fixes a customer's currency; Stripe allows one per customer. */
    async fixCurrency(tx: Db, customer: Customer, currency: string): Promise<void> {
      if (customer.currency === currency) return
      if (customer.currency !== null) {
        throw new AppError('currency_fixed', { currency: customer.currency })
      }
      await store.updateCustomer(
        tx,
        customer.mode,
        customer.id,
        { currency },
        clocks.now(customer.mode),
      )
    },
  }
}

function change(action: string, id: string, before: unknown, after: unknown) {
  return { action, targetKind: 'customer', targetId: id, customerId: id, before, after }
}

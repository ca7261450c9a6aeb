import { AppError, invalidRequest, notFound } from '../../errors.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Connected } from '../connections/service.ts'
import type { Catalog } from '../catalog/service.ts'
import { type Coupon, codeOf, type CouponDefinition, type PromotionCode } from './coupon.ts'
import { codeChanges, type CouponInFile, type KnownCoupon } from './coupons-in-file.ts'
import type { CouponMirror } from './mirror.service.ts'
import * as store from './store.ts'
import { validateCoupon } from './validate-coupon.ts'

/** More than people look at; codes for each single customer are made by programs. */
const MAX_CODES_LISTED = 500

interface CouponsDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly catalog: Catalog
  readonly clocks: Clocks
  readonly database: Database
  readonly couponMirror: CouponMirror
}

export interface CodeInput {
  readonly code: string
  readonly maxRedemptions: number | null
  readonly expiresAt: Instant | null
  readonly customerId: string | null
}

export type Coupons = ReturnType<typeof createCoupons>

/** Coupons and their codes, as operators keep them. */
export function createCoupons(deps: CouponsDeps) {
  const { accounts, audit, catalog, clocks, database, couponMirror } = deps

  async function get(mode: Mode, key: string, db: Db = database.db): Promise<Coupon> {
    const coupon = await store.findCoupon(db, mode, key)
    if (coupon === undefined) throw notFound('coupon')
    return coupon
  }

  async function plansOnSale(mode: Mode): Promise<Map<string, Set<string>>> {
    const plans = new Map<string, Set<string>>()
    for (const { key, active } of await catalog.plans(mode)) {
      // Its product in Stripe is part of the coupon's there, so a plan has to be on sale first.
      if (active === undefined) continue
      const versions = await catalog.versions(mode, key)
      const cards = versions.flatMap(({ definition }) =>
        definition.phases.flatMap(({ rateCards }) => rateCards.map((card) => card.key)),
      )
      plans.set(key, new Set(cards))
    }
    return plans
  }

  async function restore(caller: Caller, key: string): Promise<void> {
    await database.transaction(async (tx) => {
      await store.restoreCoupon(tx, caller.mode, key)
      const target = { targetKind: 'coupon', targetId: key }
      await audit.record(tx, caller, { action: 'coupon.restored', ...target })
    })
  }

  async function restoreCode(caller: Caller, code: string): Promise<void> {
    await database.transaction(async (tx) => {
      await store.restoreCode(tx, caller.mode, code)
      const target = { targetKind: 'promotion_code', targetId: code }
      await audit.record(tx, caller, { action: 'promotion_code.restored', ...target })
    })
  }

  return {
    get,
    list: (mode: Mode, db: Db = database.db) => store.listCoupons(db, mode),
    lock: store.lockCoupon,

    /** What Stripe calls it, for a purchase that it makes. */
    async stripeId(connected: Connected, key: string): Promise<string> {
      return couponMirror.ensure(connected, await get(connected.scope.mode, key))
    },

    /** One for as many months as are left of it. */
    async stripeIdOfRest(
      connected: Connected,
      key: string,
      months: number,
      idempotencyKey: string,
    ): Promise<string> {
      const coupon = await get(connected.scope.mode, key)
      return couponMirror.ofRest(connected, coupon, months, idempotencyKey)
    },

    findCode: (mode: Mode, code: string, db: Db = database.db) => store.findCode(db, mode, code),

    async codes(mode: Mode, couponKey: string): Promise<PromotionCode[]> {
      await get(mode, couponKey)
      return store.listCodes(database.db, mode, couponKey, MAX_CODES_LISTED)
    },

    /** The row first, then Stripe's; where Stripe cannot be reached it is made with the first redemption. */
    async create(caller: Caller, key: string, definition: CouponDefinition): Promise<Coupon> {
      const { mode } = caller
      const problems = validateCoupon(definition, await plansOnSale(mode))
      if (problems.length > 0) throw invalidRequest(problems)
      const coupon: Coupon = {
        mode,
        key,
        definition,
        createdAt: clocks.now(mode),
        archivedAt: null,
      }
      await database.transaction(async (tx) => {
        const isNew = await store.insertCoupon(tx, coupon)
        if (!isNew) throw new AppError('key_taken', { what: 'coupon', key })
        await audit.record(tx, caller, {
          action: 'coupon.created',
          targetKind: 'coupon',
          targetId: key,
          after: definition,
        })
      })
      await couponMirror.tryToMirror(coupon)
      return coupon
    },

    async archive(caller: Caller, key: string): Promise<Coupon> {
      const { mode } = caller
      await database.transaction(async (tx) => {
        const { archivedAt } = await get(mode, key, tx)
        if (archivedAt !== null) return
        await store.archiveCoupon(tx, mode, key, clocks.now(mode))
        await audit.record(tx, caller, {
          action: 'coupon.archived',
          targetKind: 'coupon',
          targetId: key,
        })
      })
      return get(mode, key)
    },

    /** As a file may have them: every coupon with its codes for everybody. */
    async known(mode: Mode): Promise<KnownCoupon[]> {
      const [all, codes] = await Promise.all([
        store.listCoupons(database.db, mode),
        store.listCodesForEverybody(database.db, mode),
      ])
      const byCoupon = Map.groupBy(codes, ({ couponKey }) => couponKey)
      return all.map((coupon) => ({ coupon, codes: byCoupon.get(coupon.key) ?? [] }))
    },

    /** Makes one coupon what a file says; each step is not done twice. */
    async put(caller: Caller, wanted: CouponInFile): Promise<void> {
      const { mode } = caller
      const known = await store.findCoupon(database.db, mode, wanted.key)
      if (known === undefined) await this.create(caller, wanted.key, wanted.definition)
      else if (known.archivedAt !== null) await restore(caller, wanted.key)
      const codes = (await store.listCodesForEverybody(database.db, mode)).filter(
        ({ couponKey }) => couponKey === wanted.key,
      )
      const { added, restored, takenBack } = codeChanges(codes, wanted.codes)
      for (const code of added) {
        await this.addCode(caller, wanted.key, { ...code, customerId: null })
      }
      for (const code of restored) await restoreCode(caller, code)
      for (const code of takenBack) await this.deactivateCode(caller, code)
    },

    async addCode(caller: Caller, couponKey: string, input: CodeInput): Promise<PromotionCode> {
      const { mode } = caller
      if (input.customerId !== null) await accounts.get(mode, input.customerId)
      const code: PromotionCode = {
        mode,
        ...input,
        code: codeOf(input.code),
        couponKey,
        createdAt: clocks.now(mode),
        deactivatedAt: null,
      }
      await database.transaction(async (tx) => {
        await store.lockCoupon(tx, mode, couponKey)
        const { archivedAt } = await get(mode, couponKey, tx)
        if (archivedAt !== null) throw new AppError('coupon_archived', { coupon: couponKey })
        const isNew = await store.insertCode(tx, code)
        if (!isNew) throw new AppError('key_taken', { what: 'promotion code', key: code.code })
        await audit.record(tx, caller, {
          action: 'promotion_code.created',
          targetKind: 'promotion_code',
          targetId: code.code,
          customerId: input.customerId,
          after: { couponKey, maxRedemptions: input.maxRedemptions, expiresAt: input.expiresAt },
        })
      })
      return code
    },

    async deactivateCode(caller: Caller, text: string): Promise<PromotionCode> {
      const { mode } = caller
      return database.transaction(async (tx) => {
        const code = await store.findCode(tx, mode, codeOf(text))
        if (code === undefined) throw notFound('promotion code')
        if (code.deactivatedAt !== null) return code
        const now = clocks.now(mode)
        await store.deactivateCode(tx, mode, code.code, now)
        await audit.record(tx, caller, {
          action: 'promotion_code.deactivated',
          targetKind: 'promotion_code',
          targetId: code.code,
          customerId: code.customerId,
        })
        return { ...code, deactivatedAt: now }
      })
    },
  }
}

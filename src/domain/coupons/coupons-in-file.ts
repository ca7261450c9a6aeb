import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../../errors.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Coupon, CouponDefinition, PromotionCode } from './coupon.ts'
import { validateCoupon } from './validate-coupon.ts'

/** A coupon as it stands in a catalog file, with the codes that everybody may use; a code for one customer is theirs. */
export interface CouponInFile {
  readonly key: string
  readonly definition: CouponDefinition
  readonly codes: readonly CodeInFile[]
}

export type CodeInFile = Pick<PromotionCode, 'code' | 'maxRedemptions' | 'expiresAt'>

/** A coupon as it is, whether or not it is archived, with all its codes for everybody. */
export interface KnownCoupon {
  readonly coupon: Coupon
  readonly codes: readonly PromotionCode[]
}

export interface CouponChange {
  readonly key: string
  readonly change: 'create' | 'change' | 'restore' | 'archive' | 'keep'
  readonly note: string | null
}

export interface CodeChanges {
  readonly added: readonly CodeInFile[]
  readonly restored: readonly string[]
  readonly takenBack: readonly string[]
}

export function couponInFile({ coupon, codes }: KnownCoupon): CouponInFile {
  return {
    key: coupon.key,
    definition: coupon.definition,
    codes: codes.filter(isInUse).map(codeInFile).toSorted(byCode),
  }
}

/** What it takes to make the coupons what the file says. For files without problems. */
export function decideCoupons(
  known: readonly KnownCoupon[],
  wanted: readonly CouponInFile[],
): CouponChange[] {
  const changes = wanted.map(({ key, codes }): CouponChange => {
    const before = known.find(({ coupon }) => coupon.key === key)
    if (before === undefined) return { key, change: 'create', note: null }
    const note = noteOf(codeChanges(before.codes, codes))
    if (before.coupon.archivedAt !== null) return { key, change: 'restore', note }
    return { key, change: note === null ? 'keep' : 'change', note }
  })
  const gone = known.filter(
    ({ coupon }) => coupon.archivedAt === null && !wanted.some(({ key }) => key === coupon.key),
  )
  const note = 'Nobody redeems it any more; who has keeps it.'
  return [
    ...changes,
    ...gone.map(({ coupon: { key } }): CouponChange => ({ key, change: 'archive', note })),
  ]
}

export function codeChanges(
  known: readonly PromotionCode[],
  wanted: readonly CodeInFile[],
): CodeChanges {
  const find = (code: string) => known.find((each) => each.code === code)
  return {
    added: wanted.filter(({ code }) => find(code) === undefined),
    restored: wanted
      .map(({ code }) => code)
      .filter((code) => (find(code)?.deactivatedAt ?? null) !== null),
    takenBack: known
      .filter((each) => isInUse(each) && !wanted.some(({ code }) => code === each.code))
      .map(({ code }) => code),
  }
}

/**
 * What is wrong with the coupons of a file. Those that are there are not looked at again: their plans may have gone since,
 * and what was promised does not change. `plans` are those of the file, with the keys of their rate cards.
 */
export function validateCoupons(
  known: readonly KnownCoupon[],
  wanted: readonly CouponInFile[],
  plans: ReadonlyMap<string, ReadonlySet<string>>,
): FieldError[] {
  const codes = new Map(known.flatMap((each) => each.codes.map((code) => [code.code, code])))
  const seen = new Set<string>()
  return wanted.flatMap(({ key, definition, codes: own }, at): FieldError[] => {
    const before = known.find(({ coupon }) => coupon.key === key)?.coupon
    const problems =
      before === undefined
        ? validateCoupon(definition, plans)
        : unchanged(before.definition, definition)
    return [
      ...problems.map(({ path, message }) => ({ path: `coupons[${at}].${path}`, message })),
      ...own.flatMap((code, i): FieldError[] => {
        const path = `coupons[${at}].codes[${i}]`
        const isTwice = seen.has(code.code)
        seen.add(code.code)
        if (isTwice) return [{ path: `${path}.code`, message: 'is given twice' }]
        const there = codes.get(code.code)
        if (there === undefined) return []
        if (there.couponKey !== key || there.customerId !== null) {
          const whose = there.customerId === null ? there.couponKey : 'one customer'
          return [{ path: `${path}.code`, message: `is a code of ${whose} already` }]
        }
        return unchanged(codeInFile(there), code).map(({ message, ...problem }) => ({
          path: `${path}.${problem.path}`,
          message,
        }))
      }),
    ]
  })
}

function unchanged(before: object, wanted: object): FieldError[] {
  return Object.entries(wanted).flatMap(([path, value]) => {
    const known = (before as Readonly<Record<string, unknown>>)[path]
    if (isDeepStrictEqual(known, value)) return []
    const message = `is ${JSON.stringify(known)} and can never change; give the new one another name.`
    return [{ path, message }]
  })
}

function noteOf({ added, restored, takenBack }: CodeChanges): string | null {
  const parts = [
    ...[...added.map(({ code }) => code), ...restored].map((code) => `adds the code ${code}`),
    ...takenBack.map((code) => `takes ${code} back`),
  ]
  if (parts.length === 0) return null
  const text = parts.join(', ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function isInUse({ deactivatedAt }: { readonly deactivatedAt: Instant | null }): boolean {
  return deactivatedAt === null
}

function codeInFile({ code, maxRedemptions, expiresAt }: PromotionCode): CodeInFile {
  return { code, maxRedemptions, expiresAt }
}

function byCode(a: CodeInFile, b: CodeInFile): number {
  return a.code < b.code ? -1 : 1
}

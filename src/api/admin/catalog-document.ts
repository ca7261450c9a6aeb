import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import type { FieldError } from '../../errors.ts'
import { decimal, formatDecimal } from '../../kit/decimal.ts'
import { parseInstant } from '../../kit/instant.ts'
import { toMajorString, parseMajor } from '../../kit/money.ts'
import type { CatalogFile, PackInFile } from '../../domain/catalog/catalog-file.ts'
import { codeOf } from '../../domain/coupons/coupon.ts'
import type { CouponInFile } from '../../domain/coupons/coupons-in-file.ts'
import { parseUnit, unitText } from '../../domain/credits/unit-text.ts'
import { catalogFile, couponInFile, packInFile, planInFile } from '../contract/catalog-file.ts'
import { featureInput, meterInput } from '../contract/catalog.ts'
import { fieldErrors } from '../http/read-input.ts'
import { iso } from '../to-api.ts'

/** A catalog as it was handed in: what could be read of it, and what could not. */
export interface ReadCatalog {
  readonly file: CatalogFile
  readonly problems: readonly FieldError[]
  /** Where something stands in the document; what cannot be read leaves gaps in the lists. */
  readonly locate: (path: string) => string
}

type Section = keyof CatalogFile

const SECTIONS = {
  meters: meterInput,
  features: featureInput,
  plans: planInFile,
  creditPacks: packInFile,
  coupons: couponInFile,
} as const satisfies Record<Section, z.ZodObject>

/** Reads entry by entry, so that a mistake in one hides none in another. */
export function readCatalog(document: Readonly<Record<string, unknown>>): ReadCatalog {
  const problems: FieldError[] = []
  const places: Record<Section, number[]> = {
    meters: [],
    features: [],
    plans: [],
    creditPacks: [],
    coupons: [],
  }
  for (const name of Object.keys(document)) {
    if (!(name in SECTIONS)) problems.push({ path: name, message: 'is not known here' })
  }

  function read<Name extends Section>(section: Name): z.output<(typeof SECTIONS)[Name]>[] {
    const entries = document[section] ?? []
    const limit = catalogFile.shape[section]
      .safeParse(entries)
      .error?.issues.find(({ path }) => path.length === 0)
    if (!Array.isArray(entries) || limit !== undefined) {
      const message = limit?.message ?? 'must be a list'
      problems.push({ path: section, message: Array.isArray(entries) ? message : 'must be a list' })
      return []
    }
    return entries.flatMap((entry: unknown, at) => {
      const result = SECTIONS[section].safeParse(entry)
      if (!result.success) {
        problems.push(
          ...result.error.issues.flatMap((issue) => fieldErrors(issue, `${section}[${at}]`)),
        )
        return []
      }
      places[section].push(at)
      return [result.data as z.output<(typeof SECTIONS)[Name]>]
    })
  }

  const packs = read('creditPacks')
  const file: CatalogFile = {
    meters: read('meters'),
    features: read('features'),
    plans: read('plans').map(({ key, isDefault, ...definition }) => ({
      key,
      isDefault,
      definition,
    })),
    creditPacks: packs.flatMap((pack, at): PackInFile[] => {
      const { price: text, currency, unit: unitName, amountPerPack, ...rest } = pack
      const price = parseMajor(text, currency)
      const unit = parseUnit(unitName)
      if (price === undefined || unit === undefined) {
        const path = `creditPacks[${places.creditPacks[at]}].price`
        problems.push({ path, message: `is no amount of ${currency}` })
        return []
      }
      return [{ ...rest, unit, price, amountPerPack: decimal(amountPerPack) }]
    }),
    coupons: document['coupons'] === undefined ? null : read('coupons').map(couponOf),
  }
  const locate = (path: string): string =>
    path.replace(/^(\w+)\[(\d+)\]/, (all, section: string, at: string) => {
      const place = places[section as Section]?.[Number(at)]
      return place === undefined ? all : `${section}[${place}]`
    })
  return { file, problems, locate }
}

function couponOf(written: z.output<typeof couponInFile>): CouponInFile {
  const { key, codes, redeemBy, ...definition } = written
  const instantOf = (text: string | null) => (text === null ? null : (parseInstant(text) ?? null))
  return {
    key,
    definition: { ...definition, redeemBy: instantOf(redeemBy) },
    codes: codes.map(({ code, maxRedemptions, expiresAt }) => ({
      code: codeOf(code),
      maxRedemptions,
      expiresAt: instantOf(expiresAt),
    })),
  }
}

/** The document of a catalog, in a stable order and without what has its default. */
export function writeCatalog({ meters, features, plans, creditPacks, coupons }: CatalogFile) {
  const documentOf = (schema: z.ZodType) => (value: unknown) => withoutDefaults(schema, value)
  return {
    meters: meters.map(documentOf(meterInput)),
    features: features.map(documentOf(featureInput)),
    plans: plans
      .map(({ key, isDefault, definition }) => ({ key, isDefault, ...definition }))
      .map(documentOf(planInFile)),
    creditPacks: creditPacks
      .map(({ unit, amountPerPack, price, ...rest }) => ({
        ...rest,
        unit: unitText(unit),
        amountPerPack: formatDecimal(amountPerPack),
        price: toMajorString(price),
        currency: price.currency,
      }))
      .map(documentOf(packInFile)),
    // Silence about coupons is something else than none.
    ...(coupons !== null && {
      coupons: coupons
        .map(({ key, definition, codes }) => ({
          key,
          ...definition,
          redeemBy: iso(definition.redeemBy),
          codes: codes.map((code) => ({ ...code, expiresAt: iso(code.expiresAt) })),
        }))
        .map(documentOf(couponInFile)),
    }),
  }
}

interface Definition {
  readonly type: string
  readonly innerType?: z.ZodType
  readonly defaultValue?: unknown
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly element?: z.ZodType
  readonly valueType?: z.ZodType
  readonly options?: readonly z.ZodType[]
}

/** The schema's own order of keys, records sorted; what parsing would add again is left out. */
function withoutDefaults(schema: z.ZodType, value: unknown): unknown {
  const { type, innerType, shape, element, valueType, options } = schema.def as Definition
  if (value === null || value === undefined) return value
  if (innerType !== undefined) return withoutDefaults(innerType, value)
  if (shape !== undefined) {
    const given = value as Readonly<Record<string, unknown>>
    const kept = Object.entries(shape).flatMap(([key, part]) =>
      given[key] === undefined || isDefault(part, given[key])
        ? []
        : [[key, withoutDefaults(part, given[key])]],
    )
    return Object.fromEntries(kept) as unknown
  }
  if (element !== undefined) {
    return (value as readonly unknown[]).map((entry) => withoutDefaults(element, entry))
  }
  if (type === 'record' && valueType !== undefined) {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(
      entries.map(([key, entry]: [string, unknown]) => [key, withoutDefaults(valueType, entry)]),
    )
  }
  if (options !== undefined) {
    const option = options.find((candidate) => candidate.safeParse(value).success)
    return option === undefined ? value : withoutDefaults(option, value)
  }
  return value
}

function isDefault(schema: z.ZodType, value: unknown): boolean {
  const { type, defaultValue } = schema.def as Definition
  return type === 'default' && isDeepStrictEqual(value, defaultValue)
}

import { decimal, formatDecimal, ZERO } from '../../kit/decimal.ts'
import { formatInstant, type Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page } from '../../kit/page.ts'
import { invalidRequest } from '../../errors.ts'
import { type CreditUnit, grantStateAt, unreserved } from '../../domain/credits/grant.ts'
import type { Purchase, SoldPack, TopUpSetting } from '../../domain/credits/purchases/purchase.ts'
import { parseUnit, unitText } from '../../domain/credits/unit-text.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { DONE, iso, moneyToApi } from '../to-api.ts'

type Holding = Awaited<ReturnType<Services['credits']['grants']>>[number]
type Entries = Awaited<ReturnType<Services['credits']['entries']>>

/** Credits, for operators and for the accounts that have them. */
export function creditRoutes(services: Services): Implementation[] {
  const { accounts, clocks, creditPurchases, credits, surroundings, topUps } = services

  async function accountOf(mode: Mode, customerId: string) {
    const customer = await accounts.get(mode, customerId)
    const now = accounts.now(customer)
    const balances = await credits.balances(mode, customerId)
    const grants = await credits.grants(mode, customerId)
    const topUp = await topUps.find(mode, customerId)
    return {
      topUp: topUp === undefined ? null : topUpToApi(topUp),
      balances: balances.map(({ unit, available, reserved, debt }) => ({
        unit,
        available: formatDecimal(available),
        reserved: formatDecimal(reserved),
        debt: formatDecimal(debt),
      })),
      grants: grants.map((holding) => grantToApi(holding, now)),
    }
  }

  return [
    implement(contract.getCustomerCredits, ({ params }, { caller }) =>
      accountOf(caller.mode, params.customerId),
    ),

    implement(contract.listCustomerCreditEntries, async ({ params, query }, { caller }) => {
      const { id } = await accounts.get(caller.mode, params.customerId)
      return entriesToApi(await credits.entries(caller.mode, id, query))
    }),

    implement(contract.listCustomerTopUps, async ({ params, query }, { caller }) => {
      const { id } = await accounts.get(caller.mode, params.customerId)
      return topUpsToApi(await topUps.history(caller.mode, id, query))
    }),

    implement(contract.grantCredits, async ({ params, body }, { caller }) => {
      await credits.grant(caller, params.customerId, {
        ...body,
        unit: unitOf(body.unit),
        amount: positive(body.amount, 'amount'),
        expiresAt: body.expiresAt === null ? null : Date.parse(body.expiresAt),
      })
      return accountOf(caller.mode, params.customerId)
    }),

    implement(contract.voidCreditGrant, async ({ params, body }, { caller }) => {
      await credits.voidGrant(caller, params.grantId, body.note)
      return DONE
    }),

    implement(contract.consumeCredits, async ({ params, body }, { caller }) => {
      const available = await credits.consume(caller, params.customerId, {
        unit: unitOf(body.unit),
        amount: positive(body.amount, 'amount'),
        featureKey: body.featureKey,
        reference: body.reference,
      })
      return { available: formatDecimal(available) }
    }),

    implement(contract.listCreditPacks, async (_, { caller }) => ({
      data: (await creditPurchases.packs(caller.mode)).map(packToApi),
    })),

    implement(contract.putCreditPack, async ({ params, body }, { caller }) => {
      const { priceMinor, currency, unit, amountPerPack, ...rest } = body
      const pack = await creditPurchases.putPack(
        caller,
        {
          ...rest,
          key: params.packKey,
          unit: unitOf(unit),
          amountPerPack: positive(amountPerPack, 'amountPerPack'),
          price: { amountMinor: BigInt(priceMinor), currency },
        },
        clocks.now(caller.mode),
      )
      return packToApi(pack)
    }),

    implement(contract.archiveCreditPack, async ({ params }, { caller }) => {
      await creditPurchases.archivePack(caller, params.packKey, clocks.now(caller.mode))
      return DONE
    }),

    implement(contract.getOwnCredits, async (_, { caller, customerId }) => {
      const { mode } = caller
      const packs = await creditPurchases.packs(mode)
      return {
        ...(await accountOf(mode, customerId)),
        packs: packs.filter(({ archivedAt }) => archivedAt === null).map(packToApi),
      }
    }),

    implement(contract.listOwnCreditEntries, async ({ query }, { caller, customerId }) =>
      entriesToApi(await credits.entries(caller.mode, customerId, query)),
    ),

    implement(contract.listOwnTopUps, async ({ query }, { caller, customerId }) =>
      topUpsToApi(await topUps.history(caller.mode, customerId, query)),
    ),

    implement(contract.buyCredits, async ({ body }, { caller, customerId }) => {
      const returnUrl = `${surroundings.consoleUrl}/portal/billing/credits?purchase={purchase}`
      return purchaseToApi(await creditPurchases.buy(caller, { customerId, ...body, returnUrl }))
    }),

    implement(contract.getOwnCreditPurchase, async ({ params }, { caller, customerId }) =>
      purchaseToApi(await creditPurchases.get(caller.mode, customerId, params.purchaseId)),
    ),

    implement(contract.setOwnTopUp, async ({ body }, { caller, customerId }) =>
      topUpToApi(
        await topUps.set(caller, customerId, {
          ...body,
          threshold: decimal(body.threshold),
          maximumPerDay: body.maximumPerDay === null ? null : decimal(body.maximumPerDay),
          maximumPerMonth: body.maximumPerMonth === null ? null : decimal(body.maximumPerMonth),
        }),
      ),
    ),
  ]
}

function unitOf(text: string): CreditUnit {
  const unit = parseUnit(text)
  if (unit === undefined) throw invalidRequest([{ path: 'unit', message: 'is no unit of credits' }])
  return unit
}

function positive(text: string, path: string) {
  const amount = decimal(text)
  if (amount > ZERO) return amount
  throw invalidRequest([{ path, message: 'must be more than zero' }])
}

function grantToApi({ grant, balance, note }: Holding, now: Instant) {
  return {
    id: grant.id,
    unit: unitText(grant.unit),
    amount: formatDecimal(grant.amount),
    category: grant.category,
    priority: grant.priority,
    state: grantStateAt({ grant, balance }, now),
    isFrozen: grant.isFrozen,
    left: formatDecimal(unreserved(balance)),
    burned: formatDecimal(balance.burned),
    expired: formatDecimal(balance.expired),
    voided: formatDecimal(balance.voided),
    effectiveAt: formatInstant(grant.effectiveAt),
    expiresAt: iso(grant.expiresAt),
    appliesTo: grant.appliesTo === null ? null : [...grant.appliesTo],
    note,
  }
}

function entriesToApi({ data, nextCursor }: Entries) {
  return {
    data: data.map((entry) => ({
      ...entry,
      amount: formatDecimal(decimal(entry.amount)),
      balanceAfter: formatDecimal(decimal(entry.balanceAfter)),
      at: formatInstant(entry.at),
    })),
    nextCursor,
  }
}

function packToApi(pack: SoldPack) {
  return {
    ...pack,
    unit: unitText(pack.unit),
    amountPerPack: formatDecimal(pack.amountPerPack),
    price: moneyToApi(pack.price.amountMinor, pack.price.currency),
    appliesTo: pack.appliesTo === null ? null : [...pack.appliesTo],
    archivedAt: iso(pack.archivedAt),
  }
}

function purchaseToApi(purchase: Purchase) {
  const { amountMinor, currency } = purchase.amount
  return {
    ...purchase,
    amount: moneyToApi(amountMinor, currency),
    createdAt: formatInstant(purchase.createdAt),
  }
}

function topUpsToApi({ data, nextCursor }: Page<Purchase>) {
  return {
    data: data.map((each) => ({ ...purchaseToApi(each), settledAt: iso(each.settledAt) })),
    nextCursor,
  }
}

function topUpToApi(setting: TopUpSetting) {
  return {
    ...setting,
    threshold: formatDecimal(setting.threshold),
    maximumPerDay: setting.maximumPerDay && formatDecimal(setting.maximumPerDay),
    maximumPerMonth: setting.maximumPerMonth && formatDecimal(setting.maximumPerMonth),
  }
}

import { termsIn } from '../catalog/price-terms.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { PriceRecurring } from '../stripe.generated.ts'
import { html, type Html } from './html.ts'
import { showAmount, showUnitAmount } from './money.ts'

type Price = Documents['price']
type Tiers = NonNullable<Price['inner']['tiers']>

/** per month, every 3 months */
export function perInterval({ interval, interval_count: count }: PriceRecurring): string {
  return count === 1 ? `per ${interval}` : `every ${count} ${interval}s`
}

const ADVERBS = { day: 'daily', week: 'weekly', month: 'monthly', year: 'yearly' } as const

/** monthly, every 3 months */
function howOften({ interval, interval_count: count }: PriceRecurring): string {
  return count === 1 ? ADVERBS[interval] : `every ${count} ${interval}s`
}

interface Described {
  readonly price: Price
  readonly currency: string
  /** What is counted, as the product names it: `request`. */
  readonly unitLabel: string | null
  readonly quantity: number | null
}

/** What a price asks for, in one line: `Qty 3, $5.00 each per month`, `$0.002 per request, billed monthly by usage`. */
export function describePrice({ price, currency, unitLabel, quantity }: Described): string {
  const unit = unitLabel ?? 'unit'
  const { recurring } = price
  const terms = termsIn(price, currency)
  const isMetered = recurring?.usage_type === 'metered'
  const rhythm =
    recurring === null
      ? ''
      : isMetered
        ? `, billed ${howOften(recurring)} by usage`
        : ` ${perInterval(recurring)}`
  if (terms === undefined) return rhythm.trim()
  if (terms.tiers !== null) {
    const parts = [
      quantity !== null && quantity > 1 ? `Qty ${quantity}` : '',
      tierText(terms.tiers, currency, unit),
    ]
    return parts.filter((part) => part !== '').join(', ') + rhythm
  }
  const amount = showUnitAmount(terms.unitAmountDecimal ?? '0', currency)
  const { transform_quantity: transform } = price
  if (transform !== null) return `${amount} per ${transform.divide_by} ${unit}s${rhythm}`
  if (isMetered) return `${amount} per ${unit}${rhythm}`
  if (quantity !== null && quantity > 1) return `Qty ${quantity}, ${amount} each${rhythm}`
  return `${amount}${rhythm}`
}

function tierText(tiers: Tiers, currency: string, unit: string): string {
  const [first, second] = tiers
  if (first === undefined) return ''
  const flat = first.flat_amount_decimal
  const isFree = Number(first.unit_amount_decimal ?? '0') === 0 && Number(flat ?? '0') === 0
  if (isFree && second !== undefined && first.up_to !== null) {
    const price = showUnitAmount(second.unit_amount_decimal ?? '0', currency)
    return `First ${count(first.up_to)} ${unit}s free, then ${price} per ${unit}`
  }
  if (flat !== null && Number(flat) > 0) return `Starts at ${showUnitAmount(flat, currency)}`
  return `Starts at ${showUnitAmount(first.unit_amount_decimal ?? '0', currency)} per ${unit}`
}

/** All tiers of a price, to be opened; nothing for prices that have none. */
export function tierTable({ price, currency, unitLabel }: Described): Html {
  const tiers = termsIn(price, currency)?.tiers ?? null
  if (tiers === null) return { html: '' }
  const unit = unitLabel ?? 'unit'
  const hasFlat = tiers.some(({ flat_amount_decimal: flat }) => Number(flat ?? '0') > 0)
  let from = 1
  const rows = tiers.map((tier) => {
    const range =
      tier.up_to === null ? `${count(from)} and above` : `${count(from)} to ${count(tier.up_to)}`
    from = (tier.up_to ?? 0) + 1
    return html`<tr>
      <td>${range}</td>
      <td>${showUnitAmount(tier.unit_amount_decimal ?? '0', currency)}</td>
      ${hasFlat ? html`<td>${showUnitAmount(tier.flat_amount_decimal ?? '0', currency)}</td>` : ''}
    </tr>`
  })
  const how =
    price.tiers_mode === 'volume'
      ? 'The tier your total reaches prices all of it.'
      : 'Each tier prices its own share.'
  return html`<details>
    <summary>Pricing tiers</summary>
    <table class="tiers">
      <thead>
        <tr>
          <th scope="col">${unit[0]?.toUpperCase()}${unit.slice(1)}s</th>
          <th scope="col">Per ${unit}</th>
          ${hasFlat ? html`<th scope="col">Flat fee</th>` : ''}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    <p class="hint">${how}</p>
  </details>`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** 25% off for 3 months */
export function couponText(tx: Transaction, id: string): string {
  const coupon = tx.get('coupon', id)
  const off =
    coupon.percent_off === null
      ? `${showAmount(coupon.amount_off ?? 0, coupon.currency ?? 'usd')} off`
      : `${coupon.percent_off}% off`
  switch (coupon.duration) {
    case 'forever':
      return `${off} forever`
    case 'repeating': {
      const months = coupon.duration_in_months ?? 1
      return `${off} for ${months} ${months === 1 ? 'month' : 'months'}`
    }
    case 'once':
      return `${off} once`
  }
}

import { type Decimal, multiply, ONE } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Allowance, AllowanceRefusal, AllowanceVerdict, AllowanceView } from './allowance.ts'
import type { Quota } from './quota.ts'
import { fromMicros, type Micros, toMicros, toMicrosDown } from './units.ts'

/** A budget in money as the units of one meter see it: they take what they are worth. */
export class PricedStock implements Allowance {
  readonly #stock: Quota
  readonly #worth: Decimal
  /** What other meters of the same request take of the same budget: asked about together, taken each on its own. */
  readonly #beside: Micros
  /** The units asked about last: nearly always the same. */
  #units: Micros = -1
  #price: Micros = 0

  constructor(stock: Quota, worth: Decimal, beside: Micros) {
    this.#stock = stock
    this.#worth = worth
    this.#beside = beside
  }

  priceOf(units: Micros): Micros {
    if (units === this.#units) return this.#price
    this.#units = units
    this.#price = toMicros(this.#exactly(units))
    return this.#price
  }

  #exactly(units: Micros): Decimal {
    return (multiply(fromMicros(units), this.#worth) / ONE) as Decimal
  }

  check(units: Micros, at: Instant): AllowanceVerdict {
    return this.#stock.check(this.#beside + this.priceOf(units), at)
  }

  take(units: Micros, at: Instant): void {
    this.#stock.take(this.priceOf(units), at)
  }

  giveBack(units: Micros): void {
    this.#stock.giveBack(toMicrosDown(this.#exactly(units)))
  }

  wait(units: Micros, resume: () => void): void {
    this.#stock.wait(this.#beside + this.priceOf(units), resume)
  }

  isOverdrawn(): boolean {
    return this.#stock.isOverdrawn()
  }

  refusal(at: Instant): AllowanceRefusal {
    return this.#stock.refusal(at)
  }

  view(): AllowanceView | null {
    return this.#stock.view()
  }
}

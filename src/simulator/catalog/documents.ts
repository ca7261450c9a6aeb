import type {
  Coupon,
  Discount,
  Price,
  Product,
  PromotionCode,
  TaxRate,
} from '../stripe.generated.ts'

interface Deletable {
  /** Deleted objects stay for those who refer to them. */
  readonly isDeleted: boolean
}

export type ProductDocument = Product & { readonly inner: Deletable }

export type PriceDocument = Omit<Price, 'tiers' | 'currency_options'> & {
  readonly inner: Deletable & {
    readonly tiers: NonNullable<Price['tiers']> | null
    readonly currencyOptions: NonNullable<Price['currency_options']>
  }
}

export type CouponDocument = Omit<Coupon, 'applies_to' | 'currency_options' | 'valid'> & {
  readonly inner: Deletable & {
    readonly products: readonly string[] | null
    readonly currencyOptions: NonNullable<Coupon['currency_options']>
  }
}

export type DiscountDocument = Discount & { readonly inner: Deletable }

export type PromotionCodeDocument = PromotionCode & {
  readonly inner: {
    readonly coupon: string
    /** The code as it is compared: in capitals. */
    readonly codeKey: string
  }
}

export type TaxRateDocument = TaxRate

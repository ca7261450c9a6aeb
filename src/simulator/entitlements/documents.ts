import type {
  EntitlementsActiveEntitlement,
  EntitlementsFeature,
  ProductFeature,
} from '../stripe.generated.ts'

export type FeatureDocument = EntitlementsFeature

export type ProductFeatureDocument = Omit<ProductFeature, 'entitlement_feature'> & {
  readonly inner: { readonly product: string; readonly feature: string }
}

export type ActiveEntitlementDocument = EntitlementsActiveEntitlement & {
  readonly inner: { readonly customer: string }
}

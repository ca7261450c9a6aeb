import { DetailSkeleton, ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'name', header: 'Coupon' },
  { key: 'key', header: 'Key', width: '11rem', isSecondary: true },
  { key: 'off', header: 'Takes off', width: '11rem' },
  { key: 'duration', header: 'For', width: '9rem' },
  { key: 'state', header: 'State', width: '8rem' },
  { key: 'redeemed', header: 'Redeemed', width: '8rem', align: 'end' },
] as const

export const CODE_HEADS = [
  { key: 'code', header: 'Code' },
  { key: 'state', header: 'State', width: '8rem' },
  { key: 'customer', header: 'Only for', width: '12rem', isSecondary: true },
  { key: 'expires', header: 'Until', width: '8rem' },
  { key: 'redeemed', header: 'Redeemed', width: '8rem', align: 'end' },
  { key: 'act', header: '', width: '7rem', align: 'end' },
] as const

export function CouponListSkeleton() {
  return <ListSkeleton title="Coupons" heads={HEADS} rows={6} isBare />
}

export function CouponSkeleton() {
  return <DetailSkeleton title="Coupon" />
}

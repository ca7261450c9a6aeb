import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf } from '../../../ui/format.ts'
import { RowLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { paths } from '../../paths.ts'
import { couponsQuery, plansQuery } from '../../queries.ts'
import { CreateCoupon } from './create-coupon.tsx'
import {
  type Coupon,
  couponStanding,
  durationWords,
  offWords,
  redeemedWords,
} from './present-coupon.ts'
import { HEADS } from './skeleton.tsx'

const COLUMNS: readonly Column<Coupon>[] = withCells(HEADS, {
  name: (coupon) => (
    <RowLink to={paths.coupon} params={{ couponKey: coupon.key }}>
      {coupon.definition.name}
    </RowLink>
  ),
  key: (coupon) => <code>{coupon.key}</code>,
  off: offWords,
  duration: durationWords,
  state: (coupon) => <CouponState coupon={coupon} />,
  redeemed: ({ redemptionCount, definition }) =>
    redeemedWords(redemptionCount, definition.maxRedemptions),
})

const route = getRouteApi('/app/coupons')

export function CouponList() {
  const { act } = route.useSearch()
  const navigate = route.useNavigate()
  const { data } = useSuspenseQuery(couponsQuery)
  const { data: plans } = useSuspenseQuery(plansQuery)
  const create = (
    <CreateCoupon
      planKeys={plans.data.filter(({ active }) => active !== null).map(({ key }) => key)}
      isOpen={act === 'create'}
      onOpenChange={(isOpen) =>
        void navigate({ search: isOpen ? { act: 'create' } : {}, replace: true })
      }
    />
  )
  return (
    <Stack gap={4}>
      <PageHeader
        title="Coupons"
        description="What is taken off, and the promotion codes customers redeem it with."
        actions={data.data.length > 0 && create}
      />
      <Card isFlush>
        <DataTable
          label="Coupons"
          columns={COLUMNS}
          rows={data.data}
          rowKey={({ key }) => key}
          empty={
            <EmptyState
              icon="tag"
              title="No coupons yet"
              description="A coupon takes a percentage or an amount off a customer's invoices. Customers redeem it with a promotion code when they buy a plan."
              action={create}
            />
          }
          footer={<Pagination summary={countOf(data.data.length, 'coupon')} />}
        />
      </Card>
    </Stack>
  )
}

export function CouponState({ coupon }: { readonly coupon: Coupon }) {
  const { word, tone } = couponStanding(coupon, useNow())
  return <Badge tone={tone}>{word}</Badge>
}

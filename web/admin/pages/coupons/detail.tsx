import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { couponQuery } from '../../queries.ts'
import { CreateCode } from './create-code.tsx'
import { CouponState } from './list.tsx'
import {
  codeStanding,
  type Coupon,
  durationWords,
  offWords,
  type PromotionCode,
  redeemedWords,
} from './present-coupon.ts'
import { CODE_HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/coupons/$couponKey')

const CODES: readonly Column<PromotionCode>[] = withCells(CODE_HEADS, {
  code: ({ code }) => <CopyText text={code} label="promotion code" isWhole />,
  state: (code) => <CodeState code={code} />,
  customer: ({ customerId }) =>
    customerId === null ? (
      'everybody'
    ) : (
      <Link to={paths.customer} params={{ customerId }}>
        one customer
      </Link>
    ),
  expires: ({ expiresAt }) => (expiresAt === null ? '–' : <Time at={expiresAt} as="date" />),
  redeemed: ({ redemptionCount, maxRedemptions }) => redeemedWords(redemptionCount, maxRedemptions),
  act: (code) => <TakeBack code={code} />,
})

export function CouponPage() {
  const { couponKey } = route.useParams()
  const { data: coupon } = useSuspenseQuery(couponQuery(couponKey))
  const { definition, codes } = coupon
  const code = <CreateCode couponKey={couponKey} isArchived={coupon.archivedAt !== null} />
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={<Link to={paths.coupons}>Coupons</Link>}
        title={definition.name}
        description={<CopyText text={coupon.key} label="coupon key" isWhole />}
        actions={
          <>
            <Archive coupon={coupon} />
            {codes.length > 0 && code}
          </>
        }
      />
      <Card title="What it takes off">
        <KeyValueList
          items={[
            { label: 'State', value: <CouponState coupon={coupon} /> },
            { label: 'Takes off', value: offWords(coupon) },
            { label: 'For', value: durationWords(coupon) },
            { label: 'Plans', value: definition.planKeys?.join(', ') ?? 'every plan' },
            {
              label: 'Rate cards',
              value: definition.rateCardKeys?.join(', ') ?? 'every fee and all usage',
            },
            {
              label: 'Redeemed',
              value: redeemedWords(coupon.redemptionCount, definition.maxRedemptions),
            },
            {
              label: 'Redeemable until',
              value: definition.redeemBy === null ? 'any time' : <Time at={definition.redeemBy} />,
            },
            { label: 'Created', value: <Time at={coupon.createdAt} as="date" /> },
          ]}
        />
      </Card>
      <Card isFlush title="Promotion codes">
        <DataTable
          label="Promotion codes"
          columns={CODES}
          rows={codes}
          rowKey={({ code: text }) => text}
          empty={
            <EmptyState
              icon="tag"
              title="No code yet"
              description="Customers redeem the coupon with a promotion code when they buy a plan."
              action={code}
            />
          }
        />
      </Card>
    </Stack>
  )
}

function CodeState({ code }: { readonly code: PromotionCode }) {
  const { word, tone } = codeStanding(code, useNow())
  return <Badge tone={tone}>{word}</Badge>
}

function TakeBack({ code }: { readonly code: PromotionCode }) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('catalog.write')
  if (code.deactivatedAt !== null) return null
  return (
    <ConfirmDialog
      title={`Take back ${code.code}?`}
      object={[
        { label: 'Code', value: code.code },
        { label: 'Redeemed', value: redeemedWords(code.redemptionCount, code.maxRedemptions) },
      ]}
      consequences={['Nobody redeems it any more.', 'Who has redeemed it keeps the coupon.']}
      verb="Take back code"
      onConfirm={async ({ idempotencyKey }) => {
        await client.post('/api/v1/promotion-codes/{code}/deactivate', {
          params: { code: code.code },
          idempotencyKey,
        })
        await queryClient.invalidateQueries({ queryKey: ['coupons'] })
      }}
      trigger={
        <Button size="sm" disabledReason={refusal}>
          Take back
        </Button>
      }
    />
  )
}

function Archive({ coupon }: { readonly coupon: Coupon }) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('catalog.write')
  if (coupon.archivedAt !== null) return null
  return (
    <ConfirmDialog
      title={`Archive ${coupon.definition.name}?`}
      object={[
        { label: 'Coupon', value: coupon.key },
        { label: 'Takes off', value: offWords(coupon) },
      ]}
      consequences={[
        'None of its codes is redeemed any more.',
        'Who has redeemed it keeps it for as long as it was promised.',
      ]}
      verb="Archive coupon"
      onConfirm={async ({ idempotencyKey }) => {
        await client.post('/api/v1/coupons/{couponKey}/archive', {
          params: { couponKey: coupon.key },
          idempotencyKey,
        })
        await queryClient.invalidateQueries({ queryKey: ['coupons'] })
      }}
      trigger={<Button disabledReason={refusal}>Archive</Button>}
    />
  )
}

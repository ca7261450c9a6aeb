import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Banner } from '../../../ui/banner.tsx'
import { Card } from '../../../ui/card.tsx'
import { isInvoiced } from '../../../ui/pricing/is-invoiced.ts'
import { ButtonLink, Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { compact } from '../../../ui/search-params.ts'
import { Stack } from '../../../ui/stack.tsx'
import { paths } from '../../paths.ts'
import { plansQuery, purchasePreviewQuery } from '../../queries.ts'
import { useWhyNotPayer } from '../billing/why-not-payer.ts'
import { DueNow } from '../change/due-now.tsx'
import { SubscribeButton } from '../plans/choose-plan.tsx'
import { planWords } from '../plans/present-plan.ts'
import { couponWords, laterWords } from './present-purchase.ts'
import { PromotionCode } from './promotion-code.tsx'

const route = getRouteApi('/app/plans/$planKey/buy')

/** What a plan costs at first, with a promotion code or without, before the payment page. */
export function BuyPlan() {
  const { planKey } = route.useParams()
  const { code, currency } = route.useSearch()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const { data: plans } = useSuspenseQuery(plansQuery)
  const { data: offer } = useSuspenseQuery(purchasePreviewQuery(planKey, { code, currency }))
  const refusal = useWhyNotPayer()
  const plan = plans.data.find(({ key }) => key === planKey)
  const isByInvoice = plan !== undefined && isInvoiced(plan.definition)

  async function apply(next: string | undefined): Promise<void> {
    await queryClient.fetchQuery(purchasePreviewQuery(planKey, { code: next, currency }))
    await navigate({
      search: compact({ code: next, currency }),
      replace: true,
    })
  }

  return (
    <Stack gap={6}>
      <PageHeader
        breadcrumbs={<Link to={paths.plans}>Plans</Link>}
        title={`Your order: ${plan?.definition.name ?? planKey}`}
        description={
          isByInvoice
            ? 'What your first invoice asks for. Access begins at once.'
            : 'What is due now. The payment page that comes next asks for a card.'
        }
      />
      {offer.coupon !== null && (
        <Banner tone="success" title={couponWords(offer.coupon, offer.currency)} />
      )}
      {offer.invoice !== null && offer.invoice.lines.length > 0 ? (
        <DueNow invoice={offer.invoice} />
      ) : (
        plan !== undefined && (
          <Card title="Nothing is due now">
            <p>{laterWords(planWords(plan, offer.currency))}</p>
          </Card>
        )
      )}
      <Card>
        <Stack gap={5}>
          <PromotionCode code={code} onApply={apply} />
          <Stack direction="row" gap={3} canWrap>
            <SubscribeButton
              planKey={planKey}
              {...(currency !== undefined && { currency })}
              {...(code !== undefined && { promotionCode: code })}
              label={isByInvoice ? 'Subscribe' : 'Continue to payment'}
              variant="primary"
              disabledReason={refusal}
            />
            <ButtonLink to={paths.plans}>Look at the plans</ButtonLink>
          </Stack>
        </Stack>
      </Card>
    </Stack>
  )
}

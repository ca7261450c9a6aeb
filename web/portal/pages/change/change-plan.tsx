import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { compact } from '../../../ui/search-params.ts'
import { Stack } from '../../../ui/stack.tsx'
import { paths } from '../../paths.ts'
import { changePreviewQuery } from '../../queries.ts'
import { PromotionCode } from '../buy/promotion-code.tsx'
import { ChangeOffer } from './change-offer.tsx'
import { changeWords } from './present-change.ts'

const route = getRouteApi('/app/plans/$planKey/change')

/** What another plan does and costs, to the cent, before anything is done. */
export function ChangePlan() {
  const { planKey } = route.useParams()
  const { code } = route.useSearch()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const asked = { planKey, promotionCode: code }
  const { data: preview } = useSuspenseQuery(changePreviewQuery(asked))
  const { from, to } = preview

  async function apply(next: string | undefined): Promise<void> {
    await queryClient.fetchQuery(changePreviewQuery({ planKey, promotionCode: next }))
    await navigate({ search: compact({ code: next }), replace: true })
  }

  return (
    <Stack gap={6}>
      <PageHeader
        breadcrumbs={<Link to={paths.plans}>Plans</Link>}
        title={`Change from ${from.planName} to ${to.planName}`}
        description={changeWords(preview).when}
      />
      <ChangeOffer preview={preview} asked={asked} leave={paths.plans}>
        {preview.way === 'checkout' && <PromotionCode code={code} onApply={apply} />}
      </ChangeOffer>
    </Stack>
  )
}

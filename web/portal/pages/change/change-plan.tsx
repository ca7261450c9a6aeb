import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Banner } from '../../../ui/banner.tsx'
import { Card } from '../../../ui/card.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { formatQuantity } from '../../../ui/format.ts'
import { Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { compact } from '../../../ui/search-params.ts'
import { Stack } from '../../../ui/stack.tsx'
import { paths } from '../../paths.ts'
import { changePreviewQuery } from '../../queries.ts'
import { PromotionCode } from '../buy/promotion-code.tsx'
import { ConfirmChange } from './confirm-change.tsx'
import { DueNow } from './due-now.tsx'
import { type ChangedQuota, changeWords, limitWords } from './present-change.ts'
import { QUOTA_HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/plans/$planKey/change')

const QUOTAS: readonly Column<ChangedQuota>[] = withCells(QUOTA_HEADS, {
  feature: ({ featureName }) => featureName,
  before: ({ limitBefore }) => limitWords(limitBefore),
  after: ({ limitAfter }) => limitWords(limitAfter),
  left: ({ remainingAfter }) => (remainingAfter === null ? '–' : formatQuantity(remainingAfter)),
})

/** What another plan does and costs, to the cent, before anything is done. */
export function ChangePlan() {
  const { planKey } = route.useParams()
  const { code } = route.useSearch()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const { data: preview } = useSuspenseQuery(changePreviewQuery(planKey, code))
  const { from, to, invoice, quotas, notices } = preview
  const words = changeWords(preview)

  async function apply(next: string | undefined): Promise<void> {
    await queryClient.fetchQuery(changePreviewQuery(planKey, next))
    await navigate({ search: compact({ code: next }), replace: true })
  }

  return (
    <Stack gap={6}>
      <PageHeader
        breadcrumbs={<Link to={paths.plans}>Plans</Link>}
        title={`Change from ${from.planName} to ${to.planName}`}
        description={words.when}
      />
      {notices.map(({ kind, message }) => (
        <Banner
          key={message}
          tone={kind === 'features_gained' ? 'success' : 'warning'}
          title={message}
        />
      ))}
      {quotas.length > 0 && (
        <Card isFlush title="What you get">
          <DataTable
            label="What you get"
            columns={QUOTAS}
            rows={quotas}
            rowKey={({ featureKey }) => featureKey}
            empty={null}
          />
        </Card>
      )}
      {invoice !== null && invoice.lines.length > 0 && <DueNow invoice={invoice} />}
      <Card title="What it costs" description={words.cost}>
        <Stack gap={5}>
          {preview.way === 'checkout' && <PromotionCode code={code} onApply={apply} />}
          <ConfirmChange
            key={preview.quoteId}
            preview={preview}
            verb={words.verb}
            promotionCode={code}
          />
        </Stack>
      </Card>
    </Stack>
  )
}

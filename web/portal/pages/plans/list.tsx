import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Card } from '../../../ui/card.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { SegmentedControl } from '../../../ui/segmented-control.tsx'
import { Select } from '../../../ui/select.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { offeredPlansQuery, overviewQuery, plansQuery } from '../../queries.ts'
import { chooseOffer } from './offer.ts'
import type { Shopper } from './plan-action.ts'
import { PlanCard } from './plan-card.tsx'
import type { OfferedPlan } from './present-plan.ts'
import { Resume } from './resume.tsx'
import { PLAN_WIDTH, PlanListHeader } from './skeleton.tsx'

const route = getRouteApi('/open/plans')

export function PlanList() {
  const { account } = route.useRouteContext()
  return account === null ? <VisitorPlans /> : <MemberPlans role={account.role} />
}

type Role = Extract<Shopper, { kind: 'member' }>['role']

function VisitorPlans() {
  const { data } = useSuspenseQuery(offeredPlansQuery)
  return <Plans plans={data.data} bound={null} shopper={{ kind: 'visitor' }} />
}

function MemberPlans({ role }: { readonly role: Role }) {
  const { data } = useSuspenseQuery(plansQuery)
  const { data: overview } = useQuery(overviewQuery)
  const { currentPlanKey: key } = data
  const name = data.data.find((plan) => plan.key === key)?.definition.name ?? key
  const change = overview?.subscription?.change ?? undefined
  const next = change?.kind === 'add_ons' ? 'other add-ons' : change?.planName
  const current = key === null || name === null ? null : { key, name }
  const shopper: Shopper = { kind: 'member', role, current, next }
  return <Plans plans={data.data} bound={data.currency} shopper={shopper} />
}

interface PlansProps {
  readonly plans: readonly OfferedPlan[]
  readonly bound: string | null
  readonly shopper: Shopper
}

function Plans({ plans, bound, shopper }: PlansProps) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const offer = chooseOffer(plans, search, bound)
  const change = (patch: { readonly interval?: string; readonly currency?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...patch }), replace: true })
  return (
    <Stack gap={6}>
      <PlanListHeader
        actions={
          <>
            {offer.intervals.length > 1 && (
              <SegmentedControl
                label="Paid"
                options={offer.intervals}
                value={offer.interval}
                onChange={(interval) => change({ interval })}
              />
            )}
            {offer.currencies.length > 1 && (
              <Select
                ariaLabel="Currency"
                options={offer.currencies.map((code) => ({
                  value: code,
                  label: code.toUpperCase(),
                }))}
                value={offer.currency}
                onChange={(currency) => change({ currency })}
              />
            )}
          </>
        }
      />
      {shopper.kind === 'member' && shopper.current === null && (
        <Resume plans={plans} planKey={search.plan} leftIntentId={search.left} />
      )}
      {offer.plans.length === 0 ? (
        <Card>
          <EmptyState
            icon="tag"
            title="No plans on sale"
            description="Plans appear here as soon as the provider of this API publishes them."
          />
        </Card>
      ) : (
        <Grid gap={4} minWidth={PLAN_WIDTH}>
          {offer.plans.map((plan) => (
            <PlanCard key={plan.key} plan={plan} currency={offer.currency} shopper={shopper} />
          ))}
        </Grid>
      )}
    </Stack>
  )
}

import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { ExternalLink, Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Tabs } from '../../../ui/tabs.tsx'
import { paths } from '../../paths.ts'
import { connectionQuery, customerQuery } from '../../queries.ts'
import { CustomerActions } from './customer-actions.tsx'
import { CustomerBanners } from './customer-banners.tsx'
import { CustomerBilling } from './billing-tab.tsx'
import { CustomerCredits } from './credits-tab.tsx'
import { CustomerKeys } from './keys-tab.tsx'
import { CustomerOverview } from './overview-tab.tsx'
import { type CustomerDetail, standingOf, stripeDashboardUrl } from './present-customer.ts'
import { CustomerTimeline } from './timeline-tab.tsx'
import { CustomerUsage } from './usage-tab.tsx'

const route = getRouteApi('/app/customers/$customerId')

export function CustomerPage() {
  const { customerId } = route.useParams()
  const { tab = 'overview' } = route.useSearch()
  const navigate = route.useNavigate()
  const { data: customer } = useSuspenseQuery(customerQuery(customerId))
  const { word, tone } = standingOf(customer)
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={<Link to={paths.customers}>Customers</Link>}
        title={customer.name}
        badges={<Badge tone={tone}>{word}</Badge>}
        description={<Identity customer={customer} />}
        actions={<CustomerActions customer={customer} />}
      />
      <CustomerBanners customer={customer} />
      <Tabs
        label="Customer"
        value={tab}
        onChange={(next) =>
          void navigate({ search: next === 'overview' ? {} : { tab: next }, replace: true })
        }
        tabs={[
          {
            value: 'overview',
            label: 'Overview',
            content: <CustomerOverview customer={customer} />,
          },
          { value: 'usage', label: 'Usage', content: <CustomerUsage customer={customer} /> },
          { value: 'keys', label: 'API keys', content: <CustomerKeys customer={customer} /> },
          {
            value: 'billing',
            label: 'Invoices & payments',
            content: <CustomerBilling customer={customer} />,
          },
          {
            value: 'credits',
            label: 'Credits',
            content: <CustomerCredits customer={customer} />,
          },
          {
            value: 'timeline',
            label: 'Timeline',
            content: <CustomerTimeline customer={customer} />,
          },
        ]}
      />
    </Stack>
  )
}

function Identity({ customer }: { readonly customer: CustomerDetail }) {
  const { data: connection } = useSuspenseQuery(connectionQuery)
  const { stripeCustomerId, email } = customer
  const dashboard =
    stripeCustomerId === null ? undefined : stripeDashboardUrl(stripeCustomerId, connection)
  return (
    <Stack direction="row" gap={4} canWrap>
      {email !== null && <span>{email}</span>}
      <CopyText text={customer.id} label="customer id" />
      {stripeCustomerId !== null && <CopyText text={stripeCustomerId} label="Stripe id" isWhole />}
      {dashboard !== undefined && <ExternalLink href={dashboard}>Open in Stripe</ExternalLink>}
    </Stack>
  )
}

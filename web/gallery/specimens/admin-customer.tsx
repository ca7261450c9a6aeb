import { useState } from 'react'
import { Amount } from '../../ui/amount.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Banner } from '../../ui/banner.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { CopyText } from '../../ui/copy-text.tsx'
import { Grid } from '../../ui/grid.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { KeyValueList } from '../../ui/key-value-list.tsx'
import { ExternalLink, Link } from '../../ui/link.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Meter } from '../../ui/meter.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Stack } from '../../ui/stack.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { Time } from '../../ui/time.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import { ago, HISTORY } from '../samples.ts'

export function AdminCustomer() {
  const [tab, setTab] = useState('overview')
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={<Link to="/customers">Customers</Link>}
        title="Kestrel Maps"
        badges={<Badge tone="warning">past due</Badge>}
        description={
          <Stack direction="row" gap={4} canWrap>
            <span>ops@kestrelmaps.io</span>
            <CopyText text="customer_01k9a0mh3d7q2v5x8c1b4n6t01" label="customer id" />
            <ExternalLink href="https://dashboard.stripe.com">cus_QxN2vKzP4w</ExternalLink>
          </Stack>
        }
        actions={
          <>
            <Button icon="coins">Grant credit</Button>
            <Button icon="refresh">Change plan</Button>
            <Menu
              trigger={<IconButton icon="dots" label="More" variant="secondary" />}
              sections={[{ items: [{ label: 'View as customer', icon: 'eye' }] }]}
            />
          </>
        }
      />
      <Banner
        tone="danger"
        title="The payment of $99.00 failed twice"
        action={<Button size="sm">Retry now</Button>}
      >
        Access ends on March 19. The next automatic attempt is tomorrow at 09:00.
      </Banner>
      <Tabs
        label="Customer"
        value={tab}
        onChange={setTab}
        tabs={[
          { value: 'overview', label: 'Overview', content: <Overview /> },
          { value: 'usage', label: 'Usage', content: null },
          { value: 'keys', label: 'API keys', count: 4, content: null },
          { value: 'invoices', label: 'Invoices', count: 12, content: null },
          { value: 'credits', label: 'Credits', content: null },
          { value: 'notes', label: 'Notes', content: null },
        ]}
      />
    </Stack>
  )
}

function Overview() {
  return (
    <Grid gap={4} columns="3fr 2fr">
      <Stack gap={4}>
        <Card
          title="Subscription"
          actions={<CopyText text="subscription_01k9a0mh3d7q2v5x8c1b4n6t9r" label="id" />}
        >
          <KeyValueList
            isStacked
            items={[
              { label: 'Plan', value: <Link to="/plans/pro">Pro, version 3</Link> },
              { label: 'Lifecycle', value: 'active' },
              { label: 'Payment', value: <Badge tone="danger">failed</Badge> },
              { label: 'Price', value: <Amount value={{ amountMinor: 9900, currency: 'usd' }} /> },
              { label: 'Started', value: <Time at={ago(18)} as="date" /> },
              { label: 'Period ends', value: <Time at={ago(-12)} as="date" /> },
            ]}
          />
        </Card>
        <Card title="Usage in this period">
          <Stack gap={5}>
            <Meter label="API requests" used="41250" limit="100000" unit="requests" />
            <Meter label="Tokens" used="1000000" limit="1000000" unit="tokens" />
          </Stack>
        </Card>
      </Stack>
      <Card title="What happened">
        <Timeline label="What happened" entries={HISTORY} />
      </Card>
    </Grid>
  )
}

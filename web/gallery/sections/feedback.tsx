import { Banner } from '../../ui/banner.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { Grid } from '../../ui/grid.tsx'
import { RoutePending } from '../../ui/route-states.tsx'
import { Stack } from '../../ui/stack.tsx'
import { Stepper } from '../../ui/stepper.tsx'
import { announce } from '../../ui/toast.tsx'
import { refusal } from '../samples.ts'

const UNAVAILABLE = refusal({
  status: 503,
  code: 'database_unavailable',
  title: 'Invoices could not be loaded',
  detail: 'The database did not answer in time. Nothing was changed.',
})

export function FeedbackSection() {
  return (
    <>
      <Stack gap={3}>
        <Banner
          tone="danger"
          title="Your last payment failed"
          action={<Button size="sm">Update payment method</Button>}
        >
          The card ending in 4242 was declined. Access stays until March 19.
        </Banner>
        <Banner
          tone="warning"
          title="91 % of your tokens are used"
          action={<Button size="sm">See plans</Button>}
        >
          At this pace they last until March 27. Calls beyond the quota are refused.
        </Banner>
        <Banner tone="info" title="The downgrade to Starter takes effect on April 1" />
        <Banner tone="success" title="Your first call arrived" />
      </Stack>
      <Grid gap={5} minWidth="20rem">
        <Card>
          <EmptyState
            icon="key"
            title="No API keys yet"
            description="A key lets your program call the API. You can have one per environment."
            action={
              <Button variant="primary" icon="plus">
                Create key
              </Button>
            }
          />
        </Card>
        <Card>
          <ErrorState error={UNAVAILABLE} onRetry={() => undefined} />
        </Card>
      </Grid>
      <Grid gap={5} minWidth="20rem">
        <Card title="Checkout">
          <Stepper
            label="Checkout"
            steps={[
              { label: 'Payment received', state: 'done', detail: '$99.00 by card' },
              { label: 'Activating your plan', state: 'running', detail: 'Usually 2 seconds' },
              { label: 'Your API key', state: 'waiting' },
            ]}
          />
        </Card>
        <Card isFlush title="Loading">
          <DataTable
            label="Loading"
            rows={undefined}
            rowKey={String}
            skeletonRows={4}
            empty={null}
            columns={[
              { key: 'a', header: 'Number', cell: String },
              { key: 'b', header: 'Status', cell: String },
              { key: 'c', header: 'Amount', cell: String, align: 'end' },
            ]}
          />
        </Card>
      </Grid>
      <RoutePending />
      <Stack direction="row" gap={2} canWrap>
        <Button
          onClick={() =>
            announce({ title: 'Export ready', description: 'usage-2026-03.csv, 1.2 MB' })
          }
        >
          Announce success
        </Button>
        <Button onClick={() => announce({ title: 'Replay failed for 3 events', tone: 'danger' })}>
          Announce failure
        </Button>
      </Stack>
    </>
  )
}

import { useSuspenseQuery } from '@tanstack/react-query'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { ExternalLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { healthQuery, statusQuery } from '../../queries.ts'

const CHECKS: Readonly<Record<string, string>> = {
  database: 'Database',
  gateway: 'Gateway',
  jobs: 'Background jobs',
  stripe: 'Stripe',
}

export function SystemPage() {
  const { data: status } = useSuspenseQuery(statusQuery)
  const { data: health } = useSuspenseQuery(healthQuery)
  return (
    <Stack gap={4}>
      <PageHeader
        title="System"
        badges={
          <Badge tone={health.isReady ? 'success' : 'danger'}>
            {health.isReady ? 'ready' : 'not ready'}
          </Badge>
        }
        description="This installation, looked at every ten seconds."
      />
      <Grid gap={4} columns="1fr 1fr">
        <Card title="Installation">
          <KeyValueList
            items={[
              { label: 'Version', value: status.version },
              {
                label: 'Gateway',
                value: <CopyText text={status.gatewayUrl} label="address" isWhole />,
              },
              {
                label: 'Portal',
                value: <ExternalLink href="/portal/">Open the customer portal</ExternalLink>,
              },
              {
                label: 'Mail',
                value:
                  status.mailboxUrl === null ? 'sent by a mail server' : 'kept in the mailbox here',
              },
            ]}
          />
        </Card>
        <Card title="Checks">
          <KeyValueList
            items={Object.entries(health.checks).map(([name, isWorking]) => ({
              label: CHECKS[name] ?? name,
              value: (
                <Badge tone={isWorking ? 'success' : 'danger'}>
                  {isWorking ? 'works' : 'does not answer'}
                </Badge>
              ),
            }))}
          />
        </Card>
        <Card title="For machines">
          <KeyValueList
            items={[
              {
                label: 'Ready',
                value: <ExternalLink href="/health/ready">/health/ready</ExternalLink>,
              },
              {
                label: 'Alive',
                value: <ExternalLink href="/health/live">/health/live</ExternalLink>,
              },
              {
                label: 'Metrics',
                value: <ExternalLink href="/metrics">/metrics</ExternalLink>,
              },
            ]}
          />
        </Card>
        <Card title="For people">
          <KeyValueList
            items={[
              {
                label: 'REST API',
                value: <ExternalLink href="/api/reference">API reference</ExternalLink>,
              },
              {
                label: 'OpenAPI',
                value: <ExternalLink href="/api/openapi.json">openapi.json</ExternalLink>,
              },
            ]}
          />
        </Card>
      </Grid>
    </Stack>
  )
}

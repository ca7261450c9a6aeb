import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { ButtonLink, DocumentLink, ExternalLink, Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import type { ResponseOf } from '../../../../src/client/client.ts'
import { basePathOf } from '../../mode.ts'
import { paths } from '../../paths.ts'
import { connectionQuery, liveConnectionQuery } from '../../queries.ts'
import { waitingIn } from '../webhooks/present-event.ts'
import { ConnectStripe } from './connect-stripe.tsx'
import { Reconcile } from './reconcile.tsx'

type Connection = ResponseOf<'get', '/api/v1/stripe/connection'>

const route = getRouteApi('/app/stripe')

export function StripePage() {
  const { act } = route.useSearch()
  const navigate = route.useNavigate()
  const { data: connection } = useSuspenseQuery(connectionQuery)
  const { word, tone } = standingOf(connection)
  return (
    <Stack gap={4}>
      <PageHeader
        title="Stripe"
        badges={<Badge tone={tone}>{word}</Badge>}
        description={`The account in which ${connection.mode} mode keeps customers, prices and payments.`}
        actions={
          <ConnectStripe
            connection={connection}
            isOpen={act === 'connect'}
            onOpenChange={(isOpen) =>
              void navigate({ search: isOpen ? { act: 'connect' } : {}, replace: true })
            }
          />
        }
      />
      <Grid gap={4} columns="3fr 2fr">
        <Stack gap={4}>
          <Account connection={connection} />
          <Reconcile />
          {connection.mode === 'test' && <LiveMode />}
        </Stack>
        <Inbox connection={connection} />
      </Grid>
    </Stack>
  )
}

function standingOf({ isConnected, isSimulated }: Connection) {
  if (!isConnected) return { word: 'not connected', tone: 'warning' as const }
  return isSimulated
    ? { word: 'simulated', tone: 'info' as const }
    : { word: 'connected', tone: 'success' as const }
}

function Account({ connection }: { readonly connection: Connection }) {
  const { account, isSimulated, isConnected, keyEnding, keySince, isKeyOld, mode } = connection
  const dashboard = `https://dashboard.stripe.com/${mode === 'test' ? 'test/' : ''}dashboard`
  return (
    <Card
      title="Account"
      description={
        isSimulated
          ? 'A complete Stripe on this machine: products, checkout, invoices, webhooks and clocks, without an account and without money.'
          : 'The first connection binds the mode to its account: objects do not move between accounts.'
      }
    >
      <KeyValueList
        items={[
          { label: 'Mode', value: mode === 'live' ? 'Live: real money' : 'Test: no money moves' },
          {
            label: 'Account',
            value:
              account === null ? (
                'bound by the first key'
              ) : (
                <CopyText text={account} label="account id" isWhole />
              ),
          },
          {
            label: 'Key',
            value: isSimulated
              ? 'none is needed'
              : keyEnding === null
                ? 'not set'
                : `ends with ${keyEnding}`,
          },
          ...(keySince === null
            ? []
            : [
                {
                  label: 'In use since',
                  value: (
                    <>
                      <Time at={keySince} as="date" />{' '}
                      {isKeyOld && <Badge tone="warning">older than 90 days: roll it</Badge>}
                    </>
                  ),
                },
              ]),
          ...(isConnected && !isSimulated
            ? [
                {
                  label: 'Dashboard',
                  value: <ExternalLink href={dashboard}>Open Stripe</ExternalLink>,
                },
              ]
            : []),
          {
            label: 'More',
            value: <Link to={paths.settings}>Publishable key and webhook secrets</Link>,
          },
        ]}
      />
    </Card>
  )
}

function Inbox({ connection }: { readonly connection: Connection }) {
  const waiting = waitingIn(connection.backlog)
  return (
    <Card
      title="Webhook inbox"
      actions={
        <ButtonLink size="sm" variant="ghost" to={paths.webhookInbox}>
          Open
        </ButtonLink>
      }
    >
      {waiting.length === 0 ? (
        <p>Everything Stripe told us has been applied.</p>
      ) : (
        <KeyValueList
          items={waiting.map(({ state, word, count }) => ({
            label: word,
            value: (
              <Link to={paths.webhookInbox} search={{ state }}>
                {count}
              </Link>
            ),
          }))}
        />
      )}
    </Card>
  )
}

/** Live mode is set up at an address of its own, where nothing of test mode can be touched. */
function LiveMode() {
  const { data: live } = useSuspenseQuery(liveConnectionQuery)
  return (
    <Card title="Live mode">
      {live.isConnected ? (
        <KeyValueList
          items={[
            { label: 'Account', value: live.account },
            { label: 'Key', value: live.keyEnding === null ? null : `ends with ${live.keyEnding}` },
          ]}
        />
      ) : (
        <Stack gap={3} align="start">
          <p>
            Not connected. When plans and prices are as you want them, connect your live account;
            the catalog of test mode stays where it is.
          </p>
          {/* Another mode is another page load, so this is no link of the router. */}
          <DocumentLink href={`${basePathOf('live')}${paths.stripe}?act=connect`}>
            Set up live mode
          </DocumentLink>
        </Stack>
      )}
    </Card>
  )
}

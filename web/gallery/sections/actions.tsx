import { useState } from 'react'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { CopyText } from '../../ui/copy-text.tsx'
import { Grid } from '../../ui/grid.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { ButtonLink, ExternalLink, Link } from '../../ui/link.tsx'
import { Menu } from '../../ui/menu.tsx'
import { SegmentedControl } from '../../ui/segmented-control.tsx'
import { Stack } from '../../ui/stack.tsx'
import { Tabs } from '../../ui/tabs.tsx'

export function ActionSection() {
  const [tab, setTab] = useState<'usage' | 'keys' | 'invoices'>('usage')
  const [interval, setInterval] = useState<'month' | 'year'>('month')
  return (
    <>
      <Card title="Buttons and links">
        <Stack gap={4}>
          <Stack direction="row" gap={2} canWrap>
            <Button variant="primary" icon="plus">
              Create key
            </Button>
            <Button icon="download">Export CSV</Button>
            <Button variant="ghost">Cancel</Button>
            <Button variant="danger">Revoke key</Button>
            <ButtonLink to="/pricing" variant="primary" iconAfter="arrow-right">
              See plans
            </ButtonLink>
          </Stack>
          <Stack direction="row" gap={2} canWrap>
            <Button variant="primary" size="lg">
              Subscribe to Pro
            </Button>
            <Button size="sm">Small</Button>
            <Button variant="primary" isPending>
              Creating
            </Button>
            <Button disabledReason="Your role may not refund. Ask an owner.">Refund $29.00</Button>
            <IconButton icon="refresh" label="Refresh" shortcut="r" />
            <IconButton icon="dots" label="More" variant="secondary" />
            <Menu
              trigger={
                <Button iconAfter="chevron-down" variant="secondary">
                  Actions
                </Button>
              }
              sections={[
                {
                  items: [
                    { label: 'Change plan', icon: 'refresh', shortcut: 'p' },
                    { label: 'Grant credit', icon: 'coins' },
                    {
                      label: 'Pause collection',
                      icon: 'pause',
                      disabledReason: 'There is no open invoice',
                    },
                  ],
                },
                { items: [{ label: 'Cancel subscription', icon: 'ban', tone: 'danger' }] },
              ]}
            />
          </Stack>
          <Stack direction="row" gap={4} canWrap>
            <Link to="/customers">Kestrel Maps</Link>
            <ExternalLink href="https://docs.stripe.com">Open in Stripe</ExternalLink>
            <CopyText text="customer_01k9a0mh3d7q2v5x8c1b4n6t9r" label="customer id" />
            <Kbd keys="mod+k" />
            <Kbd keys="g c" />
          </Stack>
        </Stack>
      </Card>
      <Grid gap={5} minWidth="24rem">
        <Card title="Badges">
          <Stack direction="row" gap={2} canWrap>
            <Badge>draft</Badge>
            <Badge tone="accent" icon="zap">
              trial
            </Badge>
            <Badge tone="success" icon="check">
              paid
            </Badge>
            <Badge tone="warning" icon="clock">
              past due
            </Badge>
            <Badge tone="danger" icon="x">
              failed
            </Badge>
            <Badge tone="info">scheduled</Badge>
          </Stack>
        </Card>
        <Card title="Switching a view">
          <SegmentedControl
            label="Billing interval"
            value={interval}
            onChange={setInterval}
            options={[
              { value: 'month', label: 'Monthly' },
              { value: 'year', label: 'Yearly, 2 months free' },
            ]}
          />
        </Card>
      </Grid>
      <Tabs
        label="Customer"
        value={tab}
        onChange={setTab}
        tabs={[
          { value: 'usage', label: 'Usage', content: <p>What was used in this period.</p> },
          { value: 'keys', label: 'API keys', count: 4, content: <p>Four keys, one rotating.</p> },
          { value: 'invoices', label: 'Invoices', content: <p>Twelve invoices, all paid.</p> },
        ]}
      />
    </>
  )
}

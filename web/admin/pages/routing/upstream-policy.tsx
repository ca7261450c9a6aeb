import { Card } from '../../../ui/card.tsx'
import { Field } from '../../../ui/field.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Switch } from '../../../ui/switch.tsx'
import { TextArea } from '../../../ui/text-input.tsx'
import { EditChoice, EditText, EditWhole } from '../../edit-fields.tsx'
import type { UpstreamPolicy } from './present-routing.ts'

interface PolicyProps {
  readonly policy: UpstreamPolicy
  readonly change: (patch: Partial<UpstreamPolicy>) => void
}

const HOSTS = [
  { value: 'upstream', label: 'The address’s own' },
  { value: 'client', label: 'The one the client asked for' },
] as const

const FORWARDING = [
  { value: 'x_forwarded', label: 'X-Forwarded-For, -Host, -Proto' },
  { value: 'forwarded', label: 'Forwarded (RFC 7239)' },
  { value: 'none', label: 'Not told' },
] as const

/** How the gateway treats the addresses of an upstream. */
export function UpstreamPolicyCards({ policy, change }: PolicyProps) {
  return (
    <>
      <Card title="How it is asked">
        <Stack gap={4}>
          <Grid gap={4} columns="1fr 1fr">
            <EditChoice
              name="policy.hostHeader"
              label="Host header"
              options={HOSTS}
              value={policy.hostHeader}
              onChange={(hostHeader) => change({ hostHeader })}
            />
            <EditChoice
              name="policy.forwarding"
              label="Who called"
              options={FORWARDING}
              value={policy.forwarding}
              onChange={(forwarding) => change({ forwarding })}
            />
            <EditWhole
              name="policy.connectTimeoutMs"
              label="Time-out of connecting"
              suffix="ms"
              min={1}
              value={policy.connectTimeoutMs}
              onChange={(connectTimeoutMs) => change({ connectTimeoutMs })}
            />
            <EditWhole
              name="policy.maxConnections"
              label="Connections at most"
              hint="For each address and gateway process. More requests wait."
              min={1}
              value={policy.maxConnections}
              onChange={(maxConnections) => change({ maxConnections })}
            />
          </Grid>
          <Field
            name="policy.certificateAuthority"
            label="Certificate authority"
            isOptional
            hint="PEM, for addresses with certificates that are not publicly trusted."
          >
            <TextArea
              isMono
              rows={3}
              name="policy.certificateAuthority"
              placeholder="-----BEGIN CERTIFICATE-----"
              value={policy.certificateAuthority ?? ''}
              onChange={({ target: { value } }) =>
                change({ certificateAuthority: value === '' ? null : value })
              }
            />
          </Field>
        </Stack>
      </Card>
      <Failures policy={policy} change={change} />
    </>
  )
}

function Failures({ policy, change }: PolicyProps) {
  const { breaker, health } = policy
  return (
    <Card title="When it fails">
      <Stack gap={5}>
        <EditWhole
          name="policy.retries"
          label="Tries again"
          suffix="times"
          hint="Only requests that change nothing, when an address does not answer."
          value={policy.retries}
          onChange={(retries) => change({ retries })}
        />
        <Switch
          label="Leave out an address that keeps failing"
          isOn={breaker !== null}
          onChange={(isOn) => change({ breaker: isOn ? { failures: 5, openMs: 10_000 } : null })}
        />
        {breaker !== null && (
          <Grid gap={4} columns="1fr 1fr">
            <EditWhole
              name="policy.breaker.failures"
              label="After failures in a row"
              min={1}
              value={breaker.failures}
              onChange={(failures) => change({ breaker: { ...breaker, failures } })}
            />
            <EditWhole
              name="policy.breaker.openMs"
              label="For"
              suffix="ms"
              min={1}
              value={breaker.openMs}
              onChange={(openMs) => change({ breaker: { ...breaker, openMs } })}
            />
          </Grid>
        )}
        <Switch
          label="Ask each address how it is"
          isOn={health !== null}
          onChange={(isOn) =>
            change({
              health: isOn
                ? {
                    path: '/health',
                    intervalMs: 10_000,
                    timeoutMs: 2_000,
                    unhealthyAfter: 3,
                    healthyAfter: 2,
                  }
                : null,
            })
          }
        />
        {health !== null && (
          <Grid gap={4} minWidth="10rem">
            <EditText
              required
              isMono
              name="policy.health.path"
              label="Path"
              value={health.path}
              onChange={(path) => change({ health: { ...health, path } })}
            />
            <EditWhole
              name="policy.health.intervalMs"
              label="Every"
              suffix="ms"
              min={1}
              value={health.intervalMs}
              onChange={(intervalMs) => change({ health: { ...health, intervalMs } })}
            />
            <EditWhole
              name="policy.health.timeoutMs"
              label="Time-out"
              suffix="ms"
              min={1}
              value={health.timeoutMs}
              onChange={(timeoutMs) => change({ health: { ...health, timeoutMs } })}
            />
            <EditWhole
              name="policy.health.unhealthyAfter"
              label="Out after bad checks"
              min={1}
              value={health.unhealthyAfter}
              onChange={(unhealthyAfter) => change({ health: { ...health, unhealthyAfter } })}
            />
            <EditWhole
              name="policy.health.healthyAfter"
              label="Back after good checks"
              min={1}
              value={health.healthyAfter}
              onChange={(healthyAfter) => change({ health: { ...health, healthyAfter } })}
            />
          </Grid>
        )}
      </Stack>
    </Card>
  )
}

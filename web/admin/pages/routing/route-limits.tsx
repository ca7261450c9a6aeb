import { Card } from '../../../ui/card.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { EditChoice, EditText, EditWhole } from '../../edit-fields.tsx'
import { ListEditor } from '../../list-editor.tsx'
import {
  type ConcurrencyLimit,
  type RateLimit,
  type RoutePolicy,
  SCOPE_OPTIONS,
} from './present-routing.ts'

interface RouteLimitsProps {
  readonly policy: RoutePolicy
  readonly change: (patch: Partial<RoutePolicy>) => void
}

/** The route's own speed, beside what plans allow. */
export function RouteLimits({ policy, change }: RouteLimitsProps) {
  return (
    <Card title="How fast" description="Beside the limits of plans; the tightest one counts.">
      <Stack gap={6}>
        <ListEditor
          label="Rate limits"
          items={policy.rateLimits}
          onChange={(rateLimits) => change({ rateLimits: [...rateLimits] })}
          makeItem={(): RateLimit => ({
            name: `limit_${policy.rateLimits.length + 1}`,
            limit: 100,
            windowSeconds: 60,
            burst: null,
            scope: 'key',
          })}
          addLabel="Add rate limit"
          noun="rate limit"
          empty="As fast as plans allow."
        >
          {({ name, limit, windowSeconds, scope }, edit, index) => (
            <>
              <EditText
                required
                isMono
                name={`policy.rateLimits[${index}].name`}
                label="Name"
                value={name}
                onChange={(next) => edit({ name: next })}
              />
              <EditWhole
                name={`policy.rateLimits[${index}].limit`}
                label="Requests"
                min={1}
                value={limit}
                onChange={(next) => edit({ limit: next })}
              />
              <EditWhole
                name={`policy.rateLimits[${index}].windowSeconds`}
                label="In"
                suffix="s"
                min={1}
                value={windowSeconds}
                onChange={(next) => edit({ windowSeconds: next })}
              />
              <EditChoice
                name={`policy.rateLimits[${index}].scope`}
                label="For"
                options={SCOPE_OPTIONS}
                value={scope}
                onChange={(next) => edit({ scope: next })}
              />
            </>
          )}
        </ListEditor>
        <ListEditor
          label="Limits of requests at the same time"
          items={policy.concurrencyLimits}
          onChange={(concurrencyLimits) => change({ concurrencyLimits: [...concurrencyLimits] })}
          makeItem={(): ConcurrencyLimit => ({
            name: `concurrent_${policy.concurrencyLimits.length + 1}`,
            limit: 10,
            scope: 'key',
          })}
          addLabel="Limit requests at the same time"
          noun="limit"
          empty="Any number of requests at the same time."
        >
          {({ name, limit, scope }, edit, index) => (
            <>
              <EditText
                required
                isMono
                name={`policy.concurrencyLimits[${index}].name`}
                label="Name"
                value={name}
                onChange={(next) => edit({ name: next })}
              />
              <EditWhole
                name={`policy.concurrencyLimits[${index}].limit`}
                label="At the same time"
                min={1}
                value={limit}
                onChange={(next) => edit({ limit: next })}
              />
              <EditChoice
                name={`policy.concurrencyLimits[${index}].scope`}
                label="For"
                options={SCOPE_OPTIONS}
                value={scope}
                onChange={(next) => edit({ scope: next })}
              />
            </>
          )}
        </ListEditor>
      </Stack>
    </Card>
  )
}

import { useState } from 'react'
import { Card } from '../../../../ui/card.tsx'
import { Field } from '../../../../ui/field.tsx'
import { Grid } from '../../../../ui/grid.tsx'
import { isInvoiced } from '../../../../ui/pricing/is-invoiced.ts'
import type { PlanDefinition } from '../../../../ui/pricing/price-words.ts'
import { Stack } from '../../../../ui/stack.tsx'
import { Switch } from '../../../../ui/switch.tsx'
import { TextArea } from '../../../../ui/text-input.tsx'
import {
  EditChoice,
  EditOptionalText,
  EditOptionalWhole,
  EditText,
  EditWhole,
} from '../../../edit-fields.tsx'
import { ListEditor } from '../../../list-editor.tsx'
import { cadencesWith, parseCurrencies, withCollection, withCurrencies } from './draft.ts'

interface TermsProps {
  readonly definition: PlanDefinition
  readonly change: (definition: PlanDefinition) => void
}

const ALIGNMENTS = [
  { value: 'anniversary', label: 'From the day of subscribing' },
  { value: 'calendar', label: 'On the calendar' },
] as const

const ENGINES = [
  {
    value: 'stripe_subscription',
    label: 'Stripe subscriptions',
    description: 'Stripe renews and invoices; usage is reported to it',
  },
  {
    value: 'stripe_invoice',
    label: 'Rated here',
    description: 'Farebox rates and renews; Stripe sends the invoice',
  },
  { value: 'offline', label: 'Outside Stripe', description: 'Invoices are marked as paid by hand' },
] as const

const COLLECTIONS = [
  {
    value: 'charge_automatically',
    label: 'By the saved card',
    description: 'Access begins with the first payment',
  },
  {
    value: 'send_invoice',
    label: 'By invoice',
    description: 'Stripe sends it with a due date; access begins at once',
  },
] as const

const CHECKOUTS = [
  { value: 'subscription', label: 'Checkout makes the subscription' },
  { value: 'setup', label: 'Checkout takes the card, Farebox subscribes' },
] as const

/** What the plan is, and how it is paid. */
export function About({ definition, change }: TermsProps) {
  const [currencies, setCurrencies] = useState(definition.currencies.join(', '))
  const { metadata } = definition
  return (
    <Card title="About">
      <Stack gap={4}>
        <Grid gap={4} columns="2fr 1fr">
          <EditText
            required
            maxLength={200}
            name="definition.name"
            label="Name"
            value={definition.name}
            onChange={(name) => change({ ...definition, name })}
          />
          <EditText
            required
            isMono
            name="definition.currencies"
            label="Currencies"
            hint="Separated by commas."
            value={currencies}
            onChange={(text) => {
              setCurrencies(text)
              change(withCurrencies(definition, parseCurrencies(text)))
            }}
          />
        </Grid>
        <Field name="definition.description" label="Description" isOptional>
          <TextArea
            name="definition.description"
            rows={2}
            maxLength={1000}
            value={definition.description ?? ''}
            onChange={({ target: { value } }) =>
              change({ ...definition, description: value === '' ? null : value })
            }
          />
        </Field>
        <Grid gap={4} columns="1fr 1fr">
          <EditChoice
            name="definition.billingCadence"
            label="Billed"
            options={cadencesWith(definition.billingCadence)}
            value={definition.billingCadence}
            onChange={(billingCadence) => change({ ...definition, billingCadence })}
          />
          <EditChoice
            name="definition.alignment"
            label="Periods begin"
            options={ALIGNMENTS}
            value={definition.alignment}
            onChange={(alignment) => change({ ...definition, alignment })}
          />
          <EditChoice
            name="definition.engine"
            label="Billed by"
            options={ENGINES}
            value={definition.engine}
            onChange={(engine) => change({ ...definition, engine })}
          />
          {definition.engine !== 'offline' && (
            <EditChoice
              name="definition.collection"
              label="Paid"
              options={COLLECTIONS}
              value={definition.collection}
              onChange={(collection) => change(withCollection(definition, collection))}
            />
          )}
          {isInvoiced(definition) && (
            <EditOptionalWhole
              name="definition.daysUntilDue"
              label="Invoices are due after"
              suffix="days"
              min={0}
              max={365}
              placeholder="as the settings say"
              value={definition.daysUntilDue}
              onChange={(daysUntilDue) => change({ ...definition, daysUntilDue })}
            />
          )}
          {definition.engine === 'stripe_subscription' && !isInvoiced(definition) && (
            <EditChoice
              name="definition.checkoutMode"
              label="Subscribing"
              options={CHECKOUTS}
              value={definition.checkoutMode}
              onChange={(checkoutMode) => change({ ...definition, checkoutMode })}
            />
          )}
        </Grid>
        {(!isInvoiced(definition) || definition.isPaymentMethodRequired) && (
          <Switch
            label="A payment method is needed to subscribe"
            isOn={definition.isPaymentMethodRequired}
            onChange={(isPaymentMethodRequired) =>
              change({ ...definition, isPaymentMethodRequired })
            }
          />
        )}
        <Switch
          label="On the pricing page"
          description="Otherwise customers need an invitation."
          isOn={definition.visibility === 'public'}
          onChange={(isOn) => change({ ...definition, visibility: isOn ? 'public' : 'private' })}
        />
        <Switch
          label="Customers may pause"
          description="No access and no charge until they resume. Operators always may."
          isOn={definition.customersMayPause}
          onChange={(customersMayPause) => change({ ...definition, customersMayPause })}
        />
        <Switch
          label="Recommended"
          description="The pricing page marks it as the most popular."
          isOn={metadata['popular'] === 'true'}
          onChange={(isOn) => {
            const { popular: _, ...others } = metadata
            change({ ...definition, metadata: isOn ? { ...others, popular: 'true' } : others })
          }}
        />
      </Stack>
    </Card>
  )
}

const SCOPES = [
  { value: 'key', label: 'each API key' },
  { value: 'subscription', label: 'each subscription' },
  { value: 'customer', label: 'all keys together' },
] as const

export function Speeds({ definition, change }: TermsProps) {
  const { rateLimits } = definition
  return (
    <Card title="How fast" description="More at once is answered with 429 and when to try again.">
      <ListEditor
        label="Rate limits"
        items={rateLimits}
        onChange={(next) => change({ ...definition, rateLimits: [...next] })}
        makeItem={() => ({
          name: `limit_${rateLimits.length + 1}`,
          limit: 60,
          windowSeconds: 60,
          burst: null,
          scope: 'key' as const,
        })}
        addLabel="Add rate limit"
        noun="rate limit"
        empty="As fast as the API answers."
      >
        {({ limit, windowSeconds, scope }, edit, index) => (
          <>
            <EditWhole
              name={`definition.rateLimits[${index}].limit`}
              label="Requests"
              min={1}
              value={limit}
              onChange={(next) => edit({ limit: next })}
            />
            <EditWhole
              name={`definition.rateLimits[${index}].windowSeconds`}
              label="In"
              suffix="s"
              min={1}
              value={windowSeconds}
              onChange={(next) => edit({ windowSeconds: next })}
            />
            <EditChoice
              name={`definition.rateLimits[${index}].scope`}
              label="For"
              options={SCOPES}
              value={scope}
              onChange={(next) => edit({ scope: next })}
            />
          </>
        )}
      </ListEditor>
    </Card>
  )
}

const PRORATIONS = [
  { value: 'time_based', label: 'By time', description: 'The unused rest is credited' },
  { value: 'none', label: 'Nothing', description: 'The old price is not given back' },
  {
    value: 'max_consumption_based',
    label: 'By time or use',
    description: 'Whichever took more of the period',
  },
  { value: 'full_reset', label: 'Afresh', description: 'The new plan begins at its full price' },
] as const

const ANCHORS = [
  { value: 'keep', label: 'Stay as they are' },
  { value: 'reset', label: 'Begin with the change' },
] as const

const USAGES = [
  { value: 'carry_usage', label: 'Counts in the new plan' },
  { value: 'fresh', label: 'Starts at zero' },
] as const

const SETTLEMENTS = [
  { value: 'credit_then_invoice', label: 'Credits first, the rest is invoiced' },
  { value: 'credit_only', label: 'Credits only: without them calls are refused' },
] as const

/** As the settings say, until somebody says otherwise. */
const AS_SET = 'as_set'

const ENDS = [
  { value: AS_SET, label: 'As the settings say' },
  { value: 'switch_to_default', label: 'Move to the default plan' },
  { value: 'deactivate', label: 'Refuse their calls' },
  { value: 'suspend_customer', label: 'Suspend the customer' },
] as const

export function Changes({ definition, change }: TermsProps) {
  const { proration } = definition
  return (
    <Card title="When it changes or ends">
      <Grid gap={4} columns="1fr 1fr">
        <EditChoice
          name="definition.proration.mode"
          label="Prorated"
          options={PRORATIONS}
          value={proration.mode}
          onChange={(mode) => change({ ...definition, proration: { ...proration, mode } })}
        />
        <EditChoice
          name="definition.proration.anchor"
          label="Periods"
          options={ANCHORS}
          value={proration.anchor}
          onChange={(anchor) => change({ ...definition, proration: { ...proration, anchor } })}
        />
        <EditChoice
          name="definition.proration.onPlanChange"
          label="Usage so far"
          options={USAGES}
          value={proration.onPlanChange}
          onChange={(onPlanChange) =>
            change({ ...definition, proration: { ...proration, onPlanChange } })
          }
        />
        <EditChoice
          name="definition.settlement"
          label="Usage is paid from"
          options={SETTLEMENTS}
          value={definition.settlement}
          onChange={(settlement) => change({ ...definition, settlement })}
        />
        <EditChoice
          name="definition.onSubscriptionEnd"
          label="When a subscription ends"
          options={ENDS}
          value={definition.onSubscriptionEnd ?? AS_SET}
          onChange={(next) =>
            change({ ...definition, onSubscriptionEnd: next === AS_SET ? null : next })
          }
        />
        <EditOptionalText
          inputMode="decimal"
          name="definition.maxPaymentOverdueDays"
          label="Days of access while a payment is overdue"
          placeholder="as the settings say"
          value={definition.maxPaymentOverdueDays}
          onChange={(maxPaymentOverdueDays) => change({ ...definition, maxPaymentOverdueDays })}
        />
      </Grid>
    </Card>
  )
}

import { useSuspenseQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Card } from '../../../ui/card.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import {
  type CardWords,
  cardWords,
  phaseWords,
  rateLimitWords,
} from '../../../ui/pricing/plan-words.ts'
import type { PlanPhase } from '../../../ui/pricing/price-words.ts'
import { Stack } from '../../../ui/stack.tsx'
import { featuresQuery, metersQuery } from '../../queries.ts'
import styles from './definition.module.css'
import { type PlanVersion, termsOf, unitOf } from './present-plan.ts'
import { CARD_HEADS } from './skeleton.tsx'

const COLUMNS: readonly Column<CardWords>[] = withCells(CARD_HEADS, {
  name: ({ name, key }) => (
    <div className={styles.lines}>
      <span>{name}</span>
      <code>{key}</code>
    </div>
  ),
  included: ({ included }) => included ?? '–',
  price: ({ price }) => <Lines lines={price} />,
  beyond: ({ beyond, terms }) => <Lines lines={[...(beyond === null ? [] : [beyond]), ...terms]} />,
})

export function Lines({ lines }: { readonly lines: readonly string[] }): ReactNode {
  if (lines.length === 0) return '–'
  return (
    <ul className={styles.lines}>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}

interface PlanPricesProps {
  readonly version: PlanVersion
  readonly currency: string
}

/** What a version sells, phase by phase, in the words customers read. */
export function PlanPrices({ version, currency }: PlanPricesProps) {
  const { phases } = version.definition
  return (
    <Stack gap={4}>
      {phases.map((phase, index) => (
        <Phase
          key={phase.key}
          phase={phase}
          when={phaseWords(phase, index, phases.length)}
          currency={currency}
        />
      ))}
    </Stack>
  )
}

interface PhaseProps {
  readonly phase: PlanPhase
  readonly when: string | undefined
  readonly currency: string
}

function Phase({ phase, when, currency }: PhaseProps) {
  const { data: features } = useSuspenseQuery(featuresQuery)
  const { data: meters } = useSuspenseQuery(metersQuery)
  const rows = phase.rateCards.map((card) =>
    cardWords(card, currency, unitOf(card.featureKey, features.data, meters.data)),
  )
  return (
    <Card
      isFlush
      title={when === undefined ? 'What it sells' : phase.name}
      {...(when !== undefined && { description: when })}
    >
      <DataTable
        label={phase.name}
        columns={COLUMNS}
        rows={rows}
        rowKey={({ key }) => key}
        empty={
          <EmptyState
            icon="tag"
            title="Nothing in it"
            description="Without rate cards nothing is granted and nothing costs anything here."
          />
        }
      />
    </Card>
  )
}

/** Everything about a version that is not a price. */
export function PlanTerms({ version }: { readonly version: PlanVersion }) {
  const { description, rateLimits } = version.definition
  return (
    <Card title="Terms">
      <KeyValueList
        items={[
          ...(description === null ? [] : [{ label: 'Described as', value: description }]),
          ...termsOf(version),
          {
            label: 'Rate limits',
            value:
              rateLimits.length === 0 ? (
                'none'
              ) : (
                <Lines lines={rateLimits.map((limit) => rateLimitWords(limit))} />
              ),
          },
        ]}
      />
    </Card>
  )
}

import { useSuspenseQuery } from '@tanstack/react-query'
import { Button } from '../../../../ui/button.tsx'
import { Card } from '../../../../ui/card.tsx'
import { type Column, DataTable } from '../../../../ui/data-table.tsx'
import { EmptyState } from '../../../../ui/empty-state.tsx'
import { Grid } from '../../../../ui/grid.tsx'
import { IconButton } from '../../../../ui/icon-button.tsx'
import { type CardWords, cardWords } from '../../../../ui/pricing/plan-words.ts'
import type { PlanDefinition, RateCard } from '../../../../ui/pricing/price-words.ts'
import { Stack } from '../../../../ui/stack.tsx'
import { EditOptionalText, EditText } from '../../../edit-fields.tsx'
import { featuresQuery, metersQuery } from '../../../queries.ts'
import { unitOf } from '../present-plan.ts'
import { CardDialog } from './card-dialog.tsx'
import { addPhase, blankCard, changePhase, putCard, removeCard, removePhase } from './draft.ts'

export interface Place {
  readonly phase: number
  readonly card: number
}

interface PhasesProps {
  readonly definition: PlanDefinition
  readonly change: (definition: PlanDefinition) => void
  /** Opens a rate card; one beyond the last is a new one. */
  readonly onOpen: (place: Place) => void
}

/** What the draft sells, phase by phase. */
export function Phases({ definition, change, onOpen }: PhasesProps) {
  return (
    <>
      {definition.phases.map((phase, index) => (
        <Phase
          key={phase.key}
          definition={definition}
          index={index}
          change={change}
          onOpen={onOpen}
        />
      ))}
      <div>
        <Button icon="plus" onClick={() => change(addPhase(definition))}>
          Put a trial or another phase before
        </Button>
      </div>
    </>
  )
}

interface Row extends CardWords {
  readonly onOpen: () => void
  readonly onRemove: () => void
}

const COLUMNS: readonly Column<Row>[] = [
  {
    key: 'name',
    header: 'Rate card',
    cell: ({ name, onOpen }) => (
      <Button variant="ghost" size="sm" onClick={onOpen}>
        {name}
      </Button>
    ),
  },
  { key: 'included', header: 'Included', cell: ({ included }) => included ?? '–' },
  { key: 'price', header: 'Price', cell: ({ price }) => price.join('; ') || '–' },
  {
    key: 'acts',
    header: '',
    width: '6rem',
    align: 'end',
    cell: ({ name, onOpen, onRemove }) => (
      <>
        <IconButton icon="edit" label={`Edit ${name}`} onClick={onOpen} />
        <IconButton icon="trash" label={`Remove ${name}`} onClick={onRemove} />
      </>
    ),
  },
]

interface PhaseProps extends PhasesProps {
  readonly index: number
}

function Phase({ definition, index, change, onOpen }: PhaseProps) {
  const { data: features } = useSuspenseQuery(featuresQuery)
  const { data: meters } = useSuspenseQuery(metersQuery)
  const phase = definition.phases[index]
  if (phase === undefined) return null
  const currency = definition.currencies[0] ?? 'usd'
  const isOnly = definition.phases.length === 1
  const rows = phase.rateCards.map((card, at): Row => {
    const place = { phase: index, card: at }
    return {
      ...wordsOf(card, currency, unitOf(card.featureKey, features.data, meters.data)),
      onOpen: () => onOpen(place),
      onRemove: () => change(removeCard(definition, place)),
    }
  })
  const add = (
    <Button
      size="sm"
      icon="plus"
      onClick={() => onOpen({ phase: index, card: phase.rateCards.length })}
    >
      Add rate card
    </Button>
  )
  return (
    <Card
      isFlush
      title={isOnly ? 'What it sells' : `Phase ${index + 1}: ${phase.name}`}
      actions={
        <Stack direction="row" gap={2}>
          {rows.length > 0 && add}
          {!isOnly && (
            <IconButton
              icon="trash"
              label={`Remove phase ${phase.name}`}
              onClick={() => change(removePhase(definition, index))}
            />
          )}
        </Stack>
      }
      {...(!isOnly && {
        footer: (
          <Grid gap={4} columns="1fr 1fr">
            <EditText
              required
              name={`definition.phases[${index}].name`}
              label="Name of the phase"
              value={phase.name}
              onChange={(name) => change(changePhase(definition, index, () => ({ name })))}
            />
            <EditOptionalText
              isMono
              name={`definition.phases[${index}].duration`}
              label="Lasts"
              placeholder="for good"
              hint="P14D is 14 days, P3M three months. The last phase lasts for good."
              value={phase.duration}
              onChange={(duration) => change(changePhase(definition, index, () => ({ duration })))}
            />
          </Grid>
        ),
      })}
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
            description="Rate cards say what customers get of a feature and what it costs. Without one it is free and grants nothing."
            action={add}
          />
        }
      />
    </Card>
  )
}

/** A price that is not complete has no words yet. */
function wordsOf(card: RateCard, currency: string, unit: string): CardWords {
  try {
    return cardWords(card, currency, unit)
  } catch {
    return { ...card, included: null, price: ['to be completed'], beyond: null, terms: [] }
  }
}

interface OpenCardProps {
  readonly definition: PlanDefinition
  readonly place: Place
  readonly change: (definition: PlanDefinition) => void
  readonly onClose: () => void
}

export function OpenCard({ definition, place, change, onClose }: OpenCardProps) {
  const saved = definition.phases[place.phase]?.rateCards[place.card]
  return (
    <CardDialog
      card={saved ?? blankCard(definition)}
      isNew={saved === undefined}
      definition={definition}
      onClose={onClose}
      onDone={(card) => {
        change(putCard(definition, place, card))
        onClose()
      }}
    />
  )
}

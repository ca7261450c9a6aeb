import { useQuery } from '@tanstack/react-query'
import { Card } from '../../../../ui/card.tsx'
import { Checkbox } from '../../../../ui/checkbox.tsx'
import { Grid } from '../../../../ui/grid.tsx'
import type { PlanDefinition } from '../../../../ui/pricing/price-words.ts'
import { Stack } from '../../../../ui/stack.tsx'
import { Switch } from '../../../../ui/switch.tsx'
import { EditOptionalText } from '../../../edit-fields.tsx'
import { plansQuery } from '../../../queries.ts'
import { nameOf, shownVersion } from '../present-plan.ts'

interface AddOnTermsProps {
  readonly planKey: string
  readonly definition: PlanDefinition
  readonly change: (definition: PlanDefinition) => void
}

/** Whether it is sold on top of others instead of by itself, and of which. */
export function AddOnTerms({ planKey, definition, change }: AddOnTermsProps) {
  const { data } = useQuery(plansQuery)
  const { addOn } = definition
  const others = (data?.data ?? []).filter(
    (plan) => plan.key !== planKey && shownVersion(plan)?.definition.addOn === null,
  )
  const toggled = (key: string, isOn: boolean) => {
    const keys = (addOn?.planKeys ?? []).filter((each) => each !== key)
    return { maximumQuantity: null, ...addOn, planKeys: isOn ? [...keys, key] : keys }
  }
  return (
    <Card
      title="Add-on"
      description="Sold on top of other plans: it adds to their quotas and rate limits, and its fee comes with theirs."
    >
      <Stack gap={4}>
        <Switch
          label="It is an add-on"
          description={
            others.length === 0
              ? 'There is no plan yet that it could go with.'
              : 'Nobody can subscribe to it by itself.'
          }
          isOn={addOn !== null}
          onChange={(isOn) =>
            change({
              ...definition,
              addOn: isOn ? { planKeys: [], maximumQuantity: null } : null,
            })
          }
        />
        {addOn !== null && (
          <>
            <Grid gap={2} minWidth="13rem">
              {others.map((plan) => (
                <Checkbox
                  key={plan.key}
                  name="definition.addOn.planKeys"
                  label={nameOf(plan)}
                  isChecked={addOn.planKeys.includes(plan.key)}
                  onChange={(isOn) => change({ ...definition, addOn: toggled(plan.key, isOn) })}
                />
              ))}
            </Grid>
            <EditOptionalText
              name="definition.addOn.maximumQuantity"
              label="How often a subscription may have it"
              type="number"
              min={1}
              step={1}
              placeholder="as often as it likes"
              value={addOn.maximumQuantity === null ? null : String(addOn.maximumQuantity)}
              onChange={(text) =>
                change({
                  ...definition,
                  addOn: { ...addOn, maximumQuantity: text === null ? null : Number(text) },
                })
              }
            />
          </>
        )}
      </Stack>
    </Card>
  )
}

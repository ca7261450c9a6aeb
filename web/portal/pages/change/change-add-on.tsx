import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { ButtonLink, Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { toProblem } from '../../../ui/problem.ts'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { paths } from '../../paths.ts'
import { addOnsQuery, changePreviewQuery, overviewQuery } from '../../queries.ts'
import { type AddOn, addOnTerms, wantedAddOns, wantedQuantity } from '../billing/present-add-on.ts'
import { ChangeOffer } from './change-offer.tsx'
import { changeWords } from './present-change.ts'

const route = getRouteApi('/app/billing/add-ons/$addOnKey')

/** How much of an add-on there is to be, and what that does and costs before anything is done. */
export function ChangeAddOn() {
  const { addOnKey } = route.useParams()
  const { quantity } = route.useSearch()
  const { data: offered } = useSuspenseQuery(addOnsQuery)
  const { data: overview } = useSuspenseQuery(overviewQuery)
  const addOn = offered.data.find(({ key }) => key === addOnKey)
  const { subscription } = overview
  if (addOn === undefined || subscription === null) return <NotOffered />
  const wanted = wantedQuantity(addOn, quantity)
  return (
    <Stack gap={6}>
      <PageHeader
        breadcrumbs={<Link to={paths.billing}>Plan & billing</Link>}
        title={addOn.definition.name}
        badges={addOn.quantity > 0 && <Badge tone="success">You have {addOn.quantity}</Badge>}
        description={addOnTerms(addOn, subscription.currency).join('; ')}
      />
      {addOn.definition.addOn?.maximumQuantity !== 1 && (
        <HowMany key={wanted} addOn={addOn} wanted={wanted} />
      )}
      {wanted === addOn.quantity ? (
        <p>This is what you have. Choose another number to see what it costs.</p>
      ) : (
        <Offer addOns={wantedAddOns(offered.data, addOn.key, wanted)} />
      )}
    </Stack>
  )
}

function HowMany({ addOn, wanted }: { readonly addOn: AddOn; readonly wanted: number }) {
  const navigate = route.useNavigate()
  const maximum = addOn.definition.addOn?.maximumQuantity ?? undefined
  return (
    <Card>
      <Form
        onSubmit={(values) =>
          navigate({ search: { quantity: textOf(values, 'quantity') }, replace: true })
        }
      >
        <Stack direction="row" gap={3} align="end" canWrap>
          <Field
            name="quantity"
            label={maximum === undefined ? 'How many' : `How many, ${maximum} at most`}
          >
            <TextInput
              type="number"
              min={0}
              max={maximum}
              step={1}
              required
              defaultValue={wanted}
              suffix={addOn.definition.name}
            />
          </Field>
          <SubmitButton variant="secondary">Show the price</SubmitButton>
        </Stack>
      </Form>
    </Card>
  )
}

function Offer({ addOns }: { readonly addOns: { key: string; quantity: number }[] }) {
  const asked = { addOns }
  const { data: preview, error } = useQuery(changePreviewQuery(asked))
  if (error !== null) return <ProblemBanner problem={toProblem(error)} />
  if (preview === undefined) {
    return (
      <Card>
        <Skeleton lines={3} height="1.125rem" />
      </Card>
    )
  }
  return (
    <>
      <p>{changeWords(preview).when}</p>
      <ChangeOffer preview={preview} asked={asked} leave={paths.billing} />
    </>
  )
}

function NotOffered() {
  return (
    <Stack gap={6}>
      <PageHeader title="Add-on" />
      <Card>
        <EmptyState
          icon="plus"
          title="Not offered with your plan"
          description="Add-ons go with certain plans. Those for yours are listed with it."
          action={<ButtonLink to={paths.billing}>Plan & billing</ButtonLink>}
        />
      </Card>
    </Stack>
  )
}

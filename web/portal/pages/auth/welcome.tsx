import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { AuthFrame } from '../../../ui/auth/auth-frame.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { sessionQuery } from '../../queries.ts'
import { useBrand } from './brand.ts'
import { useEnter } from './enter.ts'

const route = getRouteApi('/welcome')

/** A person has signed up; now the account that will have keys and be billed. */
export function WelcomePage() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const enter = useEnter(route.useSearch().next)
  return (
    <AuthFrame
      {...useBrand()}
      title="Name your account"
      description="Your company or project. Keys, usage and invoices belong to it; you can change the name later."
    >
      <Form
        onSubmit={async (values, { idempotencyKey }) => {
          const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
          const body = { name: textOf(values, 'name'), timeZone }
          await client.post('/api/v1/portal/account', { body, idempotencyKey })
          await enter()
        }}
      >
        <Field name="name" label="Name">
          <TextInput
            required
            maxLength={200}
            autoComplete="organization"
            defaultValue={session?.user.name ?? ''}
          />
        </Field>
        <SubmitButton isFullWidth>Continue</SubmitButton>
      </Form>
    </AuthFrame>
  )
}

import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { Card } from '../../../ui/card.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { announce } from '../../../ui/toast.tsx'
import { auth } from '../../api.ts'
import { sessionQuery } from '../../queries.ts'

const app = getRouteApi('/app')

/** The person, as others of the account see them. */
export function ProfileCard() {
  const { session } = app.useRouteContext()
  const queryClient = useQueryClient()
  const router = useRouter()
  return (
    <Card title="You" description={`Signed in as ${session.user.email}.`}>
      <Form
        onSubmit={async (values) => {
          await auth.rename(textOf(values, 'userName'))
          await Promise.all(
            [sessionQuery.queryKey, ['members']].map((queryKey) =>
              queryClient.invalidateQueries({ queryKey }),
            ),
          )
          await router.invalidate()
          announce({ title: 'Name saved' })
        }}
      >
        <Field name="userName" label="Your name">
          <TextInput
            required
            maxLength={200}
            autoComplete="name"
            defaultValue={session.user.name}
          />
        </Field>
        <div>
          <SubmitButton variant="secondary">Save name</SubmitButton>
        </div>
      </Form>
    </Card>
  )
}

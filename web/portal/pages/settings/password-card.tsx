import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { PASSWORD_MIN_LENGTH } from '../../../ui/auth/sign-up.tsx'
import { Card } from '../../../ui/card.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, secretOf, SubmitButton } from '../../../ui/form.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { announce } from '../../../ui/toast.tsx'
import { auth } from '../../api.ts'
import { sessionsQuery } from '../../queries.ts'

export function PasswordCard() {
  const queryClient = useQueryClient()
  // A new form after each change, so that no password stays in the page.
  const [formNumber, setFormNumber] = useState(0)
  return (
    <Card title="Password" description="Changing it signs you out everywhere else.">
      <Form
        key={formNumber}
        onSubmit={async (values) => {
          await auth.changePassword(
            secretOf(values, 'currentPassword'),
            secretOf(values, 'newPassword'),
          )
          await queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
          announce({
            title: 'Password changed',
            description: 'You are signed out everywhere else.',
          })
        }}
        onSuccess={() => setFormNumber((number) => number + 1)}
      >
        <Field name="currentPassword" label="Current password">
          <TextInput type="password" required autoComplete="current-password" />
        </Field>
        <Field
          name="newPassword"
          label="New password"
          hint={`At least ${PASSWORD_MIN_LENGTH} characters; a long sentence is better than a short riddle.`}
        >
          <TextInput
            type="password"
            required
            minLength={PASSWORD_MIN_LENGTH}
            autoComplete="new-password"
          />
        </Field>
        <div>
          <SubmitButton variant="secondary">Change password</SubmitButton>
        </div>
      </Form>
    </Card>
  )
}

import type { ReactNode } from 'react'
import { Field } from '../field.tsx'
import { Form, type FormRequest, secretOf, SubmitButton } from '../form.tsx'
import { TextInput } from '../text-input.tsx'
import { AuthFrame } from './auth-frame.tsx'
import type { AuthBrand } from './sign-in.tsx'
import { PASSWORD_MIN_LENGTH } from './sign-up.tsx'

interface ResetPasswordProps {
  readonly brand: AuthBrand
  /** The link's token travels in the app's address bar and stays with the caller. */
  readonly onSubmit: (password: string, request: FormRequest) => Promise<unknown>
  readonly footer: ReactNode
}

export function ResetPassword({ brand, onSubmit, footer }: ResetPasswordProps) {
  return (
    <AuthFrame
      {...brand}
      title="Choose a new password"
      description="You will be signed out everywhere else."
      footer={footer}
    >
      <Form onSubmit={(values, request) => onSubmit(secretOf(values, 'password'), request)}>
        <Field
          name="password"
          label="New password"
          hint={`At least ${PASSWORD_MIN_LENGTH} characters.`}
        >
          <TextInput
            type="password"
            autoComplete="new-password"
            required
            minLength={PASSWORD_MIN_LENGTH}
          />
        </Field>
        <SubmitButton isFullWidth>Save password</SubmitButton>
      </Form>
    </AuthFrame>
  )
}

import type { ReactNode } from 'react'
import { Field } from '../field.tsx'
import { Form, type FormRequest, SubmitButton, textOf } from '../form.tsx'
import { TextInput } from '../text-input.tsx'
import { AuthFrame } from './auth-frame.tsx'
import type { AuthBrand } from './sign-in.tsx'

interface ForgotPasswordProps {
  readonly brand: AuthBrand
  /** Resolves whether or not there is such an account. */
  readonly onSubmit: (email: string, request: FormRequest) => Promise<unknown>
  /** Back to signing in. */
  readonly footer: ReactNode
}

export function ForgotPassword({ brand, onSubmit, footer }: ForgotPasswordProps) {
  return (
    <AuthFrame
      {...brand}
      title="Forgot your password?"
      description="Tell us your address and we send you a link to choose a new one."
      footer={footer}
    >
      <Form onSubmit={(values, request) => onSubmit(textOf(values, 'email'), request)}>
        <Field name="email" label="Email">
          <TextInput type="email" autoComplete="username" required />
        </Field>
        <SubmitButton isFullWidth>Send the link</SubmitButton>
      </Form>
    </AuthFrame>
  )
}

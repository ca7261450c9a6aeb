import type { ReactNode } from 'react'
import { Field } from '../field.tsx'
import { Form, type FormRequest, secretOf, SubmitButton, textOf } from '../form.tsx'
import { TextInput } from '../text-input.tsx'
import { AuthFrame } from './auth-frame.tsx'
import type { AuthBrand, Credentials } from './sign-in.tsx'

export interface Registration extends Credentials {
  readonly name: string
}

/** As the server checks it; said before, so that nobody finds out afterwards. */
export const PASSWORD_MIN_LENGTH = 10

interface SignUpProps {
  readonly brand: AuthBrand
  readonly description?: string
  readonly onSubmit: (registration: Registration, request: FormRequest) => Promise<unknown>
  /** "By creating an account you agree to …", when the operator has terms. */
  readonly terms?: ReactNode
  readonly footer?: ReactNode
}

export function SignUp({ brand, description, onSubmit, terms, footer }: SignUpProps) {
  const submit = (values: FormData, request: FormRequest) =>
    onSubmit(
      {
        name: textOf(values, 'name'),
        email: textOf(values, 'email'),
        password: secretOf(values, 'password'),
      },
      request,
    )
  return (
    <AuthFrame
      {...brand}
      title="Create your account"
      {...(description !== undefined && { description })}
      footer={footer}
    >
      <Form onSubmit={submit}>
        <Field name="name" label="Name">
          <TextInput autoComplete="name" required maxLength={120} />
        </Field>
        <Field name="email" label="Work email">
          <TextInput type="email" autoComplete="username" required />
        </Field>
        <Field
          name="password"
          label="Password"
          hint={`At least ${PASSWORD_MIN_LENGTH} characters. A short sentence is easy to remember.`}
        >
          <TextInput
            type="password"
            autoComplete="new-password"
            required
            minLength={PASSWORD_MIN_LENGTH}
          />
        </Field>
        <SubmitButton isFullWidth>Create account</SubmitButton>
        {terms}
      </Form>
    </AuthFrame>
  )
}

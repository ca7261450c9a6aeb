import { type ReactNode, useState } from 'react'
import { Button } from '../button.tsx'
import { Field } from '../field.tsx'
import { Form, type FormRequest, secretOf, SubmitButton, textOf } from '../form.tsx'
import type { IconName } from '../icon.tsx'
import { TextInput } from '../text-input.tsx'
import { AuthFrame } from './auth-frame.tsx'
import styles from './sign-in.module.css'

export interface AuthBrand {
  readonly productName: string
  readonly logoUrl?: string | null
}

export interface Credentials {
  readonly email: string
  readonly password: string
}

interface Provider {
  readonly id: string
  readonly label: string
  readonly icon?: IconName
  readonly onSelect: () => void
}

interface SignInProps {
  readonly brand: AuthBrand
  readonly description?: string
  /** Why somebody is here again: an expired link, an ended session. */
  readonly notice?: ReactNode
  readonly onPassword: (credentials: Credentials, request: FormRequest) => Promise<unknown>
  /** Sends a link; resolves whether or not there is such an account. Absent where mail is not set up. */
  readonly onMagicLink?: (email: string, request: FormRequest) => Promise<unknown>
  /** Configured identity providers. */
  readonly providers?: readonly Provider[]
  /** "Forgot password?" */
  readonly forgotLink: ReactNode
  /** "New here? Create an account." */
  readonly footer?: ReactNode
}

const NO_PROVIDERS: readonly Provider[] = []

export function SignIn(props: SignInProps) {
  const { brand, description, onPassword, onMagicLink, providers = NO_PROVIDERS } = props
  const [method, setMethod] = useState<'password' | 'link'>('password')
  const [email, setEmail] = useState('')
  const isLink = method === 'link' && onMagicLink !== undefined

  function submit(values: FormData, request: FormRequest): Promise<unknown> {
    const address = textOf(values, 'email')
    if (isLink) return onMagicLink(address, request)
    return onPassword({ email: address, password: secretOf(values, 'password') }, request)
  }

  return (
    <AuthFrame
      {...brand}
      title="Sign in"
      {...(description !== undefined && { description })}
      footer={props.footer}
    >
      <Form key={method} onSubmit={submit}>
        {props.notice}
        {providers.map((provider) => (
          <Button key={provider.id} icon={provider.icon} isFullWidth onClick={provider.onSelect}>
            Continue with {provider.label}
          </Button>
        ))}
        {providers.length > 0 && <p className={styles.or}>or</p>}
        <Field name="email" label="Email">
          <TextInput
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </Field>
        {!isLink && (
          <Field name="password" label="Password" aside={props.forgotLink}>
            <TextInput type="password" autoComplete="current-password" required />
          </Field>
        )}
        <SubmitButton isFullWidth>{isLink ? 'Email me a link' : 'Sign in'}</SubmitButton>
        {onMagicLink !== undefined && (
          <Button
            variant="ghost"
            isFullWidth
            icon={isLink ? 'lock' : 'mail'}
            onClick={() => setMethod(isLink ? 'password' : 'link')}
          >
            {isLink ? 'Use a password instead' : 'Email me a sign-in link instead'}
          </Button>
        )}
      </Form>
    </AuthFrame>
  )
}

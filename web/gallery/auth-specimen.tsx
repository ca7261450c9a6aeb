import { CheckMail } from '../ui/auth/check-mail.tsx'
import { ForgotPassword } from '../ui/auth/forgot-password.tsx'
import { ResetPassword } from '../ui/auth/reset-password.tsx'
import { SignIn } from '../ui/auth/sign-in.tsx'
import { SignUp } from '../ui/auth/sign-up.tsx'
import { Link } from '../ui/link.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import type { WorldProps } from './main.tsx'
import { refusal } from './samples.ts'

const BRAND = { productName: 'Kestrel Maps API' }

const refuse = async () => {
  await new Promise((resolve) => setTimeout(resolve, 600))
  throw refusal({
    status: 401,
    code: 'invalid_credentials',
    title: 'Email or password is wrong',
    detail: 'Check both, or have a sign-in link sent to you.',
    requestId: '',
  })
}

export function AuthSpecimen({ path }: WorldProps) {
  const back = <Link to="/sign-in">Back to sign in</Link>
  switch (path) {
    case '/':
    case '/sign-in':
      return (
        <SignIn
          brand={BRAND}
          onPassword={refuse}
          onMagicLink={refuse}
          providers={[{ id: 'github', label: 'GitHub', onSelect: () => undefined }]}
          forgotLink={<Link to="/forgot-password">Forgot password?</Link>}
          footer={
            <>
              New here? <Link to="/sign-up">Create an account</Link>
            </>
          }
        />
      )
    case '/sign-up':
      return (
        <SignUp
          brand={BRAND}
          description="100 calls a month are free. No card needed."
          onSubmit={refuse}
          footer={
            <>
              Have an account? <Link to="/sign-in">Sign in</Link>
            </>
          }
        />
      )
    case '/check-mail':
      return (
        <CheckMail
          brand={BRAND}
          email="ada@northwind.dev"
          purpose="sign in"
          mailboxUrl="http://localhost:8081/mailbox"
          onResend={refuse}
          footer={back}
        />
      )
    case '/forgot-password':
      return <ForgotPassword brand={BRAND} onSubmit={refuse} footer={back} />
    case '/reset-password':
      return <ResetPassword brand={BRAND} onSubmit={refuse} footer={back} />
    default:
      return <EmptyState icon="search" title={path} description="No such specimen." />
  }
}

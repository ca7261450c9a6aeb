import { useNavigate } from '@tanstack/react-router'
import { ForgotPassword } from '../../../ui/auth/forgot-password.tsx'
import { Link } from '../../../ui/link.tsx'
import { auth } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useBrand } from './brand.ts'

export function ForgotPasswordPage() {
  const navigate = useNavigate()
  return (
    <ForgotPassword
      brand={useBrand()}
      onSubmit={async (email) => {
        await auth.sendPasswordLink(email)
        await navigate({ to: paths.checkMail, search: { email, purpose: 'password' } })
      }}
      footer={<Link to={paths.signIn}>Back to sign in</Link>}
    />
  )
}

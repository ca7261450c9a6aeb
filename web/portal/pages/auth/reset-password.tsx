import { useLocation, useNavigate } from '@tanstack/react-router'
import { ResetPassword } from '../../../ui/auth/reset-password.tsx'
import { Link } from '../../../ui/link.tsx'
import { auth } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useBrand } from './brand.ts'

export function ResetPasswordPage() {
  const token = useLocation({ select: ({ state }) => state.token })
  const navigate = useNavigate()
  return (
    <ResetPassword
      brand={useBrand()}
      onSubmit={async (password) => {
        await auth.resetPassword(password, token ?? '')
        await navigate({ to: paths.signIn, search: { notice: 'password' }, replace: true })
      }}
      footer={<Link to={paths.forgotPassword}>Have another link sent</Link>}
    />
  )
}

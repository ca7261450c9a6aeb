import { getRouteApi } from '@tanstack/react-router'
import { CheckMail } from '../../../ui/auth/check-mail.tsx'
import { Link } from '../../../ui/link.tsx'
import { auth } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useBrand } from './brand.ts'

const route = getRouteApi('/auth/check-mail')

export function CheckMailPage() {
  const { email, purpose } = route.useSearch()
  const { mailboxUrl } = route.useRouteContext()
  return (
    <CheckMail
      brand={useBrand()}
      email={email}
      purpose={purpose === 'sign-in' ? 'sign in' : 'choose a new password'}
      onResend={() =>
        purpose === 'sign-in' ? auth.sendSignInLink(email) : auth.sendPasswordLink(email)
      }
      {...(mailboxUrl !== null && { mailboxUrl })}
      footer={<Link to={paths.signIn}>Back to sign in</Link>}
    />
  )
}

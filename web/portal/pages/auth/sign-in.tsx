import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { linkProblem } from '../../../ui/auth/auth-problem.ts'
import { SignIn } from '../../../ui/auth/sign-in.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Link } from '../../../ui/link.tsx'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { toProblem } from '../../../ui/problem.ts'
import { auth } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useBrand } from './brand.ts'
import { useEnter } from './enter.ts'

const NOTICES = {
  ended: {
    tone: 'info',
    title: 'Your session has ended',
    children: 'Sign in to go on where you were.',
  },
  password: {
    tone: 'success',
    title: 'Your password is changed',
    children: 'Sign in with the new one.',
  },
} as const

const route = getRouteApi('/auth/sign-in')

export function SignInPage() {
  const { next, error, notice } = route.useSearch()
  const navigate = useNavigate()
  const enter = useEnter(next)
  return (
    <SignIn
      brand={useBrand()}
      notice={
        error === undefined ? (
          notice !== undefined && <Banner {...NOTICES[notice]} />
        ) : (
          <ProblemBanner problem={toProblem(linkProblem(error))} />
        )
      }
      onPassword={async (credentials) => {
        await auth.signIn(credentials)
        await enter()
      }}
      onMagicLink={async (email) => {
        await auth.sendSignInLink(email)
        await navigate({ to: paths.checkMail, search: { email, purpose: 'sign-in' } })
      }}
      forgotLink={<Link to={paths.forgotPassword}>Forgot password?</Link>}
      footer={
        <>
          New here?{' '}
          <Link to={paths.signUp} search={next === undefined ? {} : { next }}>
            Create an account
          </Link>
        </>
      }
    />
  )
}

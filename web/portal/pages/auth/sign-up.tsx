import { getRouteApi } from '@tanstack/react-router'
import { SignUp } from '../../../ui/auth/sign-up.tsx'
import { Link } from '../../../ui/link.tsx'
import { auth } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useBrand } from './brand.ts'
import { useEnter } from './enter.ts'

const route = getRouteApi('/auth/sign-up')

export function SignUpPage() {
  const { next } = route.useSearch()
  const enter = useEnter(next)
  return (
    <SignUp
      brand={useBrand()}
      onSubmit={async (registration) => {
        await auth.signUp(registration)
        await enter()
      }}
      footer={
        <>
          Have an account?{' '}
          <Link to={paths.signIn} search={next === undefined ? {} : { next }}>
            Sign in
          </Link>
        </>
      }
    />
  )
}

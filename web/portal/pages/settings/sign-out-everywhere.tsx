import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { auth } from '../../api.ts'
import { paths } from '../../paths.ts'

export function SignOutEverywhere() {
  const queryClient = useQueryClient()
  const router = useRouter()
  return (
    <ConfirmDialog
      title="Sign out everywhere?"
      object={[]}
      consequences={[
        'You are signed out in every browser, this one too.',
        'API keys go on working.',
      ]}
      verb="Sign out everywhere"
      trigger={<Button icon="sign-out">Sign out everywhere</Button>}
      onConfirm={async () => {
        await auth.signOutEverywhere()
        queryClient.clear()
        await router.navigate({ to: paths.signIn })
      }}
    />
  )
}

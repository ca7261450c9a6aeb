import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { IconButton } from '../../../ui/icon-button.tsx'
import { Menu } from '../../../ui/menu.tsx'
import { Select } from '../../../ui/select.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { membersQuery, sessionQuery } from '../../queries.ts'
import type { Role } from '../billing/payer.ts'
import {
  type Member,
  roleName,
  rolesToGive,
  whyLastOwner,
  whyNotManaged,
} from './present-member.ts'

const app = getRouteApi('/app')

/** Another role, or none any more; for oneself: leaving. */
export function MemberActions({ member }: { readonly member: Member }) {
  const { account, session } = app.useRouteContext()
  const queryClient = useQueryClient()
  const router = useRouter()
  const { data: members } = useSuspenseQuery(membersQuery)
  const [act, setAct] = useState<'role' | 'remove'>()
  const isSelf = session.user.id === member.userId
  const params = { userId: member.userId }
  const lastOwner = whyLastOwner(members.data, member)
  const refusal = whyNotManaged(account.role, member) ?? lastOwner
  const close = () => setAct(undefined)

  async function changeRole(role: Role, idempotencyKey: string): Promise<void> {
    const request = { params, body: { role }, idempotencyKey }
    const after = await client.patch('/api/v1/portal/members/{userId}', request)
    queryClient.setQueryData(membersQuery.queryKey, after)
    close()
    if (!isSelf) return
    await queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey })
    await router.invalidate()
  }

  async function remove(idempotencyKey: string): Promise<void> {
    await client.delete('/api/v1/portal/members/{userId}', { params, idempotencyKey })
    if (!isSelf) return queryClient.invalidateQueries({ queryKey: membersQuery.queryKey })
    queryClient.clear()
    await router.navigate({ to: paths.welcome })
  }

  return (
    <>
      <Menu
        trigger={<IconButton icon="dots" label={`Actions for ${member.name}`} size="sm" />}
        sections={[
          {
            items: [
              {
                label: 'Change role',
                icon: 'edit',
                disabledReason: refusal,
                onSelect: () => setAct('role'),
              },
            ],
          },
          {
            items: [
              {
                label: isSelf ? 'Leave the account' : 'Remove',
                icon: 'ban',
                tone: 'danger',
                disabledReason: isSelf ? lastOwner : refusal,
                onSelect: () => setAct('remove'),
              },
            ],
          },
        ]}
      />
      <Dialog
        title={`The role of ${member.name}`}
        size="sm"
        isOpen={act === 'role'}
        onOpenChange={close}
      >
        <Form
          onSubmit={(values, { idempotencyKey }) =>
            changeRole(textOf(values, 'role') as Role, idempotencyKey)
          }
        >
          <Field name="role" label="Role">
            <Select name="role" options={rolesToGive(account.role)} defaultValue={member.role} />
          </Field>
          <DialogActions>
            <DialogCancel />
            <SubmitButton>Change role</SubmitButton>
          </DialogActions>
        </Form>
      </Dialog>
      <ConfirmDialog
        isOpen={act === 'remove'}
        onOpenChange={close}
        title={isSelf ? `Leave ${account.name}?` : `Remove ${member.name}?`}
        object={[
          { label: 'Email', value: member.email },
          { label: 'Role', value: roleName(member.role) },
        ]}
        consequences={[
          isSelf
            ? 'You see nothing of this account any more.'
            : 'They see nothing of this account any more, at once.',
          'API keys go on working. Rotate those that should not be known any more.',
        ]}
        verb={isSelf ? 'Leave the account' : 'Remove'}
        onConfirm={({ idempotencyKey }) => remove(idempotencyKey)}
      />
    </>
  )
}

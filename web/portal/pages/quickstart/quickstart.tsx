import { useState } from 'react'
import { Card } from '../../../ui/card.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { FirstCall } from './first-call.tsx'
import { KeyStep } from './key-step.tsx'
import { QuickstartHeader } from './skeleton.tsx'

export function Quickstart() {
  // Kept while the page is open, so that the samples can be copied as they are; nowhere else.
  const [secret, setSecret] = useState<string>()
  return (
    <Stack gap={6}>
      <QuickstartHeader />
      <Card title="1. Your API key">
        <KeyStep secret={secret} onSeen={setSecret} />
      </Card>
      <Card title="2. Make a call">
        <FirstCall secret={secret} />
      </Card>
    </Stack>
  )
}

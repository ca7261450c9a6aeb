import type { ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Stack } from '../ui/stack.tsx'
import { setTheme } from '../ui/theme.ts'
import styles from './components.module.css'
import { ActionSection } from './sections/actions.tsx'
import { DataSection } from './sections/data.tsx'
import { FeedbackSection } from './sections/feedback.tsx'
import { FormSection } from './sections/forms.tsx'
import { OverlaySection } from './sections/overlays.tsx'

export function Components() {
  return (
    <main className={styles.page}>
      <PageHeader
        title="The kit"
        description="Every component, with content as it will have."
        actions={
          <>
            <Button icon="sun" onClick={() => setTheme('light')}>
              Light
            </Button>
            <Button icon="moon" onClick={() => setTheme('dark')}>
              Dark
            </Button>
          </>
        }
      />
      <Section title="Actions">
        <ActionSection />
      </Section>
      <Section title="Forms">
        <FormSection />
      </Section>
      <Section title="Data">
        <DataSection />
      </Section>
      <Section title="Feedback">
        <FeedbackSection />
      </Section>
      <Section title="Above the page">
        <OverlaySection />
      </Section>
    </main>
  )
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h2 className={styles.title}>{title}</h2>
      <Stack gap={5}>{children}</Stack>
    </section>
  )
}

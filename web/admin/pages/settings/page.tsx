import { useSuspenseQuery } from '@tanstack/react-query'
import type { CSSProperties } from 'react'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { mode } from '../../api.ts'
import { settingsQuery } from '../../queries.ts'
import { EditSetting } from './edit-setting.tsx'
import styles from './page.module.css'
import { groupSettings, type Setting, shapeOf, valueWords } from './present-setting.ts'

const SOURCES: Record<Setting['source'], string> = {
  environment: 'set by the environment',
  database: 'changed here',
  default: 'default',
}

export function SettingsPage() {
  const { data } = useSuspenseQuery(settingsQuery)
  return (
    <Stack gap={4}>
      <PageHeader
        title="Settings"
        description={
          mode === 'test'
            ? 'Of test mode, and of the installation where both modes share a setting.'
            : 'Of live mode, and of the installation where both modes share a setting.'
        }
      />
      {groupSettings(data.data).map((group) => (
        <Card key={group.title} title={group.title} isFlush>
          <ul className={styles.list}>
            {group.settings.map((setting) => (
              <li key={setting.key} className={styles.setting}>
                <SettingRow setting={setting} />
              </li>
            ))}
          </ul>
        </Card>
      ))}
    </Stack>
  )
}

function SettingRow({ setting }: { readonly setting: Setting }) {
  const { title, input } = shapeOf(setting)
  const isColor = input === 'color' && setting.value !== null
  return (
    <>
      <div className={styles.text}>
        <h3 className={styles.title}>{title}</h3>
        <p className={styles.description}>{setting.description}</p>
        <code className={styles.key}>{setting.key}</code>
      </div>
      <div className={styles.value}>
        {isColor && <Swatch color={setting.value ?? ''} />}
        <span className={styles.words}>{valueWords(setting)}</span>
        <Badge tone={setting.source === 'environment' ? 'info' : 'neutral'}>
          {input === 'kept' ? 'kept by Farebox' : SOURCES[setting.source]}
        </Badge>
      </div>
      {input !== 'kept' && (
        <div className={styles.actions}>
          <EditSetting setting={setting} />
        </div>
      )}
    </>
  )
}

function Swatch({ color }: { readonly color: string }) {
  return (
    <span
      className={styles.swatch}
      style={{ '--swatch': color } as CSSProperties}
      aria-hidden="true"
    />
  )
}

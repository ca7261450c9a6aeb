import { useState } from 'react'
import styles from './copy-text.module.css'
import { shortId } from './format.ts'
import { Icon } from './icon.tsx'
import { IconButton } from './icon-button.tsx'
import { Tooltip } from './tooltip.tsx'

const FEEDBACK_MS = 1_600

interface CopyTextProps {
  readonly text: string
  /** What it is, for the tooltip: "request id". */
  readonly label: string
  /** Ids are shown short and copied whole. */
  readonly isWhole?: boolean
}

/** An id or a name one click copies. */
export function CopyText({ text, label, isWhole = false }: CopyTextProps) {
  const { feedback, copy } = useCopy(text)
  return (
    <Tooltip label={copyLabel(feedback, label)}>
      <button
        type="button"
        className={styles.text}
        data-copied={feedback === 'copied' || undefined}
        aria-label={`${text}, copy ${label}`}
        onClick={copy}
      >
        <code>{isWhole ? text : shortId(text)}</code>
        <Icon name={feedback === 'copied' ? 'check' : 'copy'} size="sm" />
      </button>
    </Tooltip>
  )
}

interface CopyButtonProps {
  readonly text: string
  readonly label: string
}

export function CopyButton({ text, label }: CopyButtonProps) {
  const { feedback, copy } = useCopy(text)
  return (
    <IconButton
      icon={feedback === 'copied' ? 'check' : 'copy'}
      label={copyLabel(feedback, label)}
      size="sm"
      onClick={copy}
    />
  )
}

/** `feedback` says how the last copying went, for a moment; browsers refuse it on pages without TLS. */
export function useCopy(text: string): {
  readonly feedback: 'copied' | 'refused' | undefined
  readonly copy: () => void
} {
  const [feedback, setFeedback] = useState<'copied' | 'refused'>()
  function show(outcome: 'copied' | 'refused') {
    setFeedback(outcome)
    setTimeout(() => setFeedback(undefined), FEEDBACK_MS)
  }
  function copy() {
    // Typed as always there; missing outside secure contexts.
    const clipboard = navigator.clipboard as Clipboard | undefined
    if (clipboard === undefined) show('refused')
    else
      clipboard.writeText(text).then(
        () => show('copied'),
        () => show('refused'),
      )
  }
  return { feedback, copy }
}

export function copyLabel(feedback: 'copied' | 'refused' | undefined, label: string): string {
  if (feedback === 'copied') return 'Copied'
  return feedback === 'refused' ? 'Copying is not allowed here' : `Copy ${label}`
}

import { type ReactNode, useState } from 'react'
import styles from './code-block.module.css'
import { CopyButton } from './copy-text.tsx'
import { highlight, type Language } from './highlight.ts'
import { IconButton } from './icon-button.tsx'

interface CodeSample {
  readonly language: Language
  readonly label: string
  readonly source: string
}

interface CodeBlockProps {
  /** What the code does, for assistive technology: "First call". */
  readonly label: string
  /** One, or one per language; the reader's choice of language is theirs until they leave the page. */
  readonly samples: readonly CodeSample[]
  /** A key in the source that is masked until the reader asks to see it. Copying always takes the real one. */
  readonly secret?: string
  readonly footer?: ReactNode
}

export function CodeBlock({ label, samples, secret, footer }: CodeBlockProps) {
  const [chosen, setChosen] = useState(0)
  const [isRevealed, setRevealed] = useState(false)
  const sample = samples[chosen] ?? samples[0]
  if (sample === undefined) return null
  const isMasked = secret !== undefined && !isRevealed
  const shown = isMasked ? sample.source.replaceAll(secret, mask(secret)) : sample.source
  return (
    <figure className={styles.block} aria-label={label}>
      <div className={styles.bar}>
        <div className={styles.languages} role="group" aria-label="Language">
          {samples.map((each, index) => (
            <button
              key={each.label}
              type="button"
              className={styles.language}
              aria-pressed={index === chosen}
              onClick={() => setChosen(index)}
            >
              {each.label}
            </button>
          ))}
        </div>
        {secret !== undefined && (
          <IconButton
            icon={isRevealed ? 'eye-off' : 'eye'}
            label={isRevealed ? 'Hide the key' : 'Show the key'}
            size="sm"
            onClick={() => setRevealed(!isRevealed)}
          />
        )}
        <CopyButton text={sample.source} label="code" />
      </div>
      {/* Wide code scrolls sideways; the keyboard must be able to scroll it too. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={styles.source} tabIndex={0}>
        <code>
          {highlight(shown, sample.language).map((token) => (
            <span key={token.start} data-kind={token.kind}>
              {token.text}
            </span>
          ))}
        </code>
      </pre>
      {footer !== undefined && <figcaption className={styles.footer}>{footer}</figcaption>}
    </figure>
  )
}

/** Keeps the prefix, which tells test from live, and the last four, which tell keys apart. */
function mask(secret: string): string {
  const prefix = secret.slice(0, secret.lastIndexOf('_') + 1)
  return `${prefix}${'•'.repeat(12)}${secret.slice(-4)}`
}

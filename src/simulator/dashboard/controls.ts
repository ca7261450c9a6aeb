import { html, type Html } from '../pages/html.ts'

/** A control with what it is called above it, and in smaller words what it expects. */
export function labelled(text: string, control: Html, { hint, isWide }: LabelOptions = {}): Html {
  return html`<label class="${isWide === true ? 'wide' : ''}">
    <span>${text}${hint === undefined ? '' : html` <small>${hint}</small>`}</span>
    ${control}
  </label>`
}

interface LabelOptions {
  readonly hint?: string
  /** Takes the whole width of its form. */
  readonly isWide?: boolean
}

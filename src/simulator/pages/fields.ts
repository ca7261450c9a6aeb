import { html, type Html } from './html.ts'
import type { PageCall } from './pages.ts'

/** What is wrong with a form: a sentence for each field that has to be corrected, by its name. */
export type Problems = Readonly<Record<string, string>>

/** What was filled in, by the fields' names. */
export type Entered = Readonly<Record<string, string>>

export function enteredIn(form: URLSearchParams): Entered {
  return Object.fromEntries(form)
}

interface PostForm {
  /** Where it is sent; the page itself by default. */
  readonly path?: string
  readonly id?: string
  readonly className?: string
}

/** A form that changes something. Its seal keeps other sites from sending it, and makes it count once. */
export function postForm(call: PageCall, body: Html, options: PostForm = {}): Html {
  const path = options.path ?? call.incoming.path
  return html`<form
    method="post"
    action="${path}"
    novalidate
    ${attribute('id', options.id)}
    ${attribute('class', options.className)}
  >
    ${call.seal(path)}${body}
  </form>`
}

interface Field {
  readonly name: string
  readonly label: string
  readonly entered: Entered
  readonly problems: Problems
  readonly type?: 'text' | 'email' | 'tel' | 'number'
  readonly value?: string | null | undefined
  readonly autocomplete?: string
  readonly inputMode?: 'numeric'
  readonly placeholder?: string
  readonly hint?: string
  readonly isOptional?: boolean
  readonly isReadOnly?: boolean
  /** Stands beside the label. */
  readonly aside?: Html
  readonly testId?: string
}

export function textField(field: Field): Html {
  const { name, problems } = field
  return html`<div class="field">
    ${labelRow(field)}
    <input
      type="${field.type ?? 'text'}"
      id="${name}"
      name="${name}"
      value="${field.entered[name] ?? field.value ?? ''}"
      ${attribute('autocomplete', field.autocomplete)}
      ${attribute('inputmode', field.inputMode)}
      ${attribute('placeholder', field.placeholder)}
      ${attribute('data-testid', field.testId)}
      ${flag('readonly', field.isReadOnly === true)}
      ${flag('required', field.isOptional !== true)}
      ${describe(field)}
    />
    ${below(name, problems, field.hint)}
  </div>`
}

interface SelectField extends Pick<
  Field,
  'name' | 'label' | 'entered' | 'problems' | 'value' | 'autocomplete' | 'hint' | 'isOptional'
> {
  readonly options: readonly (readonly [value: string, label: string])[]
}

export function selectField(field: SelectField): Html {
  const { name, problems } = field
  const chosen = field.entered[name] ?? field.value ?? ''
  return html`<div class="field">
    ${labelRow(field)}
    <select
      id="${name}"
      name="${name}"
      ${attribute('autocomplete', field.autocomplete)}
      ${flag('required', field.isOptional !== true)}
      ${describe(field)}
    >
      ${field.options.map(
        ([value, label]) =>
          html`<option value="${value}" ${flag('selected', value === chosen)}>${label}</option>`,
      )}
    </select>
    ${below(name, problems, field.hint)}
  </div>`
}

interface CheckField {
  readonly name: string
  readonly label: string | Html
  readonly entered: Entered
  readonly problems: Problems
  readonly isChecked?: boolean
}

export function checkField({ name, label, entered, problems, isChecked }: CheckField): Html {
  return html`<div class="field">
    <div class="check">
      <input
        type="checkbox"
        id="${name}"
        name="${name}"
        data-testid="${name}"
        ${flag('checked', entered[name] === 'on' || isChecked === true)}
        ${describe({ name, problems })}
      />
      <label for="${name}">${label}</label>
    </div>
    ${below(name, problems)}
  </div>`
}

function labelRow({
  name,
  label,
  isOptional,
  aside,
}: Pick<Field, 'name' | 'label' | 'isOptional' | 'aside'>): Html {
  const text = html`<label for="${name}">${label}</label>`
  const rest = aside ?? (isOptional === true ? html`<small>optional</small>` : undefined)
  return rest === undefined ? text : html`<div class="label-row label">${text}${rest}</div>`
}

function describe({ name, problems, hint }: Pick<Field, 'name' | 'problems' | 'hint'>): Html {
  const isWrong = problems[name] !== undefined
  const describedBy = [isWrong ? `${name}-wrong` : '', hint === undefined ? '' : `${name}-hint`]
  const ids = describedBy.filter((id) => id !== '').join(' ')
  // Brings the first thing to correct into view, which on a phone is below what was sent.
  const isFirst = Object.keys(problems)[0] === name
  return html`${flag('autofocus', isFirst)} ${flag('aria-invalid="true"', isWrong)}
  ${attribute('aria-describedby', ids === '' ? undefined : ids)}`
}

function below(name: string, problems: Problems, hint?: string): Html {
  const problem = problems[name]
  return html`${problem === undefined ? '' : html`<p class="wrong" id="${name}-wrong">${problem}</p>`}
  ${hint === undefined ? '' : html`<p class="hint" id="${name}-hint">${hint}</p>`}`
}

export function attribute(name: string, value: string | undefined): Html {
  return value === undefined ? { html: '' } : html`${{ html: name }}="${value}"`
}

export function flag(name: string, isSet: boolean): Html {
  return { html: isSet ? name : '' }
}

/** What went wrong, said before anything else on the page. */
export function problemNotice(problem: string | null | undefined): Html {
  return problem === null || problem === undefined
    ? { html: '' }
    : html`<p class="notice bad" role="alert" data-testid="problem">${problem}</p>`
}

export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)
}

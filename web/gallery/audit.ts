type Rgb = readonly [number, number, number]

/**
 * What is wrong with the page for those who cannot see it, or not well: controls without a name, text of too little
 * contrast, ids used twice, a broken order of headings. It finds the frequent mistakes, not all there are.
 *
 * One function that needs nothing but a document, so that a browser test can send it into any page:
 * `expect(await page.evaluate(auditPage)).toEqual([])`.
 */
export function auditPage(): string[] {
  const page = document
  const CONTROLS =
    'a[href], button, input:not([type="hidden"]), select, textarea, [role="button"], [role="switch"], [role="checkbox"], [role="combobox"], [role="tab"], [role="meter"], [role="img"], table, dialog, [role="dialog"], [role="alertdialog"]'
  return [...auditNames(), ...auditStructure(), ...auditContrast()]

  function auditNames(): string[] {
    return [...page.querySelectorAll<HTMLElement>(CONTROLS)]
      .filter((element) => isVisible(element) && element.closest('[aria-hidden="true"]') === null)
      .filter((element) => nameOf(element) === '')
      .map((element) => `no name: ${describe(element)}`)
  }

  /** The accessible name, near enough: what labels it, what it says, what its tooltip says. */
  function nameOf(element: HTMLElement): string {
    const labelledBy = (element.getAttribute('aria-labelledby') ?? '')
      .split(/\s+/)
      .map((id) => element.ownerDocument.getElementById(id)?.textContent ?? '')
      .join(' ')
    const labels =
      'labels' in element ? [...((element.labels as NodeListOf<HTMLElement> | null) ?? [])] : []
    const content = element.matches('input, select, textarea, table, [role="meter"]')
      ? ''
      : element.textContent
    return [
      labelledBy,
      element.getAttribute('aria-label'),
      ...labels.map((label) => label.textContent),
      content,
      element.getAttribute('title'),
    ]
      .map((text) => text?.trim())
      .filter(Boolean)
      .join(' ')
  }

  function auditStructure(): string[] {
    const problems: string[] = []
    if (page.documentElement.lang === '') problems.push('the document names no language')
    if (page.title === '') problems.push('the document has no title')
    const ids = [...page.querySelectorAll('[id]')].map((element) => element.id)
    const twice = new Set(ids.filter((id, index) => ids.indexOf(id) !== index))
    problems.push(...[...twice].map((id) => `id used twice: ${id}`))
    for (const image of page.querySelectorAll('img:not([alt])')) {
      problems.push(`no alternative text: ${describe(image)}`)
    }
    for (const element of page.querySelectorAll('[tabindex]')) {
      if (Number(element.getAttribute('tabindex')) > 0) {
        problems.push(`out of the tab order: ${describe(element)}`)
      }
    }
    return [...problems, ...auditHeadings()]
  }

  function auditHeadings(): string[] {
    const headings = [...page.querySelectorAll<HTMLElement>('h1, h2, h3, h4, h5, h6')].filter(
      isVisible,
    )
    const levels = headings.map((heading) => Number(heading.tagName.slice(1)))
    const problems =
      levels.filter((level) => level === 1).length === 1 ? [] : ['not exactly one h1']
    const skipped = headings.filter(
      (_, index) => (levels[index] ?? 0) > (levels[index - 1] ?? 0) + 1,
    )
    return [...problems, ...skipped.map((heading) => `heading level skipped: ${describe(heading)}`)]
  }

  function auditContrast(): string[] {
    const canvas = page.createElement('canvas').getContext('2d', { willReadFrequently: true })
    if (canvas === null) return ['this browser cannot measure colours']
    const problems = new Set<string>()
    const texts = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT)
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      const element = node.parentElement
      if (element === null || node.textContent?.trim() === '' || !isReadable(element)) continue
      const { color, fontSize, fontWeight } = getComputedStyle(element)
      const background = backgroundOf(element, canvas)
      const ratio = contrast(paint(canvas, [background, color]), background)
      const size = Number.parseFloat(fontSize)
      const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700)
      if (ratio < (isLarge ? 3 : 4.5)) {
        problems.add(
          `contrast ${ratio.toFixed(2)}: ${describe(element)} “${node.textContent?.trim()}”`,
        )
      }
    }
    return [...problems]
  }

  /** Text that counts: visible, not switched off, not decoration. */
  function isReadable(element: HTMLElement): boolean {
    const exempt = '[aria-hidden="true"], [data-disabled], :disabled, noscript, script, style'
    return isVisible(element) && element.closest(exempt) === null
  }

  function isVisible(element: HTMLElement): boolean {
    const { width, height } = element.getBoundingClientRect()
    return width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true })
  }

  /** All backgrounds from the page up to the element, painted over one another. */
  function backgroundOf(element: Element, canvas: CanvasRenderingContext2D): string {
    const layers: string[] = []
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      layers.unshift(getComputedStyle(at).backgroundColor)
    }
    const [r, g, b] = paint(canvas, ['white', ...layers])
    return `rgb(${r} ${g} ${b})`
  }

  /** A canvas understands every way of writing a colour, and how translucent ones add up. */
  function paint(canvas: CanvasRenderingContext2D, layers: readonly string[]): Rgb {
    for (const layer of layers) {
      canvas.fillStyle = layer
      canvas.fillRect(0, 0, 1, 1)
    }
    const [r = 0, g = 0, b = 0] = canvas.getImageData(0, 0, 1, 1).data
    return [r, g, b]
  }

  function contrast(text: Rgb, background: string): number {
    const surface = background.match(/\d+/g)?.map(Number) ?? []
    const pair = [text, surface].map((rgb) => {
      const [r = 0, g = 0, b = 0] = rgb.map((channel) => {
        const c = channel / 255
        return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    })
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05)
  }

  function describe(element: Element): string {
    const role = element.getAttribute('role')
    const name = element.getAttribute('name') ?? element.getAttribute('aria-label')
    return `<${element.tagName.toLowerCase()}${role === null ? '' : ` role=${role}`}${name === null ? '' : ` ${name}`}>`
  }
}

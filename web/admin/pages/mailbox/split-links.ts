/** A piece of a plain text, and where it leads if it is an address. */
export interface TextPart {
  readonly text: string
  readonly href?: string
  readonly start: number
}

/** Finds the web addresses in a text; a full stop behind one ends the sentence, not the address. */
export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const match of text.matchAll(/https?:\/\/[^\s<>"]*[^\s<>".,;:!?)]/g)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index), start: end })
    parts.push({ text: match[0], href: match[0], start: match.index })
    end = match.index + match[0].length
  }
  if (end < text.length) parts.push({ text: text.slice(end), start: end })
  return parts
}

/** A span of source text and what it is; enough grammar to make short samples pleasant to read, no more. */
export interface SourceToken {
  readonly kind: 'plain' | 'string' | 'comment' | 'keyword' | 'number' | 'flag'
  readonly text: string
  /** Where it begins in the sample. */
  readonly start: number
}

export type Language = 'curl' | 'javascript' | 'python' | 'json'

const KEYWORDS: Record<Language, string> = {
  curl: 'curl',
  javascript: 'const|let|await|async|import|from|new|return|if|throw|function',
  python: 'import|from|as|def|return|if|raise|with|print|None|True|False',
  json: 'true|false|null',
}

const COMMENTS: Record<Language, string> = {
  curl: '#.*',
  javascript: '\\/\\/.*',
  python: '#.*',
  json: '(?!)',
}

/** Cuts a sample into tokens; put together again they are the sample. */
export function highlight(source: string, language: Language): SourceToken[] {
  const flags = language === 'curl' ? '(?<=\\s)--?[A-Za-z][\\w-]*' : '(?!)'
  const pattern = new RegExp(
    [
      `(?<comment>${COMMENTS[language]})`,
      `(?<string>"(?:[^"\\\\\\n]|\\\\.)*"|'(?:[^'\\\\\\n]|\\\\.)*'|\`[^\`]*\`)`,
      `(?<flag>${flags})`,
      `(?<keyword>\\b(?:${KEYWORDS[language]})\\b)`,
      '(?<number>\\b\\d+(?:\\.\\d+)?\\b)',
    ].join('|'),
    'g',
  )
  const tokens: SourceToken[] = []
  let end = 0
  for (const match of source.matchAll(pattern)) {
    if (match.index > end)
      tokens.push({ kind: 'plain', text: source.slice(end, match.index), start: end })
    tokens.push({ kind: kindOf(match.groups), text: match[0], start: match.index })
    end = match.index + match[0].length
  }
  if (end < source.length) tokens.push({ kind: 'plain', text: source.slice(end), start: end })
  return tokens
}

function kindOf(groups: Record<string, string | undefined> | undefined): SourceToken['kind'] {
  const kinds = ['comment', 'string', 'flag', 'keyword', 'number'] as const
  return kinds.find((kind) => groups?.[kind] !== undefined) ?? 'plain'
}

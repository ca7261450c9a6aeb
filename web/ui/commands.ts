import type { IconName } from './icon.tsx'

/** Something the palette can do or go to. */
export interface Command {
  readonly id: string
  readonly label: string
  /** Where it stands in the list: "Go to", "Customers". */
  readonly group: string
  readonly icon: IconName
  /** An email, an amount: shown muted beside the label and searched too. */
  readonly hint?: string
  readonly shortcut?: string
  /** Other words people look for. */
  readonly keywords?: string
  readonly run: () => void
}

const LIMIT = 50

/** The commands that match, best first. Every word of the query must occur; the start of a word counts most. */
export function rankCommands(commands: readonly Command[], query: string): Command[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return commands
    .map((command, index) => ({ command, index, score: scoreOf(command, words) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, LIMIT)
    .map(({ command }) => command)
}

/** Keeps the ranking between groups by their best member and puts a group's members together. */
export function groupCommands(
  commands: readonly Command[],
): readonly { readonly group: string; readonly commands: readonly Command[] }[] {
  return [...Map.groupBy(commands, (command) => command.group)].map(([group, members]) => ({
    group,
    commands: members,
  }))
}

function scoreOf(command: Command, words: readonly string[]): number {
  const label = command.label.toLowerCase()
  const rest = `${command.hint ?? ''} ${command.keywords ?? ''} ${command.group}`.toLowerCase()
  let score = 1
  for (const word of words) {
    const best = Math.max(scoreIn(label, word, 8), scoreIn(rest, word, 2))
    if (best === 0) return 0
    score += best
  }
  return score
}

function scoreIn(text: string, word: string, weight: number): number {
  const at = text.indexOf(word)
  if (at < 0) return 0
  if (at === 0) return weight * 3
  const isWordStart = text.split(/[\s@._-]+/).some((part) => part.startsWith(word))
  return isWordStart ? weight * 2 : weight
}

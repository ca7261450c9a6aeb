/** The examples that end every command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ farebox ${line}`).join('\n')}`
}

import { Readable } from 'node:stream'
import type { Command } from 'commander'
import { createContext } from '../src/cli/context.ts'
import { createProgram } from '../src/cli/program.ts'

const SILENT = {
  argv: [],
  env: {},
  stdout: { write: () => true },
  stderr: { write: () => true },
  stdin: Readable.from([]),
  cwd: () => '.',
  on: () => undefined,
}

/** The help of every command, as a page. */
export function cliReference(): string {
  const program = createProgram(createContext(SILENT))
  const sections = leaves(program).map(
    (command) => `## ${nameOf(command)}\n\n\`\`\`\n${fullHelp(command).trim()}\n\`\`\``,
  )
  return `# Command line

Generated from the commands' own help by \`npm run generate\`.

${sections.join('\n\n')}
`
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)
}

function nameOf(command: Command): string {
  const parent = command.parent
  return parent === null ? command.name() : `${nameOf(parent)} ${command.name()}`
}

/** With the examples, which commander prints through an event instead of returning them. */
function fullHelp(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => void (text += part), getOutHelpWidth: () => 100 })
  command.outputHelp()
  return text
}

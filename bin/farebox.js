#!/usr/bin/env node
// Plain JavaScript on purpose: it must run on a Node too old for the rest, to say so or to find a newer one.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const MINIMUM = [22, 18]
const [major, minor] = process.versions.node.split('.').map(Number)
const isNewEnough = major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])
const self = fileURLToPath(import.meta.url)
const pinned = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))

if (isNewEnough) {
  // Types are stripped once, not at every start.
  module.enableCompileCache()
  const source = new URL('../src/cli/run.ts', import.meta.url)
  const built = new URL('../dist/cli/run.js', import.meta.url)
  const { run } = await import(existsSync(source) ? source.href : built.href)
  process.exitCode = await run(process)
} else if (existsSync(pinned)) {
  const { status } = spawnSync(pinned, [self, ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exitCode = status ?? 1
} else {
  process.stderr.write(
    `Farebox needs Node ${MINIMUM.join('.')} or newer; this is ${process.versions.node}.\n` +
      'Install it from https://nodejs.org, or run "npm ci" in this folder first.\n',
  )
  process.exitCode = 1
}

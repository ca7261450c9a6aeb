import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AppError, ERRORS, invalidRequest } from './errors.ts'

const ROOT = join(import.meta.dirname, '..')
const codes = Object.keys(ERRORS)

test('every error code has a page that names it and its status', () => {
  const wrong = codes.filter((code) => {
    const page = join(ROOT, 'docs/errors', `${code}.md`)
    if (!existsSync(page)) return true
    const text = readFileSync(page, 'utf8')
    const { status, title } = ERRORS[code as keyof typeof ERRORS]
    return !text.startsWith(`# \`${code}\`\n\n**${title}**, status ${status}`)
  })
  expect(wrong).toEqual([])
})

test('no page tells of a code that does not exist', () => {
  const pages = globSync('docs/errors/*.md', { cwd: ROOT }).map((file) => file.slice(12, -3))
  expect(pages.filter((page) => !codes.includes(page) && page !== 'README')).toEqual([])
})

test('every error code is raised somewhere', () => {
  const sources = globSync('src/**/*.ts', { cwd: ROOT })
    .filter((file) => !file.endsWith('.test.ts') && file !== 'src/errors.ts')
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n')
  expect(
    codes.filter((code) => !sources.includes(`'${code}'`) && code !== 'invalid_request'),
  ).toEqual([])
})

test('the detail names every parameter and leaves no placeholder', () => {
  const error = new AppError('quota_exceeded', {
    limit: 100,
    feature: 'requests',
    used: 100,
    resetsAt: 'later',
  })
  expect(error.message).toBe(
    'The plan includes 100 requests; 100 are used. The quota resets on later.',
  )
})

test('validation reports all problems at once', () => {
  const error = invalidRequest([
    { path: 'name', message: 'is needed' },
    { path: 'key', message: 'is taken' },
  ])
  expect(error.message).toContain('2 invalid value(s)')
  expect(error.extras['errors']).toHaveLength(2)
})

import type { Access, RouteDefinition } from '../contract/route.ts'

/** The API reference as a plain page: no script, no assets but a style sheet, made from the contract. */
export function referencePage(
  contract: Readonly<Record<string, RouteDefinition>>,
  version: string,
): string {
  const byTag = Object.groupBy(Object.entries(contract), ([, { tag }]) => tag)
  const tags = Object.keys(byTag)
  const sections = Object.entries(byTag).map(
    ([tag, routes = []]) =>
      `<section id="${anchor(tag)}"><h2>${escape(tag)}</h2>${routes.map(([name, definition]) => article(name, definition)).join('')}</section>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Farebox API reference</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/portal/reference.css"></head>
<body><header><h1>Farebox API</h1>
<p>Version ${escape(version)}. The machine-readable form is <a href="/api/openapi.json">openapi.json</a>.</p>
<nav>${tags.map((tag) => `<a href="#${anchor(tag)}">${escape(tag)}</a>`).join(' ')}</nav></header>
<main>${sections.join('')}</main></body></html>`
}

function article(
  name: string,
  { method, path, summary, access, body, query }: RouteDefinition,
): string {
  const facts = [accessText(access), body && 'takes a JSON body', query && 'takes query parameters']
  return `<article id="${escape(name)}"><h3><code><b>${method.toUpperCase()}</b> ${escape(path)}</code></h3>
<p>${escape(summary)}.</p><p class="facts">${facts.filter(Boolean).join(' · ')}</p></article>`
}

function accessText(access: Access): string {
  switch (access.kind) {
    case 'public':
      return 'public'
    case 'user':
      return 'signed-in portal user'
    case 'member':
      return `portal: ${access.roles.join(', ')}`
    case 'operator':
      return `operator with <code>${access.permission}</code>`
  }
}

function anchor(tag: string): string {
  return tag.toLowerCase().replaceAll(/\W+/g, '-')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

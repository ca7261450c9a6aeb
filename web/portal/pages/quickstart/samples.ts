import type { Language } from '../../../ui/highlight.ts'

export interface Sample {
  readonly language: Language
  readonly label: string
  readonly source: string
}

/** The first call in three languages. `key` stands in it as it is: the real one, or enough to recognize it by. */
export function samplesFor(gatewayUrl: string, path: string, key: string): Sample[] {
  const url = `${gatewayUrl.replace(/\/$/, '')}${path}`
  return [
    {
      language: 'curl',
      label: 'curl',
      source: `curl "${url}" \\\n  -H "Authorization: Bearer ${key}"`,
    },
    {
      language: 'javascript',
      label: 'JavaScript',
      source: `const response = await fetch("${url}", {
  headers: { Authorization: "Bearer ${key}" },
});
console.log(response.status, await response.text());`,
    },
    {
      language: 'python',
      label: 'Python',
      source: `from urllib.request import Request, urlopen

request = Request(
    "${url}",
    headers={"Authorization": "Bearer ${key}"},
)
with urlopen(request) as response:
    print(response.status, response.read().decode())`,
    },
  ]
}

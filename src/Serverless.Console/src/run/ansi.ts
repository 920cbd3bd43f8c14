// Colors and cursor moves of a terminal mean nothing here; a progress bar that wrote over its line leaves its last state.
// eslint-disable-next-line no-control-regex
const escapes = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g

export function clean(text: string): string {
  const plain = text.replace(escapes, '').replace(/\r\n/g, '\n')
  if (!plain.includes('\r')) return plain
  return plain
    .split('\n')
    .map((line) => (line.includes('\r') ? (line.split('\r').findLast((part) => part !== '') ?? '') : line))
    .join('\n')
}

/** Reads CSV as RFC 4180 has it, up to so many rows; a last row that was cut off in the middle is left out. */
export function parseTable(text: string, separator: string, most: number, isCut: boolean): { rows: string[][]; more: boolean } {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (quoted) {
      if (c !== '"') cell += c
      else if (text[i + 1] === '"') {
        cell += '"'
        i++
      } else quoted = false
    } else if (c === '"' && cell === '') quoted = true
    else if (c === separator) {
      row.push(cell)
      cell = ''
    } else if (c === '\n' || c === '\r') {
      if (c === '\r' && text[i + 1] === '\n') i++
      row.push(cell)
      rows.push(row)
      row = []
      cell = ''
      if (rows.length > most) return { rows: rows.slice(0, most + 1), more: i < text.length - 1 || isCut }
    } else cell += c
  }
  if (!isCut && (cell !== '' || row.length)) rows.push([...row, cell])
  return { rows, more: isCut }
}

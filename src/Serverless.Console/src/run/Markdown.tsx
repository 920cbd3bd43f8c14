import { useEffect, useState } from 'react'

/** A card's data for machines stands before its text. */
const frontMatter = /^---\r?\n[\s\S]*?\r?\n---\r?\n/

/** Markdown that somebody logged: rendered without anything that runs, loads or sends. */
export function Markdown({ text }: { text: string }) {
  const [html, setHtml] = useState<string>()
  useEffect(() => {
    let current = true
    void Promise.all([import('marked'), import('dompurify')]).then(async ([{ marked }, { default: purify }]) => {
      const raw = await marked.parse(text.replace(frontMatter, ''), { gfm: true })
      const clean = purify.sanitize(raw, { FORBID_TAGS: ['style', 'form', 'input', 'button', 'iframe', 'img', 'audio', 'video', 'svg', 'math'], FORBID_ATTR: ['style', 'id', 'class', 'name'] })
      if (current) setHtml(clean)
    })
    return () => {
      current = false
    }
  }, [text])
  if (html === undefined) return <div className="skeleton" style={{ height: 60 }} />
  return (
    <div
      className="prose"
      dangerouslySetInnerHTML={{ __html: html }}
      onClick={(e) => {
        const link = (e.target as HTMLElement).closest('a')
        if (link) {
          link.target = '_blank'
          link.rel = 'noopener noreferrer'
        }
      }}
    />
  )
}

import type { ReactNode } from 'react'

export const Facts = ({ children }: { children: ReactNode }) => <dl className="facts">{children}</dl>

export function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

/** A text of the server, with what stands in backticks as code. */
export const Ticks = ({ text }: { text: string }) => text.split(/(`[^`]+`)/).map((part, i) => (i % 2 ? <code key={i}>{part.slice(1, -1)}</code> : part))

import { useEffect, useRef, useState, type ReactNode } from 'react'
import { X } from 'lucide-react'
import { Button, IconButton } from './button'
import { Notice } from './states'

/** The browser's own dialog: focus stays inside, Escape closes it. */
export function Dialog({ title, onClose, children, footer, wide, onSubmit }: {
  title: string
  onClose: () => void
  children: ReactNode
  footer?: ReactNode
  wide?: boolean
  onSubmit?: () => void
}) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = ref.current!
    if (!dialog.open) dialog.showModal()
    return () => dialog.close()
  }, [])
  return (
    <dialog
      ref={ref}
      className={`dialog${wide ? ' wide' : ''}`}
      aria-label={title}
      onCancel={(e) => {
        e.preventDefault()
        onClose()
      }}
      onClick={(e) => e.target === ref.current && onClose()}
    >
      <form
        onSubmit={(e) => {
          e.preventDefault()
          onSubmit?.()
        }}
      >
        <header>
          <h2>{title}</h2>
          <IconButton label="Close" small onClick={onClose}>
            <X size={15} />
          </IconButton>
        </header>
        <div className="content">{children}</div>
        {footer && <footer>{footer}</footer>}
      </form>
    </dialog>
  )
}

/** Asks before something happens, and shows why it did not. */
export function Confirm({ title, children, action, danger, onConfirm, onClose, disabled }: {
  title: string
  children?: ReactNode
  action: string
  danger?: boolean
  disabled?: boolean
  onConfirm: () => Promise<unknown>
  onClose: () => void
}) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const confirm = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await onConfirm()
      onClose()
    } catch (e) {
      setError((e as Error).message)
      setBusy(false)
    }
  }
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={confirm}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look={danger ? 'danger' : 'primary'} disabled={busy || disabled}>
            {action}
          </Button>
        </>
      }
    >
      {children}
      {error && <Notice tone="bad">{error}</Notice>}
    </Dialog>
  )
}

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import '@fontsource-variable/inter/wght.css'
import './design/tokens.css'
import './design/base.css'
import './design/components.css'
import './shell/shell.css'
import { ApiError } from './api/http'
import { applyTheme } from './lib/theme'
import { App } from './app'

applyTheme()

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1000,
      // The server's own answers do not change by asking again; a network that failed once may.
      retry: (failures, error) => failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 502),
      refetchIntervalInBackground: false,
    },
  },
})

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
)

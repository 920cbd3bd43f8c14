import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The host that the development server passes API calls to.
const host = process.env.MLOPS_HOST ?? 'http://127.0.0.1:7071'

export default defineConfig({
  plugins: [react()],
  // The same files answer at `/` and at `/w/{workspace}/`, so every address in them is relative.
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Inlined files would need `data:` in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // ELK's layout engine is one file of 1.5 MB that only the graph loads, in a worker.
    chunkSizeWarningLimit: 1700,
    rollupOptions: {
      output: {
        manualChunks(id: string) {
          if (/node_modules\/(react|react-dom|scheduler|@tanstack)\//.test(id)) return 'vendor'
          return undefined
        },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/ajax-api', '/models', '/alerts', '/health', '/version', '/w', '/openapi'].map((path) => [path, host]),
    ),
  },
})

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

// The host that the development server passes API calls to.
const host = process.env.MLOPS_HOST ?? 'http://127.0.0.1:7071'

/** Leaves each text compressed, as it is sent; what is compressed already stays as it is. */
function compressed(): Plugin {
  let out = ''
  return {
    name: 'compressed',
    apply: 'build',
    configResolved: (config) => {
      out = config.build.outDir
    },
    closeBundle() {
      for (const name of readdirSync(out, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(html|js|css|svg)$/.test(name)) continue
        const file = join(out, name)
        const bytes = readFileSync(file)
        const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }
        writeFileSync(file + '.br', brotliCompressSync(bytes, options))
        writeFileSync(file + '.gz', gzipSync(bytes, { level: 9 }))
        rmSync(file)
      }
    },
  }
}

export default defineConfig({
  plugins: [react(), compressed()],
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
      ['/api', '/ajax-api', '/models', '/model-versions', '/alerts', '/health', '/version', '/w', '/openapi'].map((path) => [path, host]),
    ),
  },
})

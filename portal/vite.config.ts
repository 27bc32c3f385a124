import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Where `npm run dev` finds a running hub.
const hub = process.env.YIMEN_HUB ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [
    vue(),
    // Only the Element Plus components that templates name end up in the bundle, each with its own style.
    Components({ dts: 'src/components.d.ts', dirs: [], resolvers: [ElementPlusResolver({ importStyle: 'css' })] }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: 'target/classes/META-INF/resources',
    emptyOutDir: true,
    sourcemap: false,
    assetsInlineLimit: 2048,
    // No inline script: the hub forbids them by its content security policy.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: { host: '127.0.0.1', proxy: { '/api': { target: hub } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'], server: { deps: { inline: ['element-plus'] } } },
})

// Runs one step of the build, and only when its inputs changed since it last succeeded.
// Called by Maven: `node build/step.mjs install|build|test`.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const portal = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const sources = ['../openapi/yimen.yaml', 'src', 'public', 'index.html', 'package.json', 'package-lock.json',
  'vite.config.ts', 'tsconfig.json', 'eslint.config.js', 'build']

const steps = {
  // The stamp lies in node_modules, so that it goes when the packages go.
  install: { npm: ['ci'], inputs: ['package.json', 'package-lock.json'], stamp: 'node_modules/.package-lock.sha256', product: 'node_modules/vue' },
  build: { npm: ['run', 'build'], inputs: sources, stamp: 'target/portal-build.sha256', product: 'target/classes/META-INF/resources/index.html' },
  test: { npm: ['run', 'test'], inputs: sources, stamp: 'target/portal-test.sha256' },
}

function* files(path) {
  if (!statSync(path).isDirectory()) {
    yield path
    return
  }
  for (const name of readdirSync(path).sort()) {
    // Written by the build itself.
    if (name !== 'schema.d.ts') yield* files(join(path, name))
  }
}

function digest(inputs) {
  const hash = createHash('sha256').update(process.version)
  for (const input of inputs) {
    for (const file of files(join(portal, input))) {
      hash.update(file.slice(portal.length)).update('\0').update(readFileSync(file)).update('\0')
    }
  }
  return hash.digest('hex')
}

const name = process.argv[2]
const step = steps[name]
if (!step) {
  console.error(`Unknown step "${name}". Use one of: ${Object.keys(steps).join(', ')}.`)
  process.exit(2)
}
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`The portal is built with Node 20.19 or newer, this is ${process.versions.node}. Install a newer Node.`)
  process.exit(1)
}
const stamp = join(portal, step.stamp)
const now = digest(step.inputs)
const current = existsSync(stamp) && readFileSync(stamp, 'utf8') === now
if (current && (!step.product || existsSync(join(portal, step.product)))) {
  console.log(`portal: ${name} is up to date`)
  process.exit(0)
}
rmSync(stamp, { force: true })
const started = Date.now()
// Quiet when it goes well; everything that was said when it does not.
const done = spawnSync('npm', ['--no-progress', ...step.npm], {
  cwd: portal,
  shell: process.platform === 'win32',
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
})
if (done.status !== 0) {
  console.error(done.stdout ?? '', done.stderr ?? '', done.error ? `npm could not be started: ${done.error.message}` : '')
  process.exit(done.status || 1)
}
mkdirSync(dirname(stamp), { recursive: true })
writeFileSync(stamp, now)
console.log(`portal: ${name} done in ${((Date.now() - started) / 1000).toFixed(1)} s`)

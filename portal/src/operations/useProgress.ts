import { onScopeDispose, ref, shallowRef } from 'vue'
import type { Run } from '@/api/client'
import { Rates } from './runs'

/** Follows the runs as the hub reports them. The browser reconnects by itself. */
export function useProgress(onRun: (run: Run) => void) {
  const connected = ref(false)
  const now = ref(Date.now())
  const rates = shallowRef(new Rates())
  const source = new EventSource('/api/v1/progress')
  source.addEventListener('open', () => (connected.value = true))
  source.addEventListener('error', () => (connected.value = false))
  source.addEventListener('run', (event) => {
    const run = JSON.parse((event as MessageEvent<string>).data) as Run
    connected.value = true
    rates.value.report(run, Date.now())
    onRun(run)
  })
  const clock = setInterval(() => (now.value = Date.now()), 1000)
  onScopeDispose(() => {
    source.close()
    clearInterval(clock)
  })
  return { connected, now, rateOf: (run: Run) => rates.value.of(run, now.value) }
}

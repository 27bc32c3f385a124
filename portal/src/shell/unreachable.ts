import { ref } from 'vue'

/** The path that could not be opened because the hub does not answer. */
export const unreachable = ref<string>()

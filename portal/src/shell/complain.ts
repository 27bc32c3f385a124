import { ElMessage } from 'element-plus/es/components/message/index'
import 'element-plus/es/components/message/style/css'
import { asProblem, kindOf, textKeysOf, type ApiProblem } from '@/api/problem'
import { t } from '@/texts/texts'

/** Tells in passing why something was not done; `instead` says it better than the answer does. */
export function complain(thrown: unknown, instead?: (problem: ApiProblem) => string | undefined): ApiProblem {
  const problem = asProblem(thrown)
  const keys = textKeysOf(kindOf(problem.status))
  ElMessage.error({ message: `${t(keys.title)}：${instead?.(problem) ?? problem.problem.detail ?? t(keys.remedy)}`, duration: 8000 })
  return problem
}

import { ElMessage } from 'element-plus/es/components/message/index'
import 'element-plus/es/components/message/style/css'
import { api, ask } from '@/api/client'
import { askPurpose } from '@/ledgers/purpose'
import { complain } from '@/shell/complain'
import { t } from '@/texts/texts'

/** Everything held on somebody as a page to keep or print; nothing where no purpose is given. */
export async function downloadDossier(ledger: string, id: string, name: string): Promise<void> {
  const purpose = await askPurpose(t('dossier.what', { name }))
  if (!purpose) return
  try {
    const page = await ask(api.POST('/ledgers/{ledger}/{id}/dossier/document', { params: { path: { ledger, id } }, body: { purpose } }))
    const url = URL.createObjectURL(new Blob([page.html], { type: 'text/html;charset=utf-8' }))
    const link = document.createElement('a')
    link.href = url
    link.download = page.name
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
    ElMessage.success({ message: t('dossier.done'), duration: 5000 })
  } catch (thrown) {
    complain(thrown)
  }
}

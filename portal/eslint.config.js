import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

export default ts.config(
  { ignores: ['target/**', 'node_modules/**', 'src/api/schema.d.ts', 'src/components.d.ts'] },
  ...ts.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'always', normal: 'always', component: 'always' } }],
      'vue/multi-word-component-names': 'off',
      'vue/attributes-order': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/html-indent': 'off',
      'vue/no-v-html': 'error',
      // Every text lies in texts.ts.
      'vue/no-bare-strings-in-template': ['error', { allowlist: ['·', '—', '/', '→', '+', '%', '：', '（', '）', ',', '、', '0', '1', '2', '×', '↔', '⟷', '…', '<', '>', '≠', '✓', '=', '?'] }],
    },
  },
  { files: ['build/**'], rules: { 'no-console': 'off' } },
)

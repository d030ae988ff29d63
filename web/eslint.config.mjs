import vue from 'eslint-plugin-vue'
import a11y from 'eslint-plugin-vuejs-accessibility'
import tsParser from '@typescript-eslint/parser'
import vueParser from 'vue-eslint-parser'

const size = { 'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }] }

export default [
  { ignores: ['dist/**', 'generated/**', 'node_modules/**', 'public/**'] },
  ...vue.configs['flat/recommended'],
  ...a11y.configs['flat/recommended'],
  {
    files: ['**/*.ts', '**/*.vue'],
    languageOptions: {
      parser: vueParser,
      parserOptions: { parser: tsParser, sourceType: 'module', ecmaVersion: 'latest' },
    },
    rules: {
      'no-console': 'error',
      'no-debugger': 'error',
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      complexity: ['error', 12],
      'max-depth': ['error', 3],
      'max-params': ['error', 5],
      'vue/no-v-html': 'error',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/multi-word-component-names': 'off',
      'vue/require-default-prop': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
      // A number a component computed has no user text; a form's first field is where a page begins.
      'vuejs-accessibility/no-autofocus': 'off',
      // Addresses belong to the generated client.
      'no-restricted-syntax': [
        'error',
        { selector: 'Literal[value=/^\\u002Fapi\\u002F/]', message: 'Call the generated operation.' },
        { selector: 'TemplateElement[value.raw=/^\\u002Fapi\\u002F/]', message: 'Call the generated operation.' },
      ],
    },
  },
  { files: ['**/*.vue'], rules: size },
  // The service worker looks at addresses, it calls none.
  { files: ['tests/**', '**/*.test.ts', 'phone/sw.ts'], rules: { 'no-restricted-syntax': 'off' } },
]

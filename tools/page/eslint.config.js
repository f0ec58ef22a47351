// What eslint asks of the page's code. Layout is prettier's and types are tsc's; templates, which
// prettier leaves as they are, are kept to short lines here.
import js from "@eslint/js";
import {importX} from "eslint-plugin-import-x";
import globals from "globals";

export default [
  {ignores: ["**/vendor/**", "**/node_modules/**"]},
  js.configs.recommended,
  {
    files: ["**/*.js", "**/*.mjs"],
    plugins: {"import-x": importX},
    languageOptions: {globals: globals.browser},
    linterOptions: {reportUnusedDisableDirectives: "error"},
    rules: {
      "array-callback-return": "error",
      "consistent-return": "error",
      eqeqeq: ["error", "always", {null: "ignore"}],
      "import-x/first": "error",
      "import-x/no-cycle": "error",
      "import-x/no-duplicates": "error",
      "import-x/no-self-import": "error",
      "max-len": ["error", {code: 110}],
      "no-control-regex": "off", // the page shows control characters by name
      "no-constructor-return": "error",
      "no-implicit-coercion": ["error", {boolean: false}],
      "no-self-compare": "error",
      "no-shadow": ["error", {builtinGlobals: false}],
      "no-template-curly-in-string": "error",
      "no-unmodified-loop-condition": "error",
      "no-unused-vars": ["error", {args: "all", argsIgnorePattern: "^_"}],
      "no-use-before-define": ["error", {functions: false, classes: false, variables: false}],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "off",
    },
  },
  {files: ["tools/page/**", "tests/page/**"], languageOptions: {globals: globals.node}},
];

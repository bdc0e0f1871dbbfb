// Checks objects against a schema of JSON Schema 2020-12: `node schema.mjs SCHEMA OBJECT...`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";

const [schema, ...objects] = process.argv.slice(2);
const read = path => JSON.parse(readFileSync(path, "utf8"));
// strict: a keyword that the schema misspells is an error
const ajv = new Ajv2020.default({ strict: true, allowUnionTypes: true, allErrors: true });
const validate = ajv.compile(read(schema));
for (const path of objects) {
  assert.ok(validate(read(path)), `${path}: ${ajv.errorsText(validate.errors)}`);
  console.log(`ok: ${path} is as in the schema`);
}
const other = { ...read(objects[0]), surprise: 1 };
assert.ok(!validate(other), "a member that the schema lacks is refused");

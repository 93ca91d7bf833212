// node validate.cjs PACKAGES SCHEMA < [document, ...]  writes [[error, ...], ...]: for each document what the schema says against it.
const fs = require('node:fs');
const path = require('node:path');
const [packages, schemaFile] = process.argv.slice(2);
const fetch = require('node:module').createRequire(path.join(packages, 'package.json'));

const schema = JSON.parse(fs.readFileSync(schemaFile, 'utf8'));
const ours = schema.$schema === 'https://json-schema.org/draft/2020-12/schema';
const Ajv = fetch(ours ? 'ajv/dist/2020' : 'ajv').default;
const ajv = new Ajv({ allErrors: true, strict: ours, strictTypes: false });
fetch('ajv-formats').default(ajv);
const validate = ajv.compile(schema);

const parse = text => text.startsWith('{') ? JSON.parse(text) : fetch('js-yaml').load(text);
const errors = text => validate(parse(text)) ? [] : validate.errors.map(e => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
const documents = JSON.parse(fs.readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(documents.map(errors)));

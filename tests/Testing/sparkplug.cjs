// node sparkplug.cjs PACKAGES decode|encode < [base64 or payload, ...]  writes the payloads of Sparkplug B as JSON, or as base64.
const fs = require('node:fs');
const path = require('node:path');
const [packages, what] = process.argv.slice(2);
const sparkplug = require('node:module').createRequire(path.join(packages, 'package.json'))('sparkplug-payload').get('spBv1.0');

// 64-bit numbers are decoded as objects.
const plain = (_, value) => value !== null && typeof value === 'object' && 'low' in value && 'high' in value ? value.high * 2 ** 32 + (value.low >>> 0) : value;
const all = JSON.parse(fs.readFileSync(0, 'utf8'));
process.stdout.write(what === 'decode'
  ? JSON.stringify(all.map(text => sparkplug.decodePayload(Buffer.from(text, 'base64'))), plain)
  : JSON.stringify(all.map(payload => Buffer.from(sparkplug.encodePayload(payload)).toString('base64'))));

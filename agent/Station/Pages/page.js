const run = JSON.parse(document.getElementById('run').textContent);
const sorted = values => [...values].sort((a, b) => a - b);
const at = (values, q) => values.length ? sorted(values)[Math.min(values.length - 1, Math.floor(q * values.length))] : NaN;
const num = v => v === null ? '–' : v >= 999.5 ? String(Math.round(v)) : v.toPrecision(3);
const words = kind => kind.replaceAll('_', ' ');

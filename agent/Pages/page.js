'use strict';
const run = JSON.parse(document.getElementById('run').textContent);
const $ = id => document.getElementById(id);
const make = (tag, props = {}, ...children) => { const e = Object.assign(document.createElement(tag), props); e.append(...children); return e; };
const draw = (tag, attributes = {}, ...children) => {
  const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.append(...children);
  return e;
};
const sorted = values => [...values].sort((a, b) => a - b);
const at = (values, q) => values.length ? sorted(values)[Math.min(values.length - 1, Math.floor(q * values.length))] : NaN;
const num = v => v === null ? '–' : v.toPrecision(3);
const words = kind => kind.replaceAll('_', ' ');
$('theme').addEventListener('click', () => {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'light' : 'dark';
});

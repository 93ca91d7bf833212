// Compiles a dashboard against Grafana's own types. Arguments: the folder of node_modules, the JSON file. Prints the errors of the compiler as JSON.
'use strict';
const fs = require('fs');
const path = require('path');
const [packages, file] = process.argv.slice(2);
const ts = require(path.join(packages, 'node_modules', 'typescript'));

const dashboard = JSON.parse(fs.readFileSync(file));
const Kinds = { timeseries: 'timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen', 'state-timeline': 'statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen' };
const literal = value => JSON.stringify(value, null, 1);
const source = [
  'import type { Dashboard, AnnotationQuery } from "@grafana/schema";',
  ...Object.values(Kinds).map((module, i) => `import type { Options as O${i}, FieldConfig as F${i} } from "./node_modules/@grafana/schema/dist/esm/raw/composable/${module}";`),
  // JSON holds the values of enumerations instead of their members.
  'type Json<T> = T extends string ? (string extends T ? string : `${T}`) : T extends number ? (number extends T ? number : `${T}` extends `${infer N extends number}` ? N : never)',
  '  : T extends (infer U)[] ? Json<U>[] : T extends object ? { [K in keyof T]: Json<T[K]> } : T;',
  // The query of an annotation has the type of its data source, here Prometheus.
  'type Stations = Omit<Json<Dashboard>, "annotations"> & { annotations: { list: (Json<AnnotationQuery> & Record<"expr" | "titleFormat" | "textFormat", string>)[] } };',
  `export const dashboard: Stations = ${literal(dashboard)};`,
  ...dashboard.panels.flatMap((panel, i) => {
    const kind = Object.keys(Kinds).indexOf(panel.type);
    return kind < 0 ? [`export const panel${i}: "one of ${Object.keys(Kinds)}" = ${literal(panel.type)};`] : [
      `export const options${i}: Partial<Json<O${kind}>> = ${literal(panel.options ?? {})};`,
      `export const field${i}: Json<F${kind}> = ${literal(panel.fieldConfig?.defaults?.custom ?? {})};`];
  }),
].join('\n');

const name = path.join(packages, 'grafana-dashboard.ts');
const options = { strict: true, noEmit: true, skipLibCheck: true, types: [], target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
const host = ts.createCompilerHost(options), read = host.getSourceFile;
host.getSourceFile = (wanted, ...rest) => wanted === name ? ts.createSourceFile(name, source, options.target) : read(wanted, ...rest);
const program = ts.createProgram([name], options, host);
console.log(JSON.stringify(ts.getPreEmitDiagnostics(program).map(d => {
  const line = d.file === undefined ? 0 : d.file.getLineAndCharacterOfPosition(d.start).line;
  return `${ts.flattenDiagnosticMessageText(d.messageText, ' ')} at: ${d.file?.fileName === name ? source.split('\n')[line].trim() : d.file?.fileName}`;
})));

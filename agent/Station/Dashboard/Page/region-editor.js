'use strict';
// Draws polygons over a picture with mouse, touch and keyboard. Shapes are those of the API: kind, name, threshold, min_area_px, points in px of the picture.
const editor = { width: 4, height: 3, shapes: [], selected: null, drawing: null, cursor: [2, 1.5], drag: null, changed: () => {} };

const svg = $('shapes');
const MaxPoints = 200, MinPoints = 3;
const round = v => Math.round(v * 10) / 10;
const within = ([x, y]) => [round(Math.min(editor.width, Math.max(0, x))), round(Math.min(editor.height, Math.max(0, y)))];
const called = (shape, i) => shape.name || `region ${i + 1}`;
// Picture px for each px of the screen.
const scale = () => editor.width / (svg.getBoundingClientRect().width || editor.width);
const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) / scale();

function placeOf(event) {
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  return within([x, y]);
}

function show(width, height, shapes) {
  Object.assign(editor, { width, height, shapes, selected: null, drawing: null, drag: null, cursor: [width / 2, height / 2] });
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  render();
}

// --- drawing ---------------------------------------------------------------------------------------------------------

function begin() {
  Object.assign(editor, { drawing: [], selected: null });
  render();
  svg.focus({ preventScroll: true });
}

function addCorner(place) {
  editor.drawing ??= [];
  editor.selected = null;
  const last = editor.drawing.at(-1);
  // The second click of a double click.
  if (last && distance(last, place) < 3) return;
  if (editor.drawing.length < MaxPoints) editor.drawing.push(place);
  render();
}

function close() {
  if ((editor.drawing?.length ?? 0) < MinPoints) return;
  editor.shapes.push({ kind: 'ignore', points: editor.drawing });
  Object.assign(editor, { drawing: null, selected: editor.shapes.length - 1 });
  changed();
}

function takeBack() {
  if (!editor.drawing) return;
  editor.drawing.pop();
  if (!editor.drawing.length) editor.drawing = null;
  render();
}

function select(i) {
  if (editor.drawing) return;
  editor.selected = i;
  render();
}

function remove(i) {
  editor.shapes.splice(i, 1);
  editor.selected = null;
  svg.focus({ preventScroll: true });
  changed();
}

function removeCorner(corner) {
  const { points } = editor.shapes[editor.selected];
  if (points.length === MinPoints) { say('A region needs three corners: delete the region instead.'); return; }
  points.splice(corner, 1);
  changed(`corner-${Math.min(corner, points.length - 1)}`);
}

// Moves a region as far as it stays within the picture.
function move(points, dx, dy) {
  const xs = points.map(p => p[0]), ys = points.map(p => p[1]);
  dx = Math.min(editor.width - Math.max(...xs), Math.max(-Math.min(...xs), dx));
  dy = Math.min(editor.height - Math.max(...ys), Math.max(-Math.min(...ys), dy));
  return points.map(([x, y]) => within([x + dx, y + dy]));
}

function changed(focus) {
  editor.changed();
  render(focus);
}

const say = text => { $('step').textContent = text; };

// --- the picture -----------------------------------------------------------------------------------------------------

function render(focus = document.activeElement?.dataset?.key) {
  const { shapes, drawing, selected, width, height } = editor, px = scale(), list = points => points.map(p => p.join(',')).join(' ');
  svg.classList.toggle('drawing', drawing !== null);
  const only = shapes.some(s => s.kind === 'inspect');
  const mask = draw('mask', { id: 'left-out' }, draw('rect', { width, height, fill: only ? '#fff' : '#000' }),
    ...shapes.filter(s => s.kind !== 'ignore').map(s => draw('polygon', { points: list(s.points), style: 'fill: #000; stroke: none' })),
    ...shapes.filter(s => s.kind === 'ignore').map(s => draw('polygon', { points: list(s.points), style: 'fill: #fff; stroke: none' })));
  svg.replaceChildren(mask, draw('rect', { width, height, class: 'dim', mask: 'url(#left-out)' }), ...shapes.flatMap((s, i) => [
    draw('polygon', { points: list(s.points), class: 'halo' }),
    draw('polygon', { points: list(s.points), class: `${s.kind}${i === selected ? ' selected' : ''}`, tabindex: 0, role: 'button', 'aria-label': `${called(s, i)}, ${s.kind}`, 'aria-pressed': i === selected, 'data-shape': i, 'data-key': `shape-${i}` }),
    draw('text', { x: labelAt(s)[0], y: labelAt(s)[1], 'font-size': 14 * px, 'stroke-width': 3 * px, 'text-anchor': 'middle' }, called(s, i)),
  ]), ...(drawing ? open(drawing, px, list) : []), ...(selected === null ? [] : shapes[selected].points.flatMap(([x, y], i) => [
    // A finger needs more than what is seen.
    draw('circle', { cx: x, cy: y, r: 18 * px, class: 'grip', 'data-corner': i }),
    draw('circle', { cx: x, cy: y, r: 6 * px, tabindex: 0, role: 'button', 'aria-label': `Corner ${i + 1} of ${called(shapes[selected], selected)}, at ${x}, ${y}`, 'data-corner': i, 'data-key': `corner-${i}` }),
  ])), ...['v', 'h'].map(d => draw('line', { class: 'cursor', ...cross(d) })));
  if (focus) svg.querySelector(`[data-key="${focus}"]`)?.focus({ preventScroll: true });
  $('close').disabled = (drawing?.length ?? 0) < MinPoints;
  $('back').disabled = !drawing?.length;
  $('new').disabled = drawing !== null;
  say(drawing === null ? '' : drawing.length === 0 ? 'Set the first corner.' : drawing.length < MinPoints ? `${drawing.length} of at least 3 corners.` : `${drawing.length} corners: double-click, tap the first one, or press Enter to close.`);
  document.dispatchEvent(new Event('shapes'));
}

const open = (points, px, list) => [
  draw('polyline', { points: list(points), class: 'halo' }), draw('polyline', { points: list(points) }),
  ...points.map(([x, y], i) => draw('circle', { cx: x, cy: y, r: (i ? 4 : 7) * px, class: i ? '' : 'first', style: 'pointer-events: none' }))];

const labelAt = ({ points }) => [points.reduce((sum, p) => sum + p[0], 0) / points.length, points.reduce((sum, p) => sum + p[1], 0) / points.length];
const cross = d => d === 'v' ? { x1: editor.cursor[0], x2: editor.cursor[0], y1: 0, y2: editor.height } : { x1: 0, x2: editor.width, y1: editor.cursor[1], y2: editor.cursor[1] };

// --- mouse and touch -------------------------------------------------------------------------------------------------

svg.addEventListener('pointerdown', event => {
  svg.classList.remove('keys');
  if (!event.isPrimary || event.button !== 0 || svg.dataset.off) return;
  const place = placeOf(event), { corner, shape } = event.target.dataset;
  if (editor.drawing) { editor.drag = { down: place }; svg.setPointerCapture(event.pointerId); return; }
  if (corner !== undefined) editor.drag = { corner: Number(corner), moved: false };
  else if (shape !== undefined) { select(Number(shape)); editor.drag = { from: place, points: editor.shapes[editor.selected].points, moved: false }; } else select(null);
  if (editor.drag) svg.setPointerCapture(event.pointerId);
});

svg.addEventListener('pointermove', event => {
  const { drag } = editor;
  if (!drag || !event.isPrimary || drag.down) return;
  const place = placeOf(event), target = editor.shapes[editor.selected];
  if (drag.corner !== undefined) target.points[drag.corner] = place;
  else if (drag.moved || distance(drag.from, place) > 4) target.points = move(drag.points, place[0] - drag.from[0], place[1] - drag.from[1]);
  else return;
  drag.moved = true;
  render();
});

svg.addEventListener('pointerup', event => {
  const { drag } = editor;
  editor.drag = null;
  if (!drag || !event.isPrimary) return;
  if (drag.moved) { changed(); return; }
  if (!drag.down || !editor.drawing) return;
  const place = placeOf(event), [first] = editor.drawing;
  if (editor.drawing.length >= MinPoints && distance(first, place) < (event.pointerType === 'touch' ? 22 : 9)) close();
  else addCorner(place);
});
svg.addEventListener('pointercancel', () => { editor.drag = null; });
svg.addEventListener('dblclick', close);

// --- keyboard --------------------------------------------------------------------------------------------------------

const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

svg.addEventListener('keydown', event => {
  if (event.ctrlKey || event.altKey || event.metaKey || svg.dataset.off) return;
  const { corner, shape } = event.target.dataset, arrow = arrows[event.key], step = event.shiftKey ? 1 : Math.max(1, editor.width / 100);
  const act = corner !== undefined ? cornerKey(Number(corner), event.key, arrow, step) : shape !== undefined ? shapeKey(Number(shape), event.key, arrow, step) : canvasKey(event.key, arrow, step);
  if (!act) return;
  event.preventDefault();
  act();
});

function cornerKey(corner, key, arrow, step) {
  const { points } = editor.shapes[editor.selected];
  if (arrow) return () => { points[corner] = within([points[corner][0] + arrow[0] * step, points[corner][1] + arrow[1] * step]); changed(); };
  if (key === 'Delete' || key === 'Backspace') return () => removeCorner(corner);
  return key === 'Escape' ? () => { select(null); svg.focus(); } : null;
}

function shapeKey(i, key, arrow, step) {
  if (key === 'Enter' || key === ' ') return () => select(i);
  if (arrow && i === editor.selected) return () => { editor.shapes[i].points = move(editor.shapes[i].points, arrow[0] * step, arrow[1] * step); changed(); };
  if (key === 'Delete' || key === 'Backspace') return () => remove(i);
  return key === 'Escape' ? () => { select(null); svg.focus(); } : null;
}

function canvasKey(key, arrow, step) {
  svg.classList.add('keys');
  if (arrow) return () => { editor.cursor = within([editor.cursor[0] + arrow[0] * step, editor.cursor[1] + arrow[1] * step]); render(); if (!editor.drawing) say(`Cursor at ${editor.cursor.join(', ')}.`); };
  if (key === ' ') return () => addCorner([...editor.cursor]);
  if (key === 'Enter') return () => editor.drawing?.length >= MinPoints ? close() : addCorner([...editor.cursor]);
  return key === 'Escape' || key === 'Backspace' ? editor.drawing ? takeBack : () => select(null) : null;
}

$('new').addEventListener('click', begin);
$('close').addEventListener('click', close);
$('back').addEventListener('click', takeBack);
addEventListener('resize', () => render());

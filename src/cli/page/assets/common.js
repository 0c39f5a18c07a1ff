'use strict';
/* What all pages use: their data, elements, numbers and colours. */

/* ---- the page's data ---- */

function pageData() {
  return JSON.parse(document.getElementById('data').textContent);
}

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

/* ---- elements. Names come from strangers' files: they are only ever set as text. ---- */

function byId(id) {
  return document.getElementById(id);
}

function setText(id, text) {
  byId(id).textContent = text;
}

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function svgElement(tag, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const name in attributes) made.setAttribute(name, attributes[name]);
  if (text !== undefined) made.textContent = text;
  return made;
}

/* A cell of a table's head: scope is "row" or "col". Long names are cut by the style; the title has all of them. */
function headCell(text, scope) {
  const cell = element('th', text);
  cell.scope = scope;
  cell.title = text;
  return cell;
}

/* A table with a caption, a head and rows: each row is [its name, cell, cell, ...], the cells as texts. */
function table(caption, head, rows, className) {
  const made = element('table', undefined, className);
  made.append(element('caption'));
  made.lastChild.append(element('span', caption));
  if (head.length > 0) {
    const line = element('tr');
    for (const name of head) line.append(headCell(name, 'col'));
    made.append(element('thead'));
    made.lastChild.append(line);
  }
  const body = element('tbody');
  for (const row of rows) {
    const line = element('tr');
    line.append(headCell(row[0], 'row'));
    for (const cell of row.slice(1)) line.append(element('td', cell));
    body.append(line);
  }
  made.append(body);
  return made;
}

function option(text, value) {
  const made = element('option', text);
  made.value = value;
  return made;
}

/* ---- numbers ---- */

/* With six decimals, and a minus sign that is read aloud; very large and very small ones with an exponent. */
function digits(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const text = size === 0 ? '0' : size < 1e-4 || size >= 1e7 ? size.toExponential(4) : size.toFixed(6);
  return value < 0 ? '−' + text : text;
}

function percent(part) {
  return (100 * part).toFixed(1) + ' %';
}

/* ---- colours ---- */

/* The colours of classes, as in the figures; a class beyond the tenth has the first one's again and another shape. */
const CLASS_COLOURS = [[15, 90, 166], [255, 191, 31], [204, 51, 17], [95, 192, 160], [110, 110, 110],
                       [180, 127, 214], [58, 68, 150], [141, 184, 46], [108, 197, 242], [165, 101, 42]];

function classColour(index) {
  return CLASS_COLOURS[index % CLASS_COLOURS.length];
}

/* A colour of the style as [red, green, blue]. */
function themeColour(name) {
  const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim().slice(1);
  return [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

function mixed(from, to, part) {
  return from.map((value, i) => value + part * (to[i] - value));
}

function css(colour) {
  return 'rgb(' + colour.map(Math.round).join(' ') + ')';
}

/* The marker of a class around the origin: circle, square, triangle or diamond. */
function tracePoint(context, index, x, y, radius) {
  const corners = [0, 4, 3, 4][index % 4];
  context.beginPath();
  if (corners === 0) {
    context.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  const start = index % 4 === 1 ? Math.PI / 4 : -Math.PI / 2;
  for (let i = 0; i < corners; i++) {
    const angle = start + 2 * Math.PI * i / corners;
    context.lineTo(x + 1.25 * radius * Math.cos(angle), y + 1.25 * radius * Math.sin(angle));
  }
  context.closePath();
}

function drawMarker(context, index, x, y, radius) {
  tracePoint(context, index, x, y, radius);
  context.fillStyle = css(classColour(index));
  context.fill();
  context.strokeStyle = css(mixed(classColour(index), [0, 0, 0], 0.6));
  context.lineWidth = 1;
  context.stroke();
}

/* A list of the classes, each with its marker. */
function fillClassLegend(list, names) {
  names.forEach((name, index) => {
    const item = element('li');
    const canvas = element('canvas');
    canvas.width = canvas.height = 36;
    const context = canvas.getContext('2d');
    drawMarker(context, index, 18, 18, 11);
    item.append(canvas, element('span', name));
    list.append(item);
  });
}

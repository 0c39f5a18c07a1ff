/* Matrices as pictures of colours, and as tables. */

const MOST_CELLS = 60; // rows and columns of a table

function largestOf(values) {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

/* Draws a matrix (rows, columns), a cell a pixel which the style enlarges: orange above 0, blue below. One that is
 * higher than wide lies on its side. */
function drawMatrix(canvas, values, rows, columns) {
  const turned = rows > columns, width = turned ? rows : columns, height = turned ? columns : rows;
  const zero = themeColour('--zero'), above = themeColour('--positive'), below = themeColour('--negative');
  const largest = largestOf(values) || 1, picture = new ImageData(width, height);
  values.forEach((value, i) => {
    const row = Math.floor(i / columns), column = i % columns;
    const place = turned ? column * width + row : row * width + column;
    const colour = mixed(zero, value > 0 ? above : below, Math.abs(value) / largest);
    picture.data.set([...colour.map(Math.round), 255], 4 * place);
  });
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d').putImageData(picture, 0, 0);
  canvas.style.imageRendering = 'pixelated';
  canvas.style.height = Math.max(28, Math.min(320, 22 * height)) + 'px';
}

function matrixText(name, values, rows, columns) {
  return `${name} is (${rows}, ${columns})${rows > columns ? ', on its side here' : ''}: orange above 0, blue below, ` +
         `the strongest colour is ${digits(largestOf(values))}`;
}

/* A table of the matrix's first rows and columns. value(r, c) is the number. */
function matrixTable(caption, rowNames, columnNames, value) {
  const rows = rowNames.slice(0, MOST_CELLS), columns = columnNames.slice(0, MOST_CELLS);
  const cut = rows.length < rowNames.length || columns.length < columnNames.length;
  const note = cut ? ` (the first ${rows.length} of ${rowNames.length} rows, ${columns.length} of ${columnNames.length} columns)` : '';
  return table(caption + note, ['', ...columns],
               rows.map((name, r) => [name, ...columns.map((_, c) => digits(value(r, c)))]));
}

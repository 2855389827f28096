// Narrows a list while somebody types: a row says in `data-find` by which words it is found.

/** Hide the rows in which what was typed does not occur. */
export function filterRows(input, rows) {
  const wanted = input.value.trim().toLowerCase();
  for (const row of rows) row.hidden = wanted !== "" && !row.dataset.find.includes(wanted);
}
